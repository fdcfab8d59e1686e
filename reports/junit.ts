// The run as JUnit XML. An inconclusive scenario is an error there: it is not a pass, and not the system's failure.
import type { Verdict } from "../harness/drill/result.ts";
import { exact, type Markup } from "./markup.ts";
import type { MergedScenario } from "./merge.ts";
import type { ReportModel } from "./model.ts";
import { errorsOf, reasonOf } from "./severity.ts";

export function junit({ runs, result, scenarios }: ReportModel): string {
  const distinct = (values: readonly string[]): string => [...new Set(values)].join(" ");
  const properties = {
    seed: distinct(runs.map(({ record }) => String(record.seed))),
    replay: result.replay,
    commit: distinct(runs.flatMap(({ record }) => record.commit ?? [])),
    version: distinct(runs.map(({ record }) => record.version)),
  };
  const groups = Map.groupBy(scenarios, ({ id }) => id.split("/")[0] ?? "");
  return exact`<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="falkordrill" ${totals(scenarios)}>
${[...groups].map(([group, cases]) => suite(group, cases, properties))}</testsuites>
`.text;
}

function suite(group: string, cases: readonly MergedScenario[], properties: Readonly<Record<string, string>>): Markup {
  const lines = Object.entries(properties).map(
    ([name, value]) => exact`      <property name="${name}" value="${value}"/>
`,
  );
  return exact`  <testsuite name="${group}" ${totals(cases)}>
    <properties>
${lines}    </properties>
${cases.map(testCase)}  </testsuite>
`;
}

function totals(scenarios: readonly MergedScenario[]): Markup {
  const count = (verdict: Verdict): number => scenarios.filter((scenario) => scenario.verdict === verdict).length;
  const seconds = scenarios.reduce((sum, { durationMs }) => sum + durationMs, 0) / 1000;
  return exact`tests="${scenarios.length}" failures="${count("fail")}" errors="${count("inconclusive")}" time="${seconds}"`;
}

function testCase(scenario: MergedScenario): Markup {
  const [group = "", ...claim] = scenario.id.split("/");
  const head = exact`    <testcase classname="${group}" name="${claim.join("/")}" time="${scenario.durationMs / 1000}"`;
  if (scenario.verdict === "pass")
    return exact`${head}/>
`;
  const errors = errorsOf(scenario);
  const lines = errors.map((finding) => `${finding.code} ${finding.subject}: ${finding.message}`);
  const about = exact`type="${errors[0]?.code ?? scenario.verdict}" message="${reasonOf(scenario)}"`;
  const body = [...lines, `replay: ${scenario.replay}`].join("\n");
  const problem =
    scenario.verdict === "fail" ? exact`<failure ${about}>${body}</failure>` : exact`<error ${about}>${body}</error>`;
  return exact`${head}>
      ${problem}
    </testcase>
`;
}

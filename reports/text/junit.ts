// The run as JUnit XML. An inconclusive scenario is an error there: it is not a pass, and not the system's failure.
import type { Verdict } from "../../harness/record/result.ts";
import { causeLines } from "../cause-lines.ts";
import { findingGroups } from "../findings/finding-groups.ts";
import { exact, type Markup } from "../html/markup.ts";
import type { MergedScenario } from "../model/merge.ts";
import type { ReportModel } from "../model/model.ts";
import { runFacts, scenarioFacts, scenarioSpan, spanOf } from "../model/run-facts.ts";
import { reasonForVerdict } from "../findings/severity.ts";

export function junit(model: ReportModel): string {
  const groups = Map.groupBy(model.scenarios, ({ id }) => id.split("/")[0] ?? "");
  const facts = runFacts(model);
  return exact`<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="falkordrill" ${totals(model.scenarios)} timestamp="${iso(spanOf(model).startMs)}">
${[...groups].map(([group, cases]) => suite(group, cases, facts))}</testsuites>
`.text;
}

type Facts = Readonly<Record<string, string>>;

function suite(group: string, cases: readonly MergedScenario[], facts: Facts): Markup {
  const startMs = Math.min(...cases.map((scenario) => scenarioSpan(scenario).startMs));
  return exact`  <testsuite name="${group}" ${totals(cases)} timestamp="${iso(startMs)}">
${properties(facts, "    ")}${cases.map(testCase)}  </testsuite>
`;
}

function properties(facts: Facts, indent: string): Markup {
  const lines = Object.entries(facts).map(
    ([name, value]) => exact`${indent}  <property name="${name}" value="${value}"/>
`,
  );
  return exact`${indent}<properties>
${lines}${indent}</properties>
`;
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}

function totals(scenarios: readonly MergedScenario[]): Markup {
  const count = (verdict: Verdict): number => scenarios.filter((scenario) => scenario.verdict === verdict).length;
  const seconds = scenarios.reduce((sum, { durationMs }) => sum + durationMs, 0) / 1000;
  return exact`tests="${scenarios.length}" failures="${count("fail")}" errors="${count("inconclusive")}" time="${seconds}"`;
}

function testCase(scenario: MergedScenario): Markup {
  const group = scenario.id.split("/")[0] ?? "";
  return exact`    <testcase classname="${group}" name="${scenario.id}" time="${scenario.durationMs / 1000}">
${properties(scenarioFacts(scenario), "      ")}${problem(scenario)}    </testcase>
`;
}

function problem(scenario: MergedScenario): Markup {
  if (scenario.verdict === "pass") return exact``;
  const [first] = findingGroups([scenario]);
  const about = exact`type="${first?.code ?? scenario.verdict}" message="${reasonForVerdict(scenario)}"`;
  const body = causeLines(scenario).join("\n");
  return scenario.verdict === "fail"
    ? exact`      <failure ${about}>${body}</failure>
`
    : exact`      <error ${about}>${body}</error>
`;
}

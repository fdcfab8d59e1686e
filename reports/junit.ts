// The run as JUnit XML. An inconclusive scenario is an error there: it is not a pass, and not the system's failure.
import type { DrillResult, ScenarioResult } from "../harness/drill/result.ts";

export function junit(result: DrillResult): string {
  const count = (verdict: ScenarioResult["verdict"]): number =>
    result.scenarios.filter((scenario) => scenario.verdict === verdict).length;
  const seconds = result.scenarios.reduce((sum, scenario) => sum + scenario.durationMs, 0) / 1000;
  const totals = `tests="${result.scenarios.length}" failures="${count("fail")}" errors="${count("inconclusive")}"`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="falkordrill" ${totals} time="${seconds}">`,
    `  <testsuite name="falkordrill" ${totals} time="${seconds}">`,
    "    <properties>",
    `      <property name="seed" value="${result.seed}"/>`,
    `      <property name="replay" value="${xml(result.replay)}"/>`,
    "    </properties>",
    ...result.scenarios.map(testCase),
    "  </testsuite>",
    "</testsuites>",
    "",
  ].join("\n");
}

function testCase(scenario: ScenarioResult): string {
  const [group = "", ...claim] = scenario.id.split("/");
  const head = `    <testcase classname="${xml(group)}" name="${xml(claim.join("/"))}" time="${scenario.durationMs / 1000}">`;
  const errors = scenario.findings.filter((finding) => finding.severity === "error");
  if (scenario.verdict === "pass") return `${head}</testcase>`;
  const tag = scenario.verdict === "fail" ? "failure" : "error";
  const first = errors[0];
  const text = errors.map((finding) => `${finding.code} ${finding.subject}: ${finding.message}`).join("\n");
  const body = `      <${tag} type="${xml(first?.code ?? scenario.verdict)}" message="${xml(first?.message ?? "")}">`;
  return `${head}\n${body}${xml(`${text}\nreplay: ${scenario.replay}`)}</${tag}>\n    </testcase>`;
}

function xml(text: string): string {
  return (
    text
      .replaceAll("&", "&amp;")
      .replaceAll("<", "&lt;")
      .replaceAll('"', "&quot;")
      // XML 1.0 has no way to write most control characters, not even escaped.
      .replaceAll(/[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu, "\u{FFFD}")
  );
}

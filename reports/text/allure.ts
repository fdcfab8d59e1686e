// The run as a folder of Allure results. An inconclusive scenario is "broken" there, as it is an error in JUnit: it is not
// a pass, and not the system's failure.
import { LabelName, Stage, Status, type TestResult } from "allure-js-commons";
import { createStepResult, createTestResult, md5, stringifyEnvInfo } from "allure-js-commons/sdk/reporter";
import { sha256Of } from "../../harness/base/files/sha256.ts";
import { causeLines } from "../cause-lines.ts";
import type { MergedScenario } from "../model/merge.ts";
import type { ReportModel } from "../model/model.ts";
import { runFacts, scenarioFacts, scenarioSpan } from "../model/run-facts.ts";
import { exitWords, findingsOf, reasonForVerdict } from "../findings/severity.ts";

const statuses = { pass: Status.PASSED, fail: Status.FAILED, inconclusive: Status.BROKEN } as const;

/** File name to content. The same run gives the same files, so a result that is written twice is not counted twice. */
export function allureResults(model: ReportModel): ReadonlyMap<string, string> {
  const files = new Map([["environment.properties", stringifyEnvInfo(runFacts(model))]]);
  for (const scenario of model.scenarios) {
    const uuid = uuidOf(`${scenario.run.record.startedAt} ${scenario.run.directory} ${scenario.id}`);
    const findings = findingsOf(scenario);
    const evidence = `${uuid}-attachment.json`;
    if (findings.length > 0) files.set(evidence, `${JSON.stringify(findings, undefined, 2)}\n`);
    files.set(
      `${uuid}-result.json`,
      `${JSON.stringify(testResult(uuid, scenario, findings.length > 0 ? evidence : undefined))}\n`,
    );
  }
  return files;
}

function testResult(uuid: string, scenario: MergedScenario, evidence: string | undefined): TestResult {
  const [group = "", ...claim] = scenario.id.split("/");
  const { startMs: start, stopMs: stop } = scenarioSpan(scenario);
  const message = reasonForVerdict(scenario);
  return {
    // Its history goes by the scenario and not by the run.
    ...createTestResult(uuid, md5(scenario.id)),
    testCaseId: md5(scenario.id),
    name: scenario.id,
    fullName: scenario.id,
    titlePath: [group, claim.join("/")],
    description: scenario.title,
    status: statuses[scenario.verdict],
    stage: scenario.exit === "interrupted" ? Stage.INTERRUPTED : Stage.FINISHED,
    start,
    stop,
    labels: [
      { name: LabelName.PARENT_SUITE, value: "falkordrill" },
      { name: LabelName.SUITE, value: group },
      { name: LabelName.FRAMEWORK, value: "falkordrill" },
      { name: LabelName.TAG, value: `system:${scenario.run.record.system}` },
    ],
    parameters: Object.entries(scenarioFacts(scenario)).map(([name, value]) => ({
      name,
      value,
      // Figures differ from run to run; only the seed distinguishes tests.
      excluded: name !== "seed",
    })),
    steps: scenario.phases.map((phase) => ({
      ...createStepResult(),
      name: phase.name,
      status: Status.PASSED,
      stage: Stage.FINISHED,
      start: start + Math.round(phase.startMs),
      stop: start + Math.round(phase.startMs + phase.ms),
    })),
    attachments: evidence === undefined ? [] : [{ name: "findings", type: "application/json", source: evidence }],
    statusDetails:
      message === undefined ? {} : { message, trace: [exitWords[scenario.exit], ...causeLines(scenario)].join("\n") },
  };
}

/** A UUID made of a hash (version 8 of RFC 9562). */
function uuidOf(text: string): string {
  const hex = sha256Of(text);
  const parts = [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    `8${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ];
  return parts.join("-");
}

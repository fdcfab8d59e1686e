// The run in the Common Test Report Format (https://ctrf.io), for tools that read tests of any kind.
import { causeLines } from "../cause-lines.ts";
import type { MergedScenario } from "../model/merge.ts";
import type { ReportModel } from "../model/model.ts";
import { runFacts, scenarioFacts, scenarioSpan, spanOf } from "../model/run-facts.ts";
import { exitWords, reasonForVerdict } from "../findings/severity.ts";

const statuses = { pass: "passed", fail: "failed", inconclusive: "other" } as const;

export function ctrf(model: ReportModel): string {
  const { runs, result, scenarios, counts } = model;
  const { startMs: start, stopMs: stop } = spanOf(model);
  const facts = runFacts(model);
  const report = {
    reportFormat: "CTRF",
    specVersion: "1.0.0",
    timestamp: new Date(stop).toISOString(),
    generatedBy: "falkordrill",
    results: {
      tool: { name: "falkordrill", version: runs[0]?.record.version ?? "" },
      summary: {
        tests: scenarios.length,
        passed: counts.pass,
        failed: counts.fail,
        skipped: 0,
        pending: 0,
        other: counts.inconclusive,
        start,
        stop,
        extra: { verdict: result.verdict, exitCode: result.exitCode, seed: result.seed, replay: result.replay },
      },
      environment: {
        testEnvironment: facts["engine"] ?? "unknown engine",
        osPlatform: facts["platform"] ?? "unknown",
        ...(facts["commit"] === undefined ? {} : { commit: facts["commit"] }),
        extra: facts,
      },
      tests: scenarios.map(test),
    },
  };
  return `${JSON.stringify(report, undefined, 2)}\n`;
}

function test(scenario: MergedScenario): object {
  const message = reasonForVerdict(scenario);
  const { findings, metrics, witnesses, notCovered, replay } = scenario;
  const span = scenarioSpan(scenario);
  return {
    name: scenario.id,
    status: statuses[scenario.verdict],
    duration: Math.round(scenario.durationMs),
    start: span.startMs,
    stop: span.stopMs,
    suite: [scenario.id.split("/")[0] || "scenario"],
    rawStatus: scenario.verdict,
    type: "disaster-recovery",
    // A drill never tries again in silence: what failed once has failed.
    retries: 0,
    flaky: false,
    parameters: scenarioFacts(scenario),
    ...(message === undefined
      ? {}
      : { message, trace: [exitWords[scenario.exit], ...causeLines(scenario)].join("\n") }),
    extra: { title: scenario.title, exit: scenario.exit, findings, metrics, witnesses, notCovered, replay },
  };
}

// The run in the Common Test Report Format (https://ctrf.io), for tools that read tests of any kind.
import type { ReportModel } from "./model.ts";
import { exitWords, reasonOf } from "./severity.ts";

const statuses = { pass: "passed", fail: "failed", inconclusive: "other" } as const;

export function ctrf({ runs, result, scenarios, counts }: ReportModel): string {
  const starts = runs.map((run) => Date.parse(run.record.startedAt));
  const start = Math.min(...starts);
  const lengthOf = (index: number): number =>
    runs[index]?.result.scenarios.reduce((sum, { durationMs }) => sum + durationMs, 0) ?? 0;
  const stop = Math.max(...starts.map((at, index) => at + lengthOf(index)));
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
      tests: scenarios.map((scenario) => {
        const message = reasonOf(scenario);
        const { findings, metrics, witnesses, notCovered, replay } = scenario;
        return {
          name: scenario.id,
          status: statuses[scenario.verdict],
          duration: Math.round(scenario.durationMs),
          suite: [scenario.id.split("/")[0] || "scenario"],
          rawStatus: scenario.verdict,
          type: "disaster-recovery",
          // A drill never tries again in silence: what failed once has failed.
          retries: 0,
          flaky: false,
          ...(message === undefined ? {} : { message, trace: `${exitWords[scenario.exit]}\nreplay: ${replay}` }),
          extra: { title: scenario.title, exit: scenario.exit, findings, metrics, witnesses, notCovered, replay },
        };
      }),
    },
  };
  return `${JSON.stringify(report, undefined, 2)}\n`;
}

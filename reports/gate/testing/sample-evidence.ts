// Evidence as the tests of the gate begin from: one good run, and ways to spoil it.
import type { ScenarioResult, StoredFinding } from "../../../harness/record/result.ts";
import { judgeScenario } from "../../../harness/record/result.ts";
import { sampleRun } from "../../testing/sample-run.ts";
import type { RunEvidence } from "../evidence.ts";

export const sampleNowMs: number = Date.parse("2026-06-02T12:00:00Z");

export function sampleScenario(changes: Partial<ScenarioResult> = {}): ScenarioResult {
  const [passed] = sampleRun.scenarios;
  if (passed === undefined) throw new Error("the sample run is empty");
  return { ...passed, ...changes };
}

/** The same scenario with error findings, judged by them. */
export function sampleFailure(codes: readonly string[], changes: Partial<ScenarioResult> = {}): ScenarioResult {
  const findings: StoredFinding[] = codes.map((code) => ({
    code,
    severity: "error",
    subject: "main/Entity/7/name",
    message: "is not what it must be",
    evidence: {},
  }));
  return sampleScenario({ findings, ...judgeScenario(findings), ...changes });
}

export function sampleEvidence(scenarios: readonly ScenarioResult[], changes: Partial<RunEvidence> = {}): RunEvidence {
  return {
    name: "night-1",
    startedAtMs: sampleNowMs - 3_600_000,
    seed: 1,
    replay: "falkordrill run --seed 1",
    shard: undefined,
    tool: { version: "0.1.0", commit: "0123456789abcdef" },
    checkout: { commit: "0123456789abcdef", isClean: true },
    system: "reference",
    scenarios,
    engines: new Map([["cycle/full", { kind: "embedded", redis: "8.2.3", falkordb: "4.16.3" }]]),
    datasets: new Map(),
    ...changes,
  };
}

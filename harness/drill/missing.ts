// What a run set out to do and left no result of, because it was killed on the way: inconclusive, never absent.
import type { DrillResult, ScenarioResult } from "./result.ts";

/** The results of `result`, and an inconclusive one for every planned scenario that has none. */
export function withMissing(result: DrillResult, planned: readonly string[] | undefined): readonly ScenarioResult[] {
  const known = new Set(result.scenarios.map(({ id }) => id));
  const missing = (planned ?? []).filter((id) => !known.has(id));
  const message = "it was planned, and the run ended before it left a result";
  return [...result.scenarios, ...missing.map((id) => noResult(id, message, result.replay))];
}

export function noResult(id: string, message: string, replay: string): ScenarioResult {
  return {
    id,
    title: "There is no result",
    verdict: "inconclusive",
    exit: "inconclusive",
    durationMs: 0,
    findings: [{ code: "assumption-no-result", severity: "error", subject: id, message, evidence: {} }],
    witnesses: {},
    metrics: {},
    phases: [],
    notCovered: [],
    replay,
  };
}

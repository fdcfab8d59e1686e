// What the gate judges: runs as plain data, already judged again from their observations, and the clock of the decision.
import { matchesGlob } from "node:path";
import type { Checkout } from "../../harness/base/checkout.ts";
import type { ScenarioResult } from "../../harness/record/result.ts";
import type { Shard } from "../../harness/record/shard.ts";

export interface EngineSeen {
  readonly kind: string;
  readonly redis: string;
  /** Such as "4.16.3"; "unknown" where the engine did not say. */
  readonly falkordb: string;
}

export interface RunEvidence {
  /** Its folder, as the decision and the bundle name it. */
  readonly name: string;
  readonly startedAtMs: number;
  readonly seed: number;
  readonly replay: string;
  /** Which part of a drill it is; undefined for a whole one. */
  readonly shard: Shard | undefined;
  readonly tool: { readonly version: string; readonly commit?: string | undefined };
  /** What was checked out in the folder where it was started. */
  readonly checkout: Checkout | undefined;
  readonly system: string;
  /** What was planned and left no result is among them, as inconclusive, and so is what rests on changed files. */
  readonly scenarios: readonly ScenarioResult[];
  /** Source engines by scenario id; a scenario that started no source engine has no entry. */
  readonly engines: ReadonlyMap<string, EngineSeen>;
  /** SHA-256 of what the seed says that the graph holds, by scenario id. */
  readonly datasets: ReadonlyMap<string, string>;
}

/** One scenario of one run with one seed. */
export interface Sample {
  readonly run: RunEvidence;
  /** `<group>/<claim>`, without the seed of a repeated run. */
  readonly id: string;
  readonly result: ScenarioResult;
}

export interface GateEvidence {
  readonly nowMs: number;
  readonly runs: readonly RunEvidence[];
  readonly samples: readonly Sample[];
}

export function samplesOf(runs: readonly RunEvidence[]): readonly Sample[] {
  return runs.flatMap((run) => run.scenarios.map((result) => ({ run, id: claimOf(result.id), result })));
}

/** `cycle/full@7` is the claim `cycle/full` with seed 7. */
export function claimOf(id: string): string {
  return id.split("@", 1)[0] ?? id;
}

/** `*` matches anything within one part of an id, `**` matches everything. */
export function matches(pattern: string, id: string): boolean {
  return matchesGlob(id, pattern);
}

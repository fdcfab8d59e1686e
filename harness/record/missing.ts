// Planned scenarios, and shards of a run, without a result: inconclusive, never omitted.
import { z } from "zod";
import type { DrillResult, ScenarioResult } from "./result.ts";
import type { RunRecord } from "./run-directory.ts";
import type { Shard } from "./shard.ts";

/** Returns the results of `result`, and an inconclusive one for every planned scenario that has none. */
export function withMissing(result: DrillResult, planned: readonly string[] | undefined): readonly ScenarioResult[] {
  const known = new Set(result.scenarios.map(({ id }) => id));
  const missing = (planned ?? []).filter((id) => !known.has(id));
  const message = "it was planned, and the run ended before it left a result";
  return [...result.scenarios, ...missing.map((id) => noResult(id, message, result.replay))];
}

/** The fields of a run that concern its shard. */
export type ShardRun = Pick<RunRecord, "replay" | "version" | "commit"> & { readonly shard: Shard | undefined };

/** Returns the missing shards of every drill that was split over machines. */
export function missingShards(runs: readonly ShardRun[]): readonly ScenarioResult[] {
  const drills = Map.groupBy(runs, (run) => JSON.stringify([wholeReplay(run.replay), run.version, run.commit]));
  return [...drills.values()].flatMap((shards) => {
    const given = shards.flatMap(({ shard }) => shard ?? []);
    const whole = wholeReplay(shards[0]?.replay ?? "");
    const counts = new Set(given.map(({ count }) => count));
    return [...counts].flatMap((count) => {
      const indexes = new Set(given.filter((shard) => shard.count === count).map(({ index }) => index));
      const missing = Array.from({ length: count }, (_, at) => at + 1).filter((index) => !indexes.has(index));
      return missing.map((index) =>
        noResult(
          `shard/${index}-of-${count}`,
          `shard ${index} of ${count} is not among the runs`,
          `${whole} --shard ${index}/${count}`,
        ),
      );
    });
  });
}

/** The command of the whole drill that a run is a shard of. */
export function wholeReplay(replay: string): string {
  return replay.replace(/ --shard \d+\/\d+/, "");
}

/** The shard of a run according to its options; undefined for a whole drill. */
export function shardOf({ options }: Pick<RunRecord, "options">): Shard | undefined {
  return shardSchema.safeParse(options["shard"]).data;
}

const shardSchema: z.ZodType<Shard> = z.object({ index: z.int().positive(), count: z.int().positive().max(1000) });

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
    judged: [],
    replay,
  };
}

// What a run, or the shards of one, set out to do and left no result of: inconclusive, never absent.
import { z } from "zod";
import type { DrillResult, ScenarioResult } from "./result.ts";
import type { RunRecord } from "./run-directory.ts";
import type { Shard } from "./shard.ts";

/** The results of `result`, and an inconclusive one for every planned scenario that has none. */
export function withMissing(result: DrillResult, planned: readonly string[] | undefined): readonly ScenarioResult[] {
  const known = new Set(result.scenarios.map(({ id }) => id));
  const missing = (planned ?? []).filter((id) => !known.has(id));
  const message = "it was planned, and the run ended before it left a result";
  return [...result.scenarios, ...missing.map((id) => noResult(id, message, result.replay))];
}

/** A run as far as its shard is concerned. */
export type ShardRun = Pick<RunRecord, "replay" | "version" | "commit"> & { readonly shard: Shard | undefined };

/** Of every drill that was split over machines, the shards that are not among the runs. */
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

/** The command of the drill that a run is a shard of. */
export function wholeReplay(replay: string): string {
  return replay.replace(/ --shard \d+\/\d+/, "");
}

/** Which shard a run was, as its options say; undefined for a whole drill. */
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

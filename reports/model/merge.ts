// Several runs as one: those of a CI matrix, or the shards of one drill. The union of their scenarios, each under a name
// that stays unique, and the verdict over all of them. What is missing is inconclusive.
import { isInterrupted, judgeRun } from "../../harness/record/checked-run.ts";
import { missingShards, shardOf, wholeReplay, withMissing } from "../../harness/record/missing.ts";
import { type DrillResult, type ScenarioResult } from "../../harness/record/result.ts";
import { noTrace, type StoredRun, type Trace } from "./stored-run.ts";

export interface MergedScenario extends ScenarioResult {
  readonly run: StoredRun;
  readonly trace: Trace;
}

export interface MergedRuns {
  readonly result: DrillResult;
  readonly scenarios: readonly MergedScenario[];
}

/** `wants`: "whole" where a shard that is not given makes the drill inconclusive; "given" for a shard on its own. */
export type Wanted = "whole" | "given";

export function mergeRuns(given: readonly StoredRun[], wants: Wanted = "whole"): MergedRuns {
  const runs = given.filter((run, at) => given.findIndex(({ directory }) => directory === run.directory) === at);
  const found = runs.flatMap((run) => withMissing(run.result, run.record.planned).map((result) => ({ run, result })));
  const many = new Set(runs.length > 1 ? repeated(found.map(({ result }) => result.id)) : []);
  const names = labels(runs);
  const scenarios = found.map(({ run, result }) => {
    const id = many.has(result.id) ? `${result.id}@${names.get(run)}` : result.id;
    return merged(run, result, id);
  });
  const [first] = runs;
  if (first === undefined) throw new Error("there is nothing to merge");
  if (wants === "whole") {
    const shards = runs.map(({ record }) => ({ ...record, shard: shardOf(record) }));
    scenarios.push(...missingShards(shards).map((result) => merged(first, result, result.id)));
  }
  const wasInterrupted = runs.some((run) => isInterrupted(run.result));
  const result: DrillResult = {
    schemaVersion: first.result.schemaVersion,
    ...judgeRun(scenarios, wasInterrupted),
    seed: first.result.seed,
    replay:
      runs.length === 1
        ? first.result.replay
        : [...new Set(runs.map((run) => wholeReplay(run.result.replay)))].join("; "),
    scenarios: scenarios.map(({ run: _run, trace: _trace, ...rest }) => rest),
    ...notCoveredBy(runs),
  };
  return { result, scenarios };
}

/** Shards each know all of them. */
function notCoveredBy(runs: readonly StoredRun[]): Pick<DrillResult, "notCovered"> {
  const all = new Map(runs.flatMap(({ result }) => (result.notCovered ?? []).map((each) => [each.id, each] as const)));
  return all.size === 0 ? {} : { notCovered: [...all.values()] };
}

function merged(run: StoredRun, result: ScenarioResult, id: string): MergedScenario {
  return { ...result, id, run, trace: run.traces.get(result.id) ?? noTrace };
}

function repeated(ids: readonly string[]): string[] {
  const seen = new Set<string>();
  return ids.filter((id) => seen.size === seen.add(id).size);
}

/** The last part of each folder's path, counted where two have the same. */
function labels(runs: readonly StoredRun[]): ReadonlyMap<StoredRun, string> {
  const taken = new Set<string>();
  return new Map(
    runs.map((run) => {
      const name = run.directory.split("/").findLast((part) => part !== "" && part !== ".") ?? "run";
      let label = name;
      for (let count = 2; taken.has(label); count += 1) label = `${name}-${count}`;
      taken.add(label);
      return [run, label] as const;
    }),
  );
}

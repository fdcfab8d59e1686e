// Runs scenarios concurrently: a small graph leaves most of a machine idle while its scenario waits for an engine or
// for the end of a window. Two at a time, no more: each has writers, two engines and a backup.
import { availableParallelism } from "node:os";
import type { DrillOptions } from "./run/drill-options.ts";
import type { ScenarioDefinition } from "./run/scenario-definition.ts";

const atOnceMax = 2;
/** Largest graph that may run concurrently; a larger one needs the whole machine. */
const nodesMax = 20_000;
/** Memory of a second scenario: its source, its target, and the harness' copy of their graph. */
const memoryNeededBytes = 1.5 * 2 ** 30;

/** How many scenarios of this drill may run at once on this machine, now. */
export function atOnce(
  {
    engine,
    repeat,
    backupSystem,
  }: Pick<DrillOptions, "engine" | "repeat"> & Partial<Pick<DrillOptions, "backupSystem">>,
  cores: number = availableParallelism(),
  freeBytes: number = process.availableMemory(),
): number {
  // There is only one external server, or system given as an object; repeated seeds are run for their figures.
  if (engine === "external" || repeat > 1 || typeof backupSystem === "object") return 1;
  if (backupSystem?.sharesPlace === true) return 1;
  return cores >= 2 && freeBytes >= atOnceMax * memoryNeededBytes ? atOnceMax : 1;
}

export function mustRunAlone(
  { scenario }: { readonly scenario: Pick<ScenarioDefinition, "id" | "alone" | "nodes"> },
  { nodes }: Pick<DrillOptions, "nodes">,
): boolean {
  return scenario.alone === true || (scenario.nodes ?? nodes) > nodesMax;
}

/**
 * The order in which a core is idle for the least time: first those that run alone, as between others one of them waits
 * for the last before it; then the longest, as one that begins last runs on when all others have ended.
 */
export function aloneThenLongest<Item>(
  items: readonly Item[],
  { isAlone, expectedMs }: { readonly isAlone: (item: Item) => boolean; readonly expectedMs: (item: Item) => number },
): readonly Item[] {
  return items.toSorted((a, b) => Number(isAlone(b)) - Number(isAlone(a)) || expectedMs(b) - expectedMs(a));
}

/**
 * Calls `work` for each item in order, up to `limit` of them at once, and returns the results in that order. An item
 * that `isAlone` waits until nothing else runs, and nothing else starts before its end.
 */
export async function inPool<Item, Result>(
  items: readonly Item[],
  { limit, isAlone }: { readonly limit: number; readonly isAlone: (item: Item) => boolean },
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Promise<Result>[] = [];
  const running = new Set<Promise<unknown>>();
  for (const item of items) {
    const beside = isAlone(item) ? 0 : limit - 1;
    while (running.size > beside) await Promise.race(running);
    const working = work(item).finally(() => running.delete(working));
    // Its failure is reported where the results are awaited.
    working.catch(() => {});
    running.add(working);
    results.push(working);
    if (isAlone(item)) await working;
  }
  return await Promise.all(results);
}

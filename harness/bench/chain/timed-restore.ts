// One restore of a benchmark: how long it took, phase by phase, and whether what came back is what the source held.
import { systemClock } from "../../base/clock.ts";
import type { Endpoint } from "../../base/endpoint.ts";
import { DrillError } from "../../base/errors.ts";
import { connect } from "../../falkordb/client/connection.ts";
import type { Phase } from "../../base/phases.ts";
import type { BackupSystem, Moment } from "../../system/system.ts";
import type { BenchContext } from "../benchmark.ts";

/** What two states have in common only if nothing of the changes is missing. The drills prove every property. */
export interface StateSums {
  readonly nodes: number;
  readonly edges: number;
  /** Characters of all summaries. */
  readonly text: number;
}

export interface TimedRestore {
  readonly answeredMs: number;
  readonly operationalMs: number;
  readonly phases: readonly Phase[];
}

export interface Point {
  readonly point: string;
  /** Absent for the cut of the backup itself. */
  readonly at?: Moment;
  readonly graph: string;
  readonly expected: StateSums;
}

export async function timedRestore(
  system: BackupSystem,
  { point, at, graph, expected }: Point,
  { engines, progress, signal }: BenchContext,
): Promise<TimedRestore> {
  const startedMs = systemClock.monotonicMs();
  let answeredMs = Number.NaN;
  const { target, phases } = await system.restore({
    point,
    ...(at === undefined ? {} : { at }),
    way: "file",
    engines,
    progress,
    signal,
    onFirstAnswer: () => {
      answeredMs = systemClock.monotonicMs() - startedMs;
      return Promise.resolve();
    },
  });
  const operationalMs = systemClock.monotonicMs() - startedMs;
  await using restored = target;
  mustBeSame(point, expected, await stateSums(restored.endpoint, graph));
  return { answeredMs, operationalMs, phases };
}

export async function stateSums(endpoint: Endpoint, graph: string): Promise<StateSums> {
  await using connection = await connect(endpoint);
  const [ofNodes] = (await connection.roQuery(graph, "MATCH (n) RETURN count(n), sum(size(n.summary))")).rows;
  const [ofEdges] = (await connection.roQuery(graph, "MATCH ()-[r]->() RETURN count(r)")).rows;
  return { nodes: Number(ofNodes?.[0]), edges: Number(ofEdges?.[0]), text: Number(ofNodes?.[1]) };
}

export function mustBeSame(point: string, expected: StateSums, found: StateSums): void {
  if (JSON.stringify(found) === JSON.stringify(expected)) return;
  throw new DrillError(
    `what was restored from ${point} is wrong: ${JSON.stringify(found)}, and the source held ${JSON.stringify(expected)}`,
    { exit: "dataWrong" },
  );
}

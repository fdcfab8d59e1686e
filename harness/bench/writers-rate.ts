// The rate of writers that query the engine directly, in a window of time: each writes as fast as it can, waiting for
// every answer, on a separate graph.
import { pace } from "../base/timer.ts";
import type { Engine } from "../engine/engine.ts";
import { startEngineWriters } from "../workload/engine-writers.ts";
import type { HistorySink } from "../workload/history/history-file.ts";
import type { BenchContext } from "./benchmark.ts";

const writers = 4;

/** A history that keeps nothing. */
export const nobody: HistorySink = { record: () => {} };

export interface RateWindow {
  /** Must not be there yet. */
  readonly graph: string;
  readonly history: HistorySink;
  readonly windowMs: number;
}

/** Acknowledged writes per second. */
export async function writersRate(
  { endpoint }: Engine,
  { seed, signal }: Pick<BenchContext, "seed" | "signal">,
  { graph, history, windowMs }: RateWindow,
): Promise<number> {
  const options = { endpoint, kind: "counter", graph, writers, seed, history } as const;
  await using running = await startEngineWriters({ ...options, profile: { kind: "flat-out" } });
  await pace(windowMs, signal);
  const { ackedPerSecond } = await running.stop();
  signal.throwIfAborted();
  return ackedPerSecond;
}

// What its history costs a writer: as fast as they go with a line of history for every write, and without, in turns of
// pairs whose order changes, so that a slow moment of the machine hits both.
import { join } from "node:path";
import { pace } from "../base/timer.ts";
import type { Engine } from "../engine/engine.ts";
import { privateFolder } from "../engine/reaper.ts";
import { startEngineWriters } from "../workload/engine-writers.ts";
import { type HistorySink, openHistory } from "../workload/history-file.ts";
import type { BenchContext } from "./benchmark.ts";
import { type BenchRow, ratios, row } from "./rows.ts";

const pairsPerRun = 4;
const windowMs = 1000;
const writers = 4;

export async function benchmarkWriters(context: BenchContext): Promise<BenchRow[]> {
  const { engines, progress, signal, runs } = context;
  await using engine = await engines.start({ name: "bench-writers", signal });
  await using folder = await privateFolder("bench-writers");
  using history = openHistory(join(folder.path, "history.jsonl"));
  const nobody: HistorySink = { record: () => {} };
  const rates: { readonly kept: number[]; readonly bare: number[] } = { kept: [], bare: [] };
  // The first writers warm up the engine and this process.
  await rateOf(engine, context, nobody, "warm-up");
  for (let pair = 0; pair < runs * pairsPerRun; pair += 1) {
    progress.step(`writers with history and without, pair ${pair + 1} of ${runs * pairsPerRun}`);
    const withHistory = async (): Promise<void> =>
      void rates.kept.push(await rateOf(engine, context, history, `kept-${pair}`));
    const without = async (): Promise<void> =>
      void rates.bare.push(await rateOf(engine, context, nobody, `bare-${pair}`));
    for (const measure of pair % 2 === 0 ? [withHistory, without] : [without, withHistory]) await measure();
  }
  return [
    row("writes without history", "per s", rates.bare),
    row("writes with history", "per s", rates.kept),
    row("rate of writers with history", "x", ratios(rates.kept, rates.bare), {
      of: "their rate without",
      better: "more",
      target: { bound: "at least", value: 0.95 },
    }),
  ];
}

async function rateOf(
  { endpoint }: Engine,
  { seed, signal }: BenchContext,
  history: HistorySink,
  graph: string,
): Promise<number> {
  const options = { endpoint, kind: "counter", graph, writers, seed, history } as const;
  await using running = await startEngineWriters({ ...options, profile: { kind: "flat-out" } });
  await pace(windowMs, signal);
  const { ackedPerSecond } = await running.stop();
  signal.throwIfAborted();
  return ackedPerSecond;
}

// What its history costs a writer: the rate of writers with a line of history per write and without, measured in
// pairs whose order changes, so that a slow moment of the machine hits both.
import { join } from "node:path";
import { privateFolder } from "../base/process/reaper.ts";
import { openHistory } from "../workload/history/history-file.ts";
import type { BenchContext } from "./benchmark.ts";
import { type BenchRow, ratios, row } from "./rows.ts";
import { nobody, writersRate } from "./writers-rate.ts";

const pairsPerRun = 4;
const windowMs = 1000;

export async function benchmarkWriters(context: BenchContext): Promise<BenchRow[]> {
  const { engines, progress, signal, runs } = context;
  await using engine = await engines.start({ name: "bench-writers", signal });
  await using folder = await privateFolder("bench-writers");
  using history = openHistory(join(folder.path, "history.jsonl"));
  const rates: { readonly kept: number[]; readonly bare: number[] } = { kept: [], bare: [] };
  // The first writers warm up the engine and this process.
  await writersRate(engine, context, { graph: "warm-up", history: nobody, windowMs });
  for (let pair = 0; pair < runs * pairsPerRun; pair += 1) {
    progress.step(`writers with history and without, pair ${pair + 1} of ${runs * pairsPerRun}`);
    const withHistory = async (): Promise<void> =>
      void rates.kept.push(await writersRate(engine, context, { graph: `kept-${pair}`, history, windowMs }));
    const without = async (): Promise<void> =>
      void rates.bare.push(await writersRate(engine, context, { graph: `bare-${pair}`, history: nobody, windowMs }));
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

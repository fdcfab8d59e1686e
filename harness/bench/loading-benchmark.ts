// What generating costs on top of loading: ready-made buffers against generating while loading, in turns.
import { dataset } from "../../generators/dataset.ts";
import { benchmarkLoad } from "./load-benchmark.ts";
import type { BenchContext } from "./benchmark.ts";
import { type BenchRow, ratios, row } from "./rows.ts";

export async function benchmarkLoading(context: BenchContext): Promise<BenchRow[]> {
  const { nodes, dims, seed, runs: repeat, engines, progress, signal } = context;
  await using engine = await engines.start({ name: "bench-load", signal });
  const [plan] = dataset({ seed, nodes, dims, shape: "large", variant: "clean", schema: "post1856" }).graphs();
  if (plan === undefined) return [];
  const { runs, generateMs } = await benchmarkLoad(engine.endpoint, plan, { repeat, progress, signal });
  return [
    row("send ready-made buffers", "ms", runs.readyMadeMs),
    row("generate and encode alone", "ms", [generateMs]),
    row("generate and load", "x", ratios(runs.generateAndLoadMs, runs.readyMadeMs), {
      of: "ready-made buffers",
      target: { bound: "at most", value: 1.4 },
    }),
  ];
}

// Every benchmark, in the order in which `falkordrill bench` runs them. To add one: a file with a function that gives
// rows, and a line here.
import { oneOf } from "../base/one-of.ts";
import type { Benchmark } from "./benchmark.ts";

export const benchmarks: readonly Benchmark[] = [
  {
    name: "pieces",
    title: "the hot pieces alone: generate, encode, fingerprint, compress, encrypt",
    measure: async ({ runs }) => await (await import("./micro-benchmark.ts")).benchmarkPieces(runs * 333),
  },
  {
    name: "counts",
    title: "what time has no part in: bytes stored and moved, commands, objects made",
    measure: async (context) => await (await import("./counts-benchmark.ts")).benchmarkCounts(context),
  },
  {
    name: "load",
    title: "generate and load, against sending ready-made buffers",
    measure: async (context) => await (await import("./loading-benchmark.ts")).benchmarkLoading(context),
  },
  {
    name: "cycle",
    title: "backup, restore and full proof, against the engine's own SAVE and load",
    measure: async (context) => await (await import("./cycle-benchmark.ts")).benchmarkCycle(context),
  },
  {
    name: "peers",
    title: "backup, against redis-cli through a compressor and an encryptor",
    measure: async (context) => await (await import("./peers-benchmark.ts")).benchmarkPeers(context),
  },
  {
    name: "writers",
    title: "what its history costs a writer, with a line for every write and without",
    measure: async (context) => await (await import("./writers-benchmark.ts")).benchmarkWriters(context),
  },
  {
    name: "judging",
    title: "judging a stored history with as many lines as the graph has nodes",
    measure: async (context) => await (await import("./judging-benchmark.ts")).benchmarkJudging(context),
  },
  {
    name: "diff",
    title: "two graphs compared to the property, against reading both once",
    measure: async (context) => await (await import("./diff-benchmark.ts")).benchmarkDiff(context),
  },
  {
    name: "storage",
    title: "what each of many states costs: full backups, increments, restic and borg",
    measure: async (context) => await (await import("./storage/storage-benchmark.ts")).benchmarkStorage(context),
  },
  {
    name: "compare",
    title: "two vaults of 100,000 objects compared: time and traffic",
    measure: async (context) => await (await import("./storage/compare-benchmark.ts")).benchmarkCompare(context),
  },
  {
    name: "chain",
    title: "increments: what an archiver costs writers, replay rate, restore time by length of the chain",
    measure: async (context) => await (await import("./chain/chain-benchmark.ts")).benchmarkChain(context),
  },
];

/** The benchmarks with these names, in their own order; all of them where none is named. */
export function chosenBenchmarks(names: readonly string[]): readonly Benchmark[] {
  const known = benchmarks.map((benchmark) => benchmark.name);
  for (const name of names) oneOf("bench", name, known);
  return names.length === 0 ? benchmarks : benchmarks.filter((benchmark) => names.includes(benchmark.name));
}

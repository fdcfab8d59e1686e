// `falkordrill bench`: ratios to raw limits and to what people use instead. Seconds alone say more about the machine.
import type { Command } from "commander";
import { exitCodes } from "../base/errors.ts";
import { formatCount, parseCount } from "../base/units.ts";
import type { Benchmark } from "../bench/benchmark.ts";
import { benchmarks, chosenBenchmarks } from "../bench/registry.ts";
import { type BenchRow, isMet } from "../bench/rows.ts";
import { benchLine } from "./bench-line.ts";
import { interruptible } from "./interrupt.ts";
import { ProgressPrinter } from "./progress.ts";

interface BenchFlags {
  readonly nodes: string;
  readonly dims: string;
  readonly seed: string;
  readonly runs: string;
  readonly list?: boolean;
  readonly json?: boolean;
}

/** The targets are about graphs of this size; smaller ones are dominated by what does not grow. */
const judgedFrom = 1_000_000;

export function registerBench(program: Command): void {
  program
    .command("bench")
    .description("benchmarks, as ratios to raw limits and to the pipes that people use instead")
    .argument("[name...]", `${benchmarks.map(({ name }) => name).join(", ")} (default: all)`)
    .option("--list", "say what each benchmark measures")
    .option("--nodes <count>", "size of the graph; targets are judged from 1m on", "100k")
    .option("--dims <n>", "length of the embeddings", "0")
    .option("--seed <n>", "seed of the graph", "1")
    .option("--runs <n>", "runs of each whole command, interleaved", "3")
    .option("--json", "print each row as a line of JSON, and a summary as the last line")
    .action(async (names: string[], flags: BenchFlags) => {
      const chosen = chosenBenchmarks(names);
      if (flags.list === true) return list(chosen);
      const print = flags.json === true ? jsonLine : (row: BenchRow) => benchLine(row);
      const missed = await interruptible(async (signal) => {
        using printer = new ProgressPrinter();
        printer.scenario("bench", `${flags.nodes} nodes, dims ${flags.dims}, seed ${flags.seed}, ${flags.runs} runs`);
        return await measure(chosen, flags, printer, signal, print);
      });
      const judged = parseCount(flags.nodes) >= judgedFrom;
      if (flags.json === true) process.stdout.write(`${JSON.stringify({ type: "summary", missed, judged })}\n`);
      if (missed.length > 0 && judged) process.exitCode = exitCodes.objectiveMissed;
      if (missed.length > 0 && !judged)
        process.stderr.write(`targets are judged from ${formatCount(judgedFrom)} nodes on; this is only a look\n`);
    });
}

function list(chosen: readonly Benchmark[]): void {
  for (const { name, title } of chosen) process.stdout.write(`${name.padEnd(10)} ${title}\n`);
}

function jsonLine(row: BenchRow, benchmark: string): string {
  return JSON.stringify({ type: "row", benchmark, ...row });
}

/** Prints each row when its benchmark is done, and gives the names of those that missed their target. */
async function measure(
  chosen: readonly Benchmark[],
  flags: BenchFlags,
  progress: ProgressPrinter,
  signal: AbortSignal,
  print: (row: BenchRow, benchmark: string) => string,
): Promise<string[]> {
  const { embeddedEngines } = await import("../engine/embedded.ts");
  const [nodes, dims] = [parseCount(flags.nodes), parseCount(flags.dims)];
  const [seed, runs] = [parseCount(flags.seed), parseCount(flags.runs)];
  const context = { nodes, dims, seed, runs, engines: embeddedEngines({ progress }), progress, signal };
  const missed: string[] = [];
  for (const benchmark of chosen) {
    progress.step(benchmark.name);
    for (const row of await benchmark.measure(context)) {
      process.stdout.write(`${print(row, benchmark.name)}\n`);
      if (isMet(row) === false) missed.push(row.name);
    }
  }
  return missed;
}

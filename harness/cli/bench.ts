// `falkordrill bench`: ratios to raw limits and to what people use instead. Seconds alone say more about the machine.
import type { Command } from "commander";
import { formatCount, parseCount } from "../base/units.ts";
import type { BenchContext, Benchmark } from "../bench/benchmark.ts";
import { benchmarks, chosenBenchmarks } from "../bench/registry.ts";
import { interruptible } from "./terminal/interrupt.ts";
import { ProgressPrinter } from "./terminal/progress.ts";
import { flagValue } from "./flag-value.ts";

interface BenchFlags {
  readonly nodes?: string;
  readonly dims: string;
  readonly seed: string;
  readonly runs: string;
  readonly list?: boolean;
  readonly json?: boolean;
  readonly against?: string;
  readonly allow: string;
  readonly rounds: string;
  readonly history?: string;
  readonly actionBenchmark?: string;
  readonly html?: string;
}

export function registerBench(program: Command): void {
  program
    .command("bench")
    .description("benchmarks, as ratios to raw limits and to the pipes that people use instead")
    .argument("[name...]", `${benchmarks.map(({ name }) => name).join(", ")} (default: all)`)
    .option("--list", "say what each benchmark measures")
    .option("--nodes <count>", "size of the graph (default: 100k; 10k with --against); targets are judged from 1m on")
    .option("--dims <n>", "length of the embeddings", "0")
    .option("--seed <n>", "seed of the graph", "1")
    .option("--runs <n>", "runs of each whole command, interleaved", "3")
    .option("--against <version>", "compare with a git ref, a published version or a .tgz, in turns on this machine")
    .option("--allow <share>", "by how much this version may be slower", "5%")
    .option("--rounds <n>", "rounds at most, each of them three samples; fewer where it is clear before", "27")
    .option("--history <file>", "add this run to a file of runs, for compare --history")
    .option("--action-benchmark <file>", "write the rows for github-action-benchmark (customSmallerIsBetter)")
    .option("--html <file>", "write the rows as a page, with charts of what has several sizes")
    .option("--json", "print each row as a line of JSON, and a summary as the last line")
    .action(async (names: string[], flags: BenchFlags) => {
      const chosen = chosenBenchmarks(names);
      if (flags.list === true) return list(chosen);
      await interruptible(async (signal) => {
        using printer = new ProgressPrinter();
        const context = await contextOf(flags, printer, signal);
        const { nodes, dims, seed, runs } = context;
        const title = `${formatCount(nodes)} nodes, dims ${dims}, seed ${seed}, ${runs} runs`;
        printer.begin("bench", title);
        if (flags.against !== undefined) return await against(flags.against, names, flags, context);
        const { measureAll } = await import("./bench/measure.ts");
        const { history, actionBenchmark, html, json = false } = flags;
        return await measureAll(chosen, { json, history, actionBenchmark, html }, context);
      });
    });
}

function list(chosen: readonly Benchmark[]): void {
  for (const { name, title } of chosen) process.stdout.write(`${name.padEnd(10)} ${title}\n`);
}

async function contextOf(flags: BenchFlags, progress: ProgressPrinter, signal: AbortSignal): Promise<BenchContext> {
  const { embeddedEngines } = await import("../engine/embedded.ts");
  const nodes = flagValue("--nodes", flags.nodes ?? (flags.against === undefined ? "100k" : "10k"), parseCount);
  const dims = flagValue("--dims", flags.dims, parseCount);
  const [seed, runs] = [flagValue("--seed", flags.seed, parseCount), flagValue("--runs", flags.runs, parseCount)];
  return { nodes, dims, seed, runs, engines: embeddedEngines({ progress }), progress, signal };
}

async function against(
  label: string,
  names: readonly string[],
  flags: BenchFlags,
  context: BenchContext,
): Promise<void> {
  const { planOf, printComparison, runAgainst } = await import("./bench/against.ts");
  const plan = planOf(flags, context.seed);
  printComparison(await runAgainst(label, names, plan, context), flags.json === true);
}

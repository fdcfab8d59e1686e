// `falkordrill bench`: ratios to raw limits and to what people use instead. Seconds alone say more about the machine.
import type { Command } from "commander";
import { exitCodes } from "../base/errors.ts";
import { formatBytes, formatCount, formatDuration, parseCount } from "../base/units.ts";
import { type BenchRow, isMet } from "../bench/rows.ts";
import { interruptible } from "./interrupt.ts";
import { ProgressPrinter } from "./progress.ts";
import { paintOut } from "./style.ts";

interface BenchFlags {
  readonly nodes: string;
  readonly dims: string;
  readonly seed: string;
  readonly runs: string;
  readonly json?: boolean;
}

/** The targets are about graphs of this size; smaller ones are dominated by what does not grow. */
const judgedFrom = 1_000_000;
const groups = ["pieces", "load", "cycle"] as const;

export function registerBench(program: Command): void {
  program
    .command("bench")
    .description("benchmarks, as ratios to raw limits and to the pipes that people use instead")
    .argument("[group...]", `${groups.join(", ")} (default: all)`)
    .option("--nodes <count>", "size of the graph of load and cycle; targets are judged from 1m on", "100k")
    .option("--dims <n>", "length of the embeddings", "0")
    .option("--seed <n>", "seed of the graph", "1")
    .option("--runs <n>", "runs of each whole command, interleaved", "3")
    .option("--json", "print the rows as JSON")
    .action(async (wanted: string[], flags: BenchFlags) => {
      const { oneOf } = await import("../drill/options.ts");
      const chosen = wanted.map((name) => oneOf("bench", name, groups));
      const rows = await interruptible(async (signal) => {
        using printer = new ProgressPrinter();
        printer.scenario("bench", `${flags.nodes} nodes, dims ${flags.dims}, seed ${flags.seed}, ${flags.runs} runs`);
        return await measure(chosen.length === 0 ? groups : chosen, flags, printer, signal);
      });
      if (flags.json === true) process.stdout.write(`${JSON.stringify({ rows }, undefined, 2)}\n`);
      else for (const row of rows) process.stdout.write(`${line(row)}\n`);
      const missed = rows.filter((row) => isMet(row) === false);
      const judged = parseCount(flags.nodes) >= judgedFrom;
      if (missed.length > 0 && judged) process.exitCode = exitCodes.objectiveMissed;
      if (missed.length > 0 && !judged)
        process.stderr.write(`targets are judged from ${formatCount(judgedFrom)} nodes on; this is only a look\n`);
    });
}

async function measure(
  chosen: readonly (typeof groups)[number][],
  flags: BenchFlags,
  progress: ProgressPrinter,
  signal: AbortSignal,
): Promise<BenchRow[]> {
  const rows: BenchRow[] = [];
  if (chosen.includes("pieces")) {
    progress.step("pieces");
    const { benchmarkPieces } = await import("../bench/micro-benchmark.ts");
    rows.push(...(await benchmarkPieces(1000)));
  }
  const [nodes, dims] = [parseCount(flags.nodes), parseCount(flags.dims)];
  const [seed, runs] = [parseCount(flags.seed), parseCount(flags.runs)];
  const { embeddedEngines } = await import("../engine/embedded.ts");
  const engines = embeddedEngines({ progress });
  const options = { nodes, dims, seed, runs, engines, progress, signal };
  if (chosen.includes("load")) {
    const { benchmarkLoading } = await import("../bench/loading-benchmark.ts");
    rows.push(...(await benchmarkLoading(options)));
  }
  if (chosen.includes("cycle")) {
    const { benchmarkCycle } = await import("../bench/cycle-benchmark.ts");
    rows.push(...(await benchmarkCycle(options)));
  }
  return rows;
}

function line(row: BenchRow): string {
  const met = isMet(row);
  const target = row.target === undefined ? "" : `target ${row.target.bound} ${row.target.value}x`;
  const verdict = met === undefined ? "" : met ? paintOut("green", "met") : paintOut("red", "missed");
  const of = row.of === undefined ? "" : `of ${row.of}`;
  return `${row.name.padEnd(36)} ${show(row, row.value).padStart(12)} ${of.padEnd(20)} ${target} ${verdict}`.trimEnd();
}

function show(row: BenchRow, value: number): string {
  switch (row.unit) {
    case "ms":
      return formatDuration(value);
    case "bytes":
      return formatBytes(value);
    case "x":
      return `${value.toFixed(2)}x`;
    case "per s":
      return `${formatCount(Math.round(value))}/s`;
    case "MiB/s":
      return `${Math.round(value)} MiB/s`;
  }
}

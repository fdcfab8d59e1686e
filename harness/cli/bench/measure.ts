// `bench` itself: measures, prints each row when its benchmark is done, and keeps the run where that is asked for.
import { writeFileSync } from "node:fs";
import { benchPage, type MeasuredBenchmark } from "../../../reports/bench-page.ts";
import { actionBenchmark } from "../../../reports/regression/action-benchmark.ts";
import {
  historySchemaVersion,
  type MeasuredFigure,
  type MeasuredRun,
} from "../../../reports/regression/measured-run.ts";
import { systemClock } from "../../base/clock.ts";
import { exitCodes } from "../../base/errors.ts";
import { LineFile } from "../../base/files/line-file.ts";
import { packageCommit, packageVersion } from "../../base/package.ts";
import { formatCount } from "../../base/units.ts";
import type { BenchContext, Benchmark } from "../../bench/benchmark.ts";
import { provenanceOf } from "../../bench/versions/provenance.ts";
import { type BenchRow, isMet } from "../../bench/rows.ts";
import { benchLine } from "./line.ts";

export interface Keeping {
  readonly json: boolean;
  /** A file of lines that this run is added to. */
  readonly history: string | undefined;
  /** A file for github-action-benchmark. */
  readonly actionBenchmark: string | undefined;
  /** A file for people. */
  readonly html: string | undefined;
}

/** The targets are about graphs of this size; smaller ones are dominated by what does not grow. */
const judgedFrom = 1_000_000;

export async function measureAll(chosen: readonly Benchmark[], keeping: Keeping, context: BenchContext): Promise<void> {
  const figures: (MeasuredFigure & { readonly runs: readonly number[] })[] = [];
  const measured: MeasuredBenchmark[] = [];
  const missed: string[] = [];
  for (const { name: benchmark, title, measure } of chosen) {
    context.progress.step(benchmark);
    const rows = await measure(context);
    measured.push({ name: benchmark, title, rows });
    for (const row of rows) {
      const line = keeping.json ? JSON.stringify({ type: "row", benchmark, ...row }) : benchLine(row);
      process.stdout.write(`${line}\n`);
      if (isMet(row) === false) missed.push(row.name);
      figures.push({ ...figureOf(row, benchmark), runs: row.runs });
    }
  }
  if (keeping.history !== undefined || keeping.html !== undefined) {
    const run = await measuredRun(chosen, figures, context);
    if (keeping.html !== undefined) writeFileSync(keeping.html, benchPage(measured, aboutOf(run)));
    if (keeping.history !== undefined) {
      using file = new LineFile(keeping.history);
      file.append(run);
    }
  }
  if (keeping.actionBenchmark !== undefined)
    writeFileSync(keeping.actionBenchmark, `${JSON.stringify(actionBenchmark(figures), undefined, 2)}\n`);
  const judged = context.nodes >= judgedFrom;
  if (keeping.json) process.stdout.write(`${JSON.stringify({ type: "summary", missed, judged })}\n`);
  if (missed.length > 0 && judged) process.exitCode = exitCodes.objectiveMissed;
  if (missed.length > 0 && !judged)
    process.stderr.write(`targets are judged from ${formatCount(judgedFrom)} nodes on; this is only a look\n`);
}

function aboutOf({ at, version, commit, provenance }: MeasuredRun): string {
  return [at.slice(0, 10), `falkordrill ${version} ${commit?.slice(0, 12) ?? ""}`, ...Object.values(provenance)].join(
    " · ",
  );
}

function figureOf({ name, unit, value, better, exactWithin }: BenchRow, benchmark: string): MeasuredFigure {
  return { name: `${benchmark}: ${name}`, unit, value, better, ...(exactWithin === undefined ? {} : { exactWithin }) };
}

async function measuredRun(
  chosen: readonly Benchmark[],
  figures: readonly (MeasuredFigure & { readonly runs: readonly number[] })[],
  context: BenchContext,
): Promise<MeasuredRun> {
  const { nodes, dims, seed, runs } = context;
  const benchmarks = chosen.map(({ name }) => name).join("+");
  const commit = packageCommit();
  return {
    schemaVersion: historySchemaVersion,
    at: new Date(systemClock.nowMs()).toISOString(),
    version: packageVersion(),
    ...(commit === undefined ? {} : { commit }),
    provenance: await provenanceOf(context, { benchmarks, nodes, dims, seed, runs }),
    figures: figures.map(({ runs: _all, ...figure }) => figure),
  };
}

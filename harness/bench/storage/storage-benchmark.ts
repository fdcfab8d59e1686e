// What it costs to keep every state of a graph that changes a little: full backups, the repositories of restic and borg
// (they share what did not change), and increments from the replication stream, on the same states.
import { rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { environmentError } from "../../base/errors.ts";
import { connect, type Connection } from "../../falkordb/client/connection.ts";
import { waitForIdleFork } from "../../falkordb/client/fork-wait.ts";
import { benchSource, type BenchSource, timedBackup } from "../bench-source.ts";
import type { BenchContext } from "../benchmark.ts";
import { type BenchRow, row } from "../rows.ts";
import { Series } from "../series.ts";
import { type Change, changes, makeChange } from "./changes.ts";
import { Increments } from "./increments.ts";
import { openRepositories, type Repository } from "./repositories.ts";
import { keepStream } from "./stream-window.ts";

const full = "full backup";
const increment = "increment";
const quietTimeoutMs = 120_000;

/** Everything that stores states, and the series of what each state cost it. */
interface Bench {
  readonly context: BenchContext;
  readonly source: BenchSource;
  readonly connection: Connection;
  readonly repositories: readonly Repository[];
  readonly increments: Increments;
  readonly series: Series;
}

export async function benchmarkStorage(context: BenchContext): Promise<BenchRow[]> {
  const { progress, signal } = context;
  await using resources = new AsyncDisposableStack();
  const source = resources.use(await benchSource(context));
  const connection = resources.use(await connect(source.engine.endpoint));
  await keepStream(connection);
  const repositories = await openRepositories(resources, (line) => progress.note(line), signal);
  const increments = resources.use(await Increments.start(source.engine, context));
  const bench = { context, source, connection, repositories, increments, series: new Series() };
  await storeState(bench, "base");
  for (const [step, change] of changes.entries()) {
    progress.step(`change: ${nameOf(change)}`);
    const { nodes } = await makeChange(connection, source.content, change, step);
    progress.note(`${nodes} nodes`);
    const { storedBytes, rawBytes, ms } = await increments.add(connection);
    bench.series.add(`${nameOf(change)}, ${increment}`, storedBytes);
    bench.series.add(`${nameOf(change)}, ${increment} raw`, rawBytes);
    bench.series.add(`${nameOf(change)}, ${increment} ms`, ms);
    await storeState(bench, nameOf(change));
  }
  return rowsOf(bench);
}

function nameOf({ pattern, share }: Change): string {
  return `${share * 100} % ${pattern}`;
}

async function storeState({ context, source, connection, repositories, series }: Bench, state: string): Promise<void> {
  const { progress, signal } = context;
  const { ms, point } = await timedBackup(source, context);
  series.add(`${state}, ${full}`, point.storedBytes);
  series.add(`${state}, ${full} ms`, ms);
  for (const dump of ["compressed", "raw"] as const) {
    await waitForIdleFork(connection, { timeoutMs: quietTimeoutMs, signal, exit: "inconclusive" });
    await using file = await dumpOf(source, connection, dump);
    for (const repository of repositories.filter((one) => one.dump === dump)) {
      progress.step(`${repository.name}: ${state}`);
      const stored = await repository.store(file.path, state.replaceAll(/[^a-z0-9]+/g, "-"));
      series.add(`${state}, ${repository.name}`, stored.storedBytes);
      series.add(`${state}, ${repository.name} ms`, stored.ms);
    }
  }
}

/** The engine's own SAVE, with its default settings or without its compression. */
async function dumpOf(
  { engine }: BenchSource,
  connection: Connection,
  kind: Repository["dump"],
): Promise<{ readonly path: string } & AsyncDisposable> {
  if (engine.dataDir === undefined) throw environmentError("the dumps of this engine cannot be reached");
  await connection.command("CONFIG", "SET", "rdbcompression", kind === "raw" ? "no" : "yes");
  await connection.command("SAVE");
  await connection.command("CONFIG", "SET", "rdbcompression", "yes");
  const path = join(engine.dataDir, "state.rdb");
  await rename(join(engine.dataDir, "dump.rdb"), path);
  return { path, [Symbol.asyncDispose]: () => rm(path) };
}

function rowsOf({ series, repositories }: Bench): BenchRow[] {
  const states = ["base", ...changes.map(nameOf)];
  const ways = [full, ...repositories.map(({ name }) => name), increment];
  const rows = states.flatMap((state) =>
    ways.flatMap((way) => {
      const stored = series.get(`${state}, ${way}`);
      if (stored.length === 0) return [];
      return [
        row(`${state}, ${way}`, "bytes", stored),
        row(`${state}, ${way}, time`, "ms", series.get(`${state}, ${way} ms`)),
      ];
    }),
  );
  for (const change of changes) {
    const state = nameOf(change);
    rows.push(row(`${state}, ${increment}, before compression`, "bytes", series.get(`${state}, ${increment} raw`)));
  }
  const restics = repositories.filter(({ name }) => name.startsWith("restic"));
  for (const change of changes) {
    const state = nameOf(change);
    const best = Math.min(...restics.flatMap(({ name }) => series.get(`${state}, ${name}`)));
    if (!Number.isFinite(best)) continue;
    const of = "restic's better dump";
    const target = change.share === 0.01 ? ({ target: { bound: "at most", value: 0.1 } } as const) : {};
    const ratio = (series.get(`${state}, ${increment}`)[0] ?? Number.NaN) / best;
    rows.push(row(`${state}, ${increment}, of restic`, "x", [ratio], { of, ...target }));
  }
  return [...rows, savings(series)];
}

/** A day of hourly states, each one per cent from the one before: 24 full backups, or one and 23 increments. */
function savings(series: Series): BenchRow {
  const one = (name: string): number => series.get(name)[0] ?? Number.NaN;
  const hourly = changes.filter(({ share }) => share === 0.01).map(nameOf);
  const mean = hourly.reduce((sum, state) => sum + one(`${state}, ${increment}`), 0) / hourly.length;
  const base = one(`base, ${full}`);
  const ratio = (base + 23 * mean) / (24 * base);
  const of = "24 full backups";
  return row("a day of hourly states, 1 % each", "x", [ratio], { of, target: { bound: "at most", value: 0.4 } });
}

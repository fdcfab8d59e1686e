// How fast a stream is replayed against how fast it was made. Two ways of making it, because they differ: Graphiti's
// episodes, written by agents that wait for each answer, and the same graph grown by batches (UNWIND), which the engine
// works through with hardly anything to plan or to answer. The source feeds no replica meanwhile, so it runs at full
// speed; one increment then takes everything.
import { systemClock } from "../../base/clock.ts";
import { DrillError } from "../../base/errors.ts";
import { waitFor } from "../../base/wait.ts";
import { connect, type Connection } from "../../falkordb/client/connection.ts";
import { startWriters } from "../../workload/writers.ts";
import { timedBackup } from "../bench-source.ts";
import type { BenchContext } from "../benchmark.ts";
import { type BenchRow, row } from "../rows.ts";
import { Series } from "../series.ts";
import { makeChange } from "../storage/changes.ts";
import { nobody } from "../writers-rate.ts";
import { type ChainSource, chainSource } from "./chain-source.ts";
import { stateSums, timedRestore } from "./timed-restore.ts";

const writers = 4;
const makingTimeoutMs = 3_600_000;
/** New entities of the batches, as a share of the nodes; each comes with two facts. */
const batchShare = 0.2;

interface Made {
  readonly graph: string;
  readonly writes: number;
  /** Time in ms that the source took for the writes. */
  readonly ms: number;
}

interface Way {
  readonly name: string;
  readonly what: string;
  readonly isJudged: boolean;
  make(context: BenchContext, source: ChainSource, run: number): Promise<Made>;
}

const ways: readonly Way[] = [
  { name: "episodes", what: "queries of episodes", isJudged: true, make: makeEpisodes },
  { name: "batches", what: "changes in batches", isJudged: false, make: makeBatches },
];

export async function replayRate(context: BenchContext): Promise<BenchRow[]> {
  const { progress, runs } = context;
  await using source = await chainSource(context);
  const series = new Series();
  for (let run = 0; run < runs; run += 1) {
    for (const way of run % 2 === 0 ? ways : ways.toReversed()) {
      progress.step(`make ${way.what}, run ${run + 1} of ${runs}`);
      await timedBackup(source, context);
      const { graph, writes, ms } = await way.make(context, source, run);
      const { base, offset } = await source.increment();
      const expected = await stateSums(source.engine.endpoint, graph);
      progress.step(`replay ${way.what}`);
      const point = { point: base, at: { offset }, graph, expected };
      const { phases } = await timedRestore(source.system, point, context);
      const replayMs = phases.find(({ name }) => name === "replay")?.ms ?? Number.NaN;
      series.add(`${way.name} made`, (writes * 1000) / ms);
      series.add(`${way.name} replayed`, (writes * 1000) / replayMs);
      series.add(`${way.name} faster`, ms / replayMs);
    }
  }
  return ways.flatMap(({ name, what, isJudged }) => [
    row(`${what}, made`, "per s", series.get(`${name} made`)),
    row(`${what}, replayed`, "per s", series.get(`${name} replayed`)),
    row(`replay of ${what}, faster than they were made`, "x", series.get(`${name} faster`), {
      of: "the time in which they were made",
      better: "more",
      ...(isJudged ? { target: { bound: "at least", value: 3 } } : {}),
    }),
  ]);
}

/** Runs as many write queries as the graph has nodes, in a separate graph with Graphiti's indexes. */
async function makeEpisodes({ nodes, seed, signal }: BenchContext, source: ChainSource, run: number): Promise<Made> {
  const { endpoint } = source.engine;
  const graph = `episodes-${run}`;
  await using connection = await connect(endpoint);
  const before = await queriesOf(connection);
  const startedMs = systemClock.monotonicMs();
  await using running = await startWriters({
    engine: endpoint,
    writers,
    seed,
    history: nobody,
    groups: [graph],
    signal,
  });
  const isEnough = async (): Promise<true | undefined> =>
    (await queriesOf(connection)) - before >= nodes ? true : undefined;
  const what = `${nodes} queries of episodes`;
  await waitFor(isEnough, { what, timeoutMs: makingTimeoutMs, intervalMs: 50, signal, exit: "inconclusive" });
  const { failed, unknown } = await running.stop();
  const ms = systemClock.monotonicMs() - startedMs;
  if (failed + unknown > 0)
    throw new DrillError(`${failed + unknown} episodes went wrong: ${running.lastReason ?? "no reason"}`, {
      exit: "inconclusive",
    });
  return { graph, writes: (await queriesOf(connection)) - before, ms };
}

async function queriesOf(connection: Connection): Promise<number> {
  const [, calls = "0"] =
    /calls=(\d+)/.exec((await connection.info("commandstats"))["cmdstat_graph.QUERY"] ?? "") ?? [];
  return Number(calls);
}

async function makeBatches(_: BenchContext, { connection, content }: ChainSource, run: number): Promise<Made> {
  const [plan] = content.graphs();
  const { written, ms } = await makeChange(connection, content, { pattern: "appended", share: batchShare }, run + 1);
  return { graph: plan?.name ?? "", writes: written, ms };
}

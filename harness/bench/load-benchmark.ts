// How much generating costs on top of loading: the same graph once from buffers that are ready in memory, once generated
// while it loads, in turns on the same engine. The first is the raw limit: what is sent is all there, nothing else is done.
import { type Clock, systemClock } from "../base/clock.ts";
import type { Endpoint } from "../base/endpoint.ts";
import { type Progress, silentProgress } from "../base/progress.ts";
import type { GraphCounts, GraphPlan } from "../../generators/model.ts";
import type { BulkBatch } from "../falkordb/load/bulk-encoder.ts";
import { type BatchSink, sendBatch } from "../falkordb/load/bulk-load.ts";
import { connect, type Connection } from "../falkordb/client/connection.ts";
import { encodeGraph } from "../falkordb/load/encode-graph.ts";

export interface LoadBenchmarkOptions {
  /** How often each way is measured; the fastest of each counts, because a shared machine only ever slows down. */
  readonly repeat?: number;
  readonly signal?: AbortSignal | undefined;
  readonly progress?: Progress | undefined;
  readonly clock?: Clock | undefined;
}

export interface LoadBenchmark {
  readonly counts: GraphCounts;
  readonly bytes: number;
  /** Generating and encoding alone, with no engine involved. */
  readonly generateMs: number;
  /** Sending ready-made buffers: the raw limit. */
  readonly readyMadeMs: number;
  /** Generating and loading at once. */
  readonly generateAndLoadMs: number;
  /** generateAndLoadMs / readyMadeMs. */
  readonly ratio: number;
  readonly runs: { readonly readyMadeMs: readonly number[]; readonly generateAndLoadMs: readonly number[] };
}

/** The engine must not hold a graph of this name; it holds none of it afterwards. Keeps all blobs in memory. */
export async function benchmarkLoad(
  endpoint: Endpoint,
  plan: GraphPlan,
  options: LoadBenchmarkOptions = {},
): Promise<LoadBenchmark> {
  const { repeat = 1, clock = systemClock, progress = silentProgress, signal } = options;
  await using connection = await connect(endpoint, { name: "falkordrill-load-benchmark" });
  progress.step("generate and encode");
  const readyMade: BulkBatch[] = [];
  const keep = async (batch: BulkBatch): Promise<void> => {
    await Promise.resolve();
    const copy = (tokens: readonly Buffer[]): Buffer[] => tokens.map((token) => Buffer.from(token));
    readyMade.push({ ...batch, nodeTokens: copy(batch.nodeTokens), edgeTokens: copy(batch.edgeTokens) });
  };
  // One unmeasured pass first: it is compiled while it runs, which would favour the way that is measured later.
  const encoded = await encodeGraph(plan, keep, { signal });
  const startedMs = clock.monotonicMs();
  await encodeGraph(plan, () => Promise.resolve(), { signal });
  const generateMs = clock.monotonicMs() - startedMs;
  const runs = { readyMadeMs: [] as number[], generateAndLoadMs: [] as number[] };
  for (let run = 0; run < repeat; run++) {
    progress.step(`load ready-made buffers, ${run + 1} of ${repeat}`);
    runs.readyMadeMs.push(await timedLoad(connection, plan.name, clock, (sink) => sendAll(readyMade, sink, signal)));
    progress.step(`generate and load, ${run + 1} of ${repeat}`);
    runs.generateAndLoadMs.push(
      await timedLoad(connection, plan.name, clock, (sink) => encodeGraph(plan, sink, { signal })),
    );
  }
  const readyMadeMs = Math.min(...runs.readyMadeMs);
  const generateAndLoadMs = Math.min(...runs.generateAndLoadMs);
  const { bytes } = encoded;
  const ratio = generateAndLoadMs / readyMadeMs;
  return { counts: plan.counts, bytes, generateMs, readyMadeMs, generateAndLoadMs, ratio, runs };
}

async function timedLoad(
  connection: Connection,
  graph: string,
  clock: Clock,
  load: (sink: BatchSink) => Promise<unknown>,
): Promise<number> {
  // Deleting in the background would run into the next measurement.
  await connection.command("GRAPH.CONFIG", "SET", "ASYNC_DELETE", "no");
  try {
    let begin = true;
    const startedMs = clock.monotonicMs();
    await load(async (batch) => {
      const first = begin;
      begin = false;
      await sendBatch(connection, graph, batch, first);
    });
    return clock.monotonicMs() - startedMs;
  } finally {
    await connection.command("GRAPH.DELETE", graph);
    await connection.command("GRAPH.CONFIG", "SET", "ASYNC_DELETE", "yes");
  }
}

/** Two in flight, as in a real load: the engine never waits for the wire. */
async function sendAll(batches: readonly BulkBatch[], sink: BatchSink, signal: AbortSignal | undefined): Promise<void> {
  const inFlight: Promise<void>[] = [];
  for (const batch of batches) {
    signal?.throwIfAborted();
    inFlight.push(sink(batch));
    if (inFlight.length >= 2) await inFlight.shift();
  }
  await Promise.all(inFlight);
}

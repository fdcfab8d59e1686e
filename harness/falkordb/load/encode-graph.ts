// Generates and encodes a graph: a small one in this thread, a large one in a worker, so that sending and generating
// run in parallel. The bytes are the same.
import { Worker } from "node:worker_threads";
import { DrillError, errorMessage } from "../../base/errors.ts";
import { explainSystemError } from "../../base/system-error.ts";
import type { GraphPlan, PlanSource } from "../../../generators/model.ts";
import type { BulkBatch } from "./bulk-encoder.ts";
import { type BatchSink, type Encoded, encodeHere, type EncodeOptions } from "./bulk-load.ts";
import type { PendingVectors } from "./vector-notes.ts";

/** Records from which a worker pays off: starting one takes about as long as generating this many. */
const threadFrom = 100_000;
/** The worker makes only short-lived objects; by default the runtime would give them more room than they need. */
const resourceLimits = { maxYoungGenerationSizeMb: 8, maxOldGenerationSizeMb: 256 };

/** Messages of the worker. Batches stay in shared memory until they are answered. */
export type FromThread =
  | { readonly type: "batch"; readonly id: number; readonly batch: BulkBatch }
  | { readonly type: "vectors"; readonly id: number; readonly pending: readonly PendingVectors[] }
  | { readonly type: "done"; readonly encoded: Encoded }
  | { readonly type: "failed"; readonly message: string };

/** The answer to a batch or to vectors. */
export interface ToThread {
  readonly id: number;
}

export async function encodeGraph(plan: GraphPlan, sink: BatchSink, options: EncodeOptions = {}): Promise<Encoded> {
  const { source, counts } = plan;
  if (source === undefined || counts.nodes + counts.edges < threadFrom) return encodeHere(plan, sink, options);
  return encodeInThread(source, sink, options);
}

async function encodeInThread(source: PlanSource, sink: BatchSink, options: EncodeOptions): Promise<Encoded> {
  const { signal, sent, vectors } = options;
  signal?.throwIfAborted();
  // Runs from source by type stripping, or from the build.
  const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
  const worker = new Worker(new URL(`./encode-thread.${extension}`, import.meta.url), {
    workerData: source,
    resourceLimits,
  });
  const { promise, resolve, reject } = Promise.withResolvers<Encoded>();
  const progress = { nodes: 0, edges: 0 };
  const inFlight = new Set<Promise<void>>();
  const answer = async (id: number, work: Promise<void>): Promise<void> => {
    try {
      await work;
      worker.postMessage({ id } satisfies ToThread);
    } catch (error) {
      reject(error);
    }
  };
  const hand = async (batch: BulkBatch): Promise<void> => {
    await sink(batch);
    progress.nodes += batch.nodes;
    progress.edges += batch.edges;
    sent?.(progress.nodes, progress.edges);
  };
  const start = (id: number, work: Promise<void>): void => {
    const travel = answer(id, work).finally(() => inFlight.delete(travel));
    inFlight.add(travel);
  };
  const onMessage = (message: FromThread): void => {
    if (message.type === "batch") start(message.id, hand(asBuffers(message.batch)));
    else if (message.type === "vectors") start(message.id, vectors?.(message.pending) ?? Promise.resolve());
    else if (message.type === "done") resolve(message.encoded);
    else reject(new DrillError(`generating "${source.name}" failed: ${message.message}`, { exit: "internal" }));
  };
  const onAbort = (): void => reject(signal?.reason);
  worker.on("message", onMessage);
  worker.on("error", (error) =>
    reject(
      explainSystemError(error) ??
        new DrillError(`the generating thread failed: ${errorMessage(error)}`, { exit: "internal", cause: error }),
    ),
  );
  worker.on("exit", () => reject(new DrillError("the generating thread ended early", { exit: "internal" })));
  signal?.addEventListener("abort", onAbort, { once: true });
  try {
    return await promise;
  } finally {
    signal?.removeEventListener("abort", onAbort);
    // Batches in flight must have arrived at the engine before the caller cleans up.
    await Promise.all(inFlight);
    await worker.terminate();
  }
}

/** A message turns Buffers into plain byte arrays on the same shared memory. */
function asBuffers(batch: BulkBatch): BulkBatch {
  const buffers = (tokens: readonly Uint8Array[]): Buffer[] =>
    tokens.map(({ buffer, byteOffset, byteLength }) => Buffer.from(buffer, byteOffset, byteLength));
  return { ...batch, nodeTokens: buffers(batch.nodeTokens), edgeTokens: buffers(batch.edgeTokens) };
}

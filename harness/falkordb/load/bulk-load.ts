// Encodes a graph in batches and passes them on with back-pressure: while the engine loads one, the next is made, and
// no more than a few buffers exist, however large the graph is.
import { type Clock, systemClock } from "../../base/clock.ts";
import type { GraphPlan } from "../../../generators/model.ts";
import { answered } from "../client/answered.ts";
import { type BulkBatch, BulkEncoder } from "./bulk-encoder.ts";
import type { Connection } from "../client/connection.ts";
import type { PendingVectors } from "./vector-notes.ts";

export interface EncodeOptions {
  readonly signal?: AbortSignal | undefined;
  readonly clock?: Clock | undefined;
  /** Called after each batch with the number of records passed on so far. */
  readonly sent?: ((nodes: number, edges: number) => void) | undefined;
  /** Allocates buffers; ordinary memory unless another thread must see them too. */
  readonly allocate?: ((bytes: number) => Buffer) | undefined;
  /** Turns arrays into vectors; called between batches, when nothing is in flight. */
  readonly vectors?: ((pending: readonly PendingVectors[]) => Promise<void>) | undefined;
}

export interface Encoded {
  readonly nodes: number;
  readonly edges: number;
  readonly bytes: number;
  readonly batches: number;
  /** Time spent on generating and encoding records, while the engine works too. */
  readonly generateMs: number;
}

/** Accepts one batch; resolves when its bytes are no longer needed. */
export type BatchSink = (batch: BulkBatch) => Promise<void>;

const batchBytes = 4 * 2 ** 20;
const bufferBytes = batchBytes + 2 ** 18;
/** One is written while one is sent and one is loaded by the engine. */
const bufferCount = 3;
/** An array element takes 16 bytes in the engine, a vector element 4: arrays are converted before they accumulate. */
const pendingElements = 2 ** 25;

/** Deadline per command: a hundred times as long as an idle machine needs. */
function batchTimeoutMs(bytes: number): number {
  return 30_000 + (bytes / 2 ** 20) * 20_000;
}

/** The reply of GRAPH.BULK only repeats the declared counts, so it proves nothing; counts are asked for afterwards. */
export async function sendBatch(
  connection: Connection,
  graph: string,
  batch: BulkBatch,
  begin: boolean,
): Promise<void> {
  const { nodes, edges, nodeTokens, edgeTokens } = batch;
  const header = [...(begin ? ["BEGIN"] : []), nodes, edges, nodeTokens.length, edgeTokens.length];
  const reply = connection.command("GRAPH.BULK", graph, ...header, ...nodeTokens, ...edgeTokens);
  await answered(connection, `the bulk load of graph "${graph}"`, reply, batchTimeoutMs(batch.bytes));
}

/** Passes a whole graph to `sink` in load order while at most two earlier batches are still in use. */
export async function encodeHere(plan: GraphPlan, sink: BatchSink, options: EncodeOptions = {}): Promise<Encoded> {
  const pump = new Pump(sink, options);
  const { encoder } = pump;
  try {
    for (const _ of plan.writeNodes?.(encoder) ?? nodesOf(plan, encoder)) if (encoder.full) await pump.flush();
    await pump.flush();
    for (const _ of plan.writeEdges?.(encoder) ?? edgesOf(plan, encoder)) if (encoder.full) await pump.flush();
    await pump.flush();
  } finally {
    await pump.settle();
  }
  return pump.finish();
}

function* nodesOf(plan: GraphPlan, encoder: BulkEncoder): Generator<undefined> {
  for (const node of plan.nodes()) {
    encoder.nodeRecord(node);
    yield;
  }
}

function* edgesOf(plan: GraphPlan, encoder: BulkEncoder): Generator<undefined> {
  for (const edge of plan.edges()) {
    encoder.edgeRecord(edge);
    yield;
  }
}

class Pump {
  readonly encoder: BulkEncoder;
  readonly #sink: BatchSink;
  readonly #options: EncodeOptions;
  readonly #clock: Clock;
  readonly #allocate: (bytes: number) => Buffer;
  readonly #free: Buffer[] = [];
  readonly #inFlight: Promise<void>[] = [];
  readonly #totals = { nodes: 0, edges: 0, bytes: 0, batches: 0, generateMs: 0 };
  #failure: unknown;
  #resumedMs: number;

  constructor(sink: BatchSink, options: EncodeOptions) {
    this.#sink = sink;
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#allocate = options.allocate ?? ((bytes) => Buffer.allocUnsafeSlow(bytes));
    for (let n = 1; n < bufferCount; n++) this.#free.push(this.#allocate(bufferBytes));
    this.encoder = new BulkEncoder(this.#allocate(bufferBytes), batchBytes);
    this.#resumedMs = this.#clock.monotonicMs();
  }

  async flush(): Promise<void> {
    this.#totals.generateMs += this.#clock.monotonicMs() - this.#resumedMs;
    this.#options.signal?.throwIfAborted();
    const batch = this.encoder.take();
    if (batch !== undefined) await this.#hand(batch);
    this.#resumedMs = this.#clock.monotonicMs();
  }

  async #hand(batch: BulkBatch): Promise<void> {
    const { bytes } = this.encoder;
    const travel = this.#sink(batch)
      .catch((error: unknown) => {
        this.#failure ??= error;
      })
      .finally(() => {
        // A buffer that a huge record has enlarged is dropped: memory stays bounded by the usual ones.
        this.#free.push(bytes.length <= bufferBytes ? bytes : this.#allocate(bufferBytes));
      });
    this.#inFlight.push(travel);
    this.#totals.nodes += batch.nodes;
    this.#totals.edges += batch.edges;
    this.#totals.bytes += batch.bytes;
    this.#totals.batches++;
    if (this.encoder.vectors.elements >= pendingElements) await this.#convert();
    while (this.#free.length === 0) await this.#inFlight.shift();
    this.#throwFailure();
    this.#options.sent?.(this.#totals.nodes, this.#totals.edges);
    this.encoder.reset(this.#free.pop() ?? this.#allocate(bufferBytes));
  }

  /** Waits until no buffer is in use any more. */
  async settle(): Promise<void> {
    await Promise.all(this.#inFlight);
    this.#inFlight.length = 0;
  }

  async finish(): Promise<Encoded> {
    this.#throwFailure();
    await this.#convert();
    return this.#totals;
  }

  async #convert(): Promise<void> {
    const pending = this.encoder.vectors.take();
    await this.settle();
    this.#throwFailure();
    if (pending.length > 0) await this.#options.vectors?.(pending);
  }

  #throwFailure(): void {
    if (this.#failure !== undefined) throw this.#failure as Error;
  }
}

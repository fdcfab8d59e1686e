// Encodes a graph blob by blob and hands them on with back-pressure: while the engine takes in one, the next is made,
// and no more than a few buffers exist, however large the graph is.
import { type Clock, systemClock } from "../base/clock.ts";
import { DrillError } from "../base/errors.ts";
import type { GraphPlan } from "../../generators/model.ts";
import { type BulkBlob, BulkEncoder } from "./bulk-encoder.ts";
import type { Connection } from "./connection.ts";
import type { PendingVectors } from "./vectors.ts";

export interface EncodeOptions {
  readonly signal?: AbortSignal | undefined;
  readonly clock?: Clock | undefined;
  /** Called after each blob with the records handed on so far. */
  readonly sent?: ((nodes: number, edges: number) => void) | undefined;
  /** Turns arrays into vectors; called between blobs, when nothing is in flight. */
  readonly vectors?: ((pending: readonly PendingVectors[]) => Promise<void>) | undefined;
}

export interface Encoded {
  readonly nodes: number;
  readonly edges: number;
  readonly bytes: number;
  readonly blobs: number;
  /** Time spent on making and encoding records; the engine works meanwhile. */
  readonly generateMs: number;
}

/** Takes one blob; resolves when its bytes are no longer needed. */
export type BlobSink = (blob: BulkBlob) => Promise<void>;

const blobBytes = 4 * 2 ** 20;
const bufferBytes = blobBytes + 2 ** 20;
/** One is written while one travels and one is taken in by the engine. */
const bufferCount = 3;
/** An array element weighs 16 bytes in the engine and a vector element 4: arrays are converted before they pile up. */
const pendingElements = 2 ** 25;

/** The reply of GRAPH.BULK only repeats the declared counts, so it proves nothing; counts are asked for afterwards. */
export async function sendBlob(connection: Connection, graph: string, blob: BulkBlob, begin: boolean): Promise<void> {
  const counts = blob.kind === "node" ? [blob.count, 0, 1, 0] : [0, blob.count, 0, 1];
  await connection.command("GRAPH.BULK", graph, ...(begin ? ["BEGIN"] : []), ...counts, blob.bytes);
}

/** All of a graph as blobs, in load order, handed to `sink` while at most two earlier ones are still in use. */
export async function encodeGraph(plan: GraphPlan, sink: BlobSink, options: EncodeOptions = {}): Promise<Encoded> {
  const pump = new Pump(sink, options);
  try {
    for (const node of plan.nodes()) {
      if (!pump.encoder.node(node)) {
        await pump.flush();
        if (!pump.encoder.node(node)) throw refused(`node ${node.id}`);
      }
      if (pump.encoder.length >= blobBytes) await pump.flush();
    }
    await pump.flush();
    for (const edge of plan.edges()) {
      if (!pump.encoder.edge(edge)) {
        await pump.flush();
        if (!pump.encoder.edge(edge)) throw refused(`a ${edge.type} edge`);
      }
      if (pump.encoder.length >= blobBytes) await pump.flush();
    }
    await pump.flush();
  } finally {
    await pump.settle();
  }
  return pump.finish();
}

function refused(what: string): DrillError {
  return new DrillError(`the bulk encoder refused ${what} at the start of a blob`, { exit: "internal" });
}

class Pump {
  readonly encoder: BulkEncoder;
  readonly #sink: BlobSink;
  readonly #options: EncodeOptions;
  readonly #clock: Clock;
  readonly #free: Buffer[] = [];
  readonly #inFlight: Promise<void>[] = [];
  readonly #totals = { nodes: 0, edges: 0, bytes: 0, blobs: 0, generateMs: 0 };
  #failure: unknown;
  #resumedMs: number;

  constructor(sink: BlobSink, options: EncodeOptions) {
    this.#sink = sink;
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    for (let n = 1; n < bufferCount; n++) this.#free.push(Buffer.allocUnsafeSlow(bufferBytes));
    this.encoder = new BulkEncoder(Buffer.allocUnsafeSlow(bufferBytes));
    this.#resumedMs = this.#clock.monotonicMs();
  }

  async flush(): Promise<void> {
    this.#totals.generateMs += this.#clock.monotonicMs() - this.#resumedMs;
    this.#options.signal?.throwIfAborted();
    const blob = this.encoder.take();
    if (blob !== undefined) await this.#hand(blob);
    this.#resumedMs = this.#clock.monotonicMs();
  }

  async #hand(blob: BulkBlob): Promise<void> {
    const { buffer } = this.encoder;
    const travel = this.#sink(blob)
      .catch((error: unknown) => {
        this.#failure ??= error;
      })
      .finally(() => {
        // A buffer that a huge record made grow is not kept: memory stays bounded by the usual ones.
        this.#free.push(buffer.length <= bufferBytes ? buffer : Buffer.allocUnsafeSlow(bufferBytes));
      });
    this.#inFlight.push(travel);
    this.#totals.bytes += blob.bytes.length;
    this.#totals.blobs++;
    this.#totals[blob.kind === "node" ? "nodes" : "edges"] += blob.count;
    if (this.encoder.vectorElements >= pendingElements) await this.#convert();
    while (this.#free.length === 0) await this.#inFlight.shift();
    this.#throwFailure();
    this.#options.sent?.(this.#totals.nodes, this.#totals.edges);
    this.encoder.reuse(this.#free.pop() ?? Buffer.allocUnsafeSlow(bufferBytes));
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
    const pending = this.encoder.takeVectors();
    await this.settle();
    this.#throwFailure();
    if (pending.length > 0) await this.#options.vectors?.(pending);
  }

  #throwFailure(): void {
    if (this.#failure !== undefined) throw this.#failure as Error;
  }
}

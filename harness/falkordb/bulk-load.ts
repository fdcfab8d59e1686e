// Sends encoded blobs to the engine with back-pressure: while it takes in one, the next is encoded, and no more than a
// few buffers exist, however large the graph is.
import { DrillError } from "../base/errors.ts";
import type { EdgeRecord, GraphPlan, NodeRecord } from "../../generators/model.ts";
import { type BulkBlob, BulkEncoder } from "./bulk-encoder.ts";
import type { Connection } from "./connection.ts";

export interface BulkLoadOptions {
  readonly signal?: AbortSignal | undefined;
  /** Called after each blob with the records sent so far. */
  readonly sent?: (nodes: number, edges: number) => void;
  /** Sees each record before it is encoded; used to find out which properties are vectors. */
  readonly inspect?: (record: NodeRecord | EdgeRecord) => void;
}

export interface BulkLoaded {
  readonly nodes: number;
  readonly edges: number;
  readonly bytes: number;
  readonly blobs: number;
}

/** Takes one blob; resolves when its bytes are no longer needed. */
export type BlobSink = (blob: BulkBlob) => Promise<void>;

const blobBytes = 4 * 2 ** 20;
const bufferBytes = blobBytes + 2 ** 20;
/** One is written while one travels and one is taken in by the engine. */
const bufferCount = 3;

/** Generates, encodes and sends one graph into an empty key. */
export async function bulkLoad(
  connection: Connection,
  plan: GraphPlan,
  options: BulkLoadOptions = {},
): Promise<BulkLoaded> {
  let first = true;
  return encodeGraph(plan, options, async (blob) => {
    const begin = first;
    first = false;
    await sendBlob(connection, plan.name, blob, begin);
  });
}

/** The reply of GRAPH.BULK only repeats the declared counts, so it proves nothing; counts are asked for afterwards. */
export async function sendBlob(connection: Connection, graph: string, blob: BulkBlob, begin: boolean): Promise<void> {
  const counts = blob.kind === "node" ? [blob.count, 0, 1, 0] : [0, blob.count, 0, 1];
  await connection.command("GRAPH.BULK", graph, ...(begin ? ["BEGIN"] : []), ...counts, blob.bytes);
}

/** All of a graph as blobs, in load order, handed to `sink` while at most two earlier ones are still in use. */
export async function encodeGraph(plan: GraphPlan, options: BulkLoadOptions, sink: BlobSink): Promise<BulkLoaded> {
  const pump = new Pump(sink, options);
  try {
    for (const node of plan.nodes()) {
      options.inspect?.(node);
      if (!pump.encoder.node(node)) {
        await pump.flush();
        if (!pump.encoder.node(node)) throw refused(`node ${node.id}`);
      }
      if (pump.encoder.length >= blobBytes) await pump.flush();
    }
    await pump.flush();
    for (const edge of plan.edges()) {
      options.inspect?.(edge);
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
  return pump.loaded();
}

function refused(what: string): DrillError {
  return new DrillError(`the bulk encoder refused ${what} at the start of a blob`, { exit: "internal" });
}

class Pump {
  readonly encoder: BulkEncoder;
  readonly #sink: BlobSink;
  readonly #options: BulkLoadOptions;
  readonly #free: Buffer[] = [];
  readonly #inFlight: Promise<void>[] = [];
  #failure: unknown;
  #totals = { nodes: 0, edges: 0, bytes: 0, blobs: 0 };

  constructor(sink: BlobSink, options: BulkLoadOptions) {
    this.#sink = sink;
    this.#options = options;
    for (let n = 1; n < bufferCount; n++) this.#free.push(Buffer.allocUnsafeSlow(bufferBytes));
    this.encoder = new BulkEncoder(Buffer.allocUnsafeSlow(bufferBytes));
  }

  async flush(): Promise<void> {
    this.#options.signal?.throwIfAborted();
    const blob = this.encoder.take();
    if (blob === undefined) return;
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

  loaded(): BulkLoaded {
    this.#throwFailure();
    return this.#totals;
  }

  #throwFailure(): void {
    if (this.#failure !== undefined) throw this.#failure as Error;
  }
}

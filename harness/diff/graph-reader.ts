// One graph of one side, read as often as a comparison needs it: nodes or edges, each with its hash and its key.
import type { EntityRow } from "../check/fingerprint/entity-row.ts";
import { GraphFingerprint, type Kind } from "../check/fingerprint/fingerprint.ts";
import type { Captured } from "../check/locate/capture.ts";
import type { Fingerprint, Tally } from "../check/observation.ts";
import type { Connection } from "../falkordb/client/connection.ts";
import type { ReadStream } from "../falkordb/client/read-stream.ts";
import { lastNodeId, type WholeOptions } from "../falkordb/client/read-whole.ts";
import { EntityKeys } from "../observe/entity-keys.ts";
import { showStored } from "../observe/locate.ts";
import type { GraphSchema } from "../observe/observe-schema.ts";
import { type ContentOptions, readEdges, readNodes } from "../observe/read-content.ts";
import { DoubleReading } from "../observe/read-doubles.ts";
import type { EntityIds } from "../observe/read-entities.ts";

export type EntityName = "node" | "edge";

interface Place {
  readonly schema: GraphSchema;
  readonly connection: Connection;
  readonly streams: readonly ReadStream[];
  readonly whole: WholeOptions;
}

export class GraphReader {
  readonly schema: GraphSchema;
  readonly #place: Place;
  readonly #lastId: number;
  /** Sums and node keys of the last reading. */
  #fingerprint: GraphFingerprint;

  private constructor(place: Place, lastId: number, buckets: { readonly nodes: number; readonly edges: number }) {
    this.schema = place.schema;
    this.#place = place;
    this.#lastId = lastId;
    this.#fingerprint = new GraphFingerprint(buckets.nodes, buckets.edges);
  }

  /** Both sides of a comparison need as many buckets. */
  static async open(place: Place, buckets: { readonly nodes: number; readonly edges: number }): Promise<GraphReader> {
    const { schema, connection } = place;
    return new GraphReader(place, schema.nodes === 0 ? -1 : await lastNodeId(connection, schema.name), buckets);
  }

  /** Sums over everything, and the last bits of the doubles, which replies do not show. */
  async sums(): Promise<{ readonly content: Fingerprint; readonly doubles: Record<string, Tally> }> {
    const keys = new EntityKeys(this.#fingerprint);
    const doubles = new DoubleReading(this.#fingerprint, keys);
    const options = this.#options([doubles, keys]);
    await readNodes(this.#place.streams, options, this.#lastId);
    await readEdges(this.#place.streams, options, this.#lastId);
    const { streams, whole } = this.#place;
    return { content: this.#fingerprint.result(), doubles: await doubles.read(streams, this.schema.name, whole) };
  }

  /** Reads all nodes, or all edges, again. Returns the sums of this reading. */
  async each(
    entity: EntityName,
    visit: (fingerprint: GraphFingerprint, row: EntityRow, ids: EntityIds, kind: Kind) => void,
  ): Promise<readonly string[]> {
    const fingerprint = this.#fingerprint.again();
    this.#fingerprint = fingerprint;
    const ids: EntityIds = { id: 0, labels: [], type: 0, source: 0, target: 0 };
    const visitor = {
      node: (row: EntityRow, id: number, kind: Kind): void => visit(fingerprint, row, Object.assign(ids, { id }), kind),
      edge: (row: EntityRow, found: Readonly<EntityIds>, kind: Kind): void => visit(fingerprint, row, found, kind),
    };
    const read = entity === "node" ? readNodes : readEdges;
    await read(this.#place.streams, this.#options([visitor]), this.#lastId);
    const { nodes, edges } = fingerprint.result();
    return (entity === "node" ? nodes : edges).buckets;
  }

  /** Gives a node the key of its counterpart, so that the edges of both are compared as those of one node. */
  rename(id: number, key: string): void {
    this.#fingerprint.setKey(id, Number.parseInt(key.slice(0, 8), 16), Number.parseInt(key.slice(8, 16), 16));
  }

  show(captured: Captured, property: string): Promise<string> {
    return showStored(this.#place.connection, this.schema.name, captured, property);
  }

  #options(visitors: ContentOptions["visitors"]): ContentOptions {
    return { ...this.#place.whole, schema: this.schema, fingerprint: this.#fingerprint, visitors, vectors: [] };
  }
}

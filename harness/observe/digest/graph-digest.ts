// A graph as sums that show any change, by the engine's own ids of nodes, edges, labels, types and property keys: a
// replication stream refers to all of these by id, so two servers that follow one stream must agree on them too.
// Every value is hashed as it comes in the reply, whatever its type; doubles come with 15 digits.
import { finalMix, hashBytes, Sums } from "../../check/fingerprint/hash.ts";
import type { Constraint, Index } from "../../check/observation.ts";
import type { GraphSchema } from "../observe-schema.ts";
import type { ReplyCursor } from "../../falkordb/client/read-cursor.ts";
import { idRanges } from "../../falkordb/client/concurrency.ts";
import type { ReadStream } from "../../falkordb/client/read-stream.ts";
import { type RangeQuery, readRanges, type WholeOptions } from "../../falkordb/client/read-whole.ts";

/** Node ids per query and per sum: a difference is reported with its range. */
export const digestRange = 20_000;

/** Digest of the nodes, or of the edges by their source node. */
interface SideDigest {
  readonly count: number;
  /** Order-free sums of 128-bit hashes, one for each range of node ids. */
  readonly sums: readonly string[];
}

export interface GraphDigest {
  readonly name: string;
  readonly database: number;
  /** Label names, indexed by the engine's label ids; the same for the two lists below. */
  readonly labels: readonly string[];
  readonly types: readonly string[];
  readonly propertyKeys: readonly string[];
  readonly indexes: readonly Index[];
  readonly constraints: readonly Constraint[];
  readonly nodes: SideDigest;
  readonly edges: SideDigest;
}

/** `lastId` is the highest id of a node; -1 without nodes. */
export async function digestGraph(
  streams: readonly ReadStream[],
  place: { readonly schema: GraphSchema; readonly database: number; readonly lastId: number },
  whole: WholeOptions,
): Promise<GraphDigest> {
  const { schema, database, lastId } = place;
  const { name, labels, types, propertyKeys, indexes } = schema;
  const side = async (
    query: Pick<RangeQuery, "match" | "returns" | "edges">,
    hashRow: HashRow,
  ): Promise<SideDigest> => {
    const ranges = [...idRanges(lastId, digestRange)];
    const sums = new Sums(Math.max(1, ranges.length));
    const lanes = new Uint32Array(4);
    const count = await readRanges(
      streams,
      { ...query, graph: name, lastId, size: digestRange },
      whole,
      (from) => (cursor) => {
        hashRow(cursor, lanes);
        sums.add(from / digestRange, lanes);
      },
    );
    return { count, sums: ranges.map((_, slot) => sums.hex(slot)) };
  };
  return {
    name,
    database,
    labels,
    types,
    propertyKeys,
    indexes,
    constraints: schema.constraints.map(({ kind, entity, label, properties }) => ({ kind, entity, label, properties })),
    nodes: await side({ match: "MATCH (n)", returns: "n", edges: false }, hashNode),
    edges: await side({ match: "MATCH (n)-[r]->()", returns: "r", edges: true }, hashEdge),
  };
}

/** Writes the hash of one row to `lanes`. */
type HashRow = (cursor: ReplyCursor, lanes: Uint32Array) => void;

const [keySeed, rowSeed] = [1, 2];
const part = new Uint32Array(4);
/** Bytes to hash for one row: its ids, the sum of its properties, the sum of its labels. */
const frame = new DataView(new ArrayBuffer(40));

const hashNode: HashRow = (cursor, lanes) => {
  enter(cursor);
  const start = cursor.at;
  cursor.integer();
  hashBytes(cursor.view, start, cursor.at, keySeed, part);
  putPart(0);
  const count = cursor.array();
  let labels = 0;
  // Summed in any order: labels come in the order of the matrices, which depends on their history.
  for (let left = count; left > 0; left -= 1) labels += finalMix(cursor.integer() + 1);
  frame.setUint32(32, labels, true);
  frame.setUint32(36, count, true);
  finishRow(cursor, lanes);
};

const hashEdge: HashRow = (cursor, lanes) => {
  enter(cursor);
  const start = cursor.at;
  // The edge's id, its type, and its two ends.
  for (let left = 4; left > 0; left -= 1) cursor.integer();
  hashBytes(cursor.view, start, cursor.at, keySeed, part);
  putPart(0);
  frame.setUint32(32, 0, true);
  frame.setUint32(36, 0, true);
  finishRow(cursor, lanes);
};

/** Enters a row with one cell, and the entity in it. */
function enter(cursor: ReplyCursor): void {
  cursor.array();
  cursor.array();
  cursor.integer();
  cursor.array();
}

/** Hashes the properties, each as key, type and value, in any order. */
function finishRow(cursor: ReplyCursor, lanes: Uint32Array): void {
  lanes.fill(0);
  for (let left = cursor.array(); left > 0; left -= 1) {
    const start = cursor.at;
    cursor.skip();
    hashBytes(cursor.view, start, cursor.at, keySeed, part);
    for (let lane = 0; lane < 4; lane += 1) lanes[lane] = (lanes[lane] ?? 0) + (part[lane] ?? 0);
  }
  for (let lane = 0; lane < 4; lane += 1) frame.setUint32(16 + 4 * lane, lanes[lane] ?? 0, true);
  hashBytes(frame, 0, frame.byteLength, rowSeed, lanes);
}

function putPart(at: number): void {
  for (let lane = 0; lane < 4; lane += 1) frame.setUint32(at + 4 * lane, part[lane] ?? 0, true);
}

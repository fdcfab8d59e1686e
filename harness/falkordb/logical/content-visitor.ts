// Reads the content of graphs in a snapshot, all of it in one pass.
import type { FrameReader } from "../rdb/graph-frames.ts";
import { readGraphParts } from "../rdb/graph-parts.ts";
import type { GraphHeader } from "../rdb/rdb-graph-header.ts";
import { type GraphVisitor, type StoredKey, RdbWalk, type StoredLibrary } from "../rdb/rdb-walk.ts";
import { ContentHashes, type GraphContentSums } from "./content-sums.ts";
import { decodeEntities } from "./entity-decoder.ts";
import { OtherContent } from "./other-content.ts";
import { GraphTopology } from "./topology.ts";

export interface DecodedGraph {
  readonly database: number;
  readonly header: GraphHeader;
  readonly topology: GraphTopology;
  readonly sums: GraphContentSums;
}

export class ContentVisitor implements GraphVisitor {
  readonly frameBytesMax: number = Infinity;
  readonly others: OtherContent = new OtherContent();
  readonly #isWanted: (name: string, database: number) => boolean;
  readonly #graphs = new Map<string, Omit<DecodedGraph, "sums"> & { readonly hashes: ContentHashes }>();

  constructor(isWanted: (name: string, database: number) => boolean) {
    this.#isWanted = isWanted;
  }

  key(header: GraphHeader, database: number): FrameReader<void> | undefined {
    const { name } = header;
    if (!this.#isWanted(name, database)) return undefined;
    const known = this.#graphs.get(placeOf(name, database));
    const graph = known ?? { database, header, topology: new GraphTopology(), hashes: new ContentHashes(header) };
    this.#graphs.set(placeOf(name, database), graph);
    const { topology, hashes } = graph;
    return readGraphParts(header, {
      nodes: (cursor, count) => decodeEntities(cursor, count, (node) => hashes.node(node)),
      edges: (cursor, count) => decodeEntities(cursor, count, (edge) => hashes.edge(edge)),
      relation: (cursor) => topology.readRelation(cursor),
      nodeLabels: (cursor) => topology.readNodeLabels(cursor),
    });
  }

  otherKey(key: StoredKey): void {
    this.others.keys.push(key);
  }

  library(library: StoredLibrary): void {
    this.others.libraries.push(library);
  }

  /** Throws a RangeError where a graph does not hold what it says of itself. */
  result(): DecodedGraph[] {
    return [...this.#graphs.values()].map(({ database, header, topology, hashes }) => {
      const sums = hashes.sums(topology);
      const total = (of: "nodes" | "edges"): number => sums[of].values().reduce((sum, { count }) => sum + count, 0);
      const [nodes, edges] = [total("nodes"), total("edges")];
      if (nodes !== header.nodes || edges !== header.edges || topology.edges !== header.edges)
        throw new RangeError(
          `the graph ${JSON.stringify(header.name)} says that it has ${header.nodes} nodes and ${header.edges} edges, ` +
            `and has ${nodes} and ${edges}, of which ${topology.edges} have ends`,
        );
      return { database, header, topology, sums };
    });
  }
}

export function placeOf(name: string, database: number): string {
  return `${database}/${name}`;
}

/**
 * Passes over a snapshot once; `after` is called between its pieces. Returns the version of the RDB. Throws a RangeError
 * where it is not understood.
 */
export async function walkSnapshot(
  snapshot: AsyncIterable<Buffer>,
  visitor: GraphVisitor,
  after: () => Promise<void> = async () => {},
): Promise<number> {
  const walk = new RdbWalk(visitor);
  for await (const part of snapshot)
    for (let at = 0; at < part.length; at += pieceBytes) {
      walk.push(part.subarray(at, at + pieceBytes));
      if (walk.failure !== undefined) throw walk.failure;
      await after();
    }
  if (walk.summary() === undefined) throw walk.failure ?? new RangeError("the snapshot ends early");
  return walk.version;
}

/** What a piece becomes is in memory at once. */
const pieceBytes = 1 << 20;

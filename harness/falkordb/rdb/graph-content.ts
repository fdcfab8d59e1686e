// Passes over the content of graphs in an RDB: finds the entities with a value of a property, and where the matrices
// are (graph-matrices.ts). A graph may be spread over many keys in any order, and the matrices are all in one of them.
import { type EntityPlaces, scanEntities } from "./entity-scan.ts";
import { FrameCursor, type FrameReader } from "./graph-frames.ts";
import { type DeltaMatrixPlace, deltaMatrix, entriesOf, relation, type RelationPlace } from "./graph-matrices.ts";
import type { GraphHeader } from "./rdb-graph-header.ts";
import type { GraphVisitor } from "./rdb-walk.ts";

/** One graph of the RDB, as far as it was read. */
export interface ScannedGraph {
  readonly database: number;
  readonly header: GraphHeader;
  readonly nodes: EntityPlaces;
  readonly edges: EntityPlaces;
  /** Number of nodes by the number of their label. */
  readonly nodesOfLabel: number[];
  labels?: DeltaMatrixPlace;
  readonly relations: RelationPlace[];
}

const payloads = {
  nodes: 1,
  deletedNodes: 2,
  edges: 3,
  deletedEdges: 4,
  labelMatrices: 6,
  relationMatrices: 7,
  adjacency: 8,
  nodeLabels: 9,
} as const;

export interface WantedEntities {
  readonly property: string;
  /** None where only the sizes are wanted. */
  readonly value: string | undefined;
  /** Whether a graph is looked at. */
  readonly isWanted: (name: string, database: number) => boolean;
}

export class ContentScan implements GraphVisitor {
  readonly #graphs = new Map<string, ScannedGraph>();
  readonly #wanted: WantedEntities;
  readonly #bytes: Buffer;

  constructor(wanted: WantedEntities) {
    this.#wanted = wanted;
    this.#bytes = wanted.value === undefined ? Buffer.alloc(0) : Buffer.from(`${wanted.value}\0`);
  }

  get graphs(): readonly ScannedGraph[] {
    return [...this.#graphs.values()];
  }

  key(header: GraphHeader, database: number): FrameReader<void> | undefined {
    const { name } = header;
    if (!this.#wanted.isWanted(name, database)) return undefined;
    const place = `${database}/${name}`;
    const graph = this.#graphs.get(place) ?? {
      database,
      header,
      nodesOfLabel: [],
      relations: [],
      nodes: { found: 0, places: [], passed: 0, marks: [] },
      edges: { found: 0, places: [], passed: 0, marks: [] },
    };
    this.#graphs.set(place, graph);
    return this.#content(graph);
  }

  *#content(graph: ScannedGraph): FrameReader<void> {
    const cursor = new FrameCursor();
    const parts: { readonly kind: number; readonly count: number }[] = [];
    for (let left = yield* cursor.number(); left > 0; left--)
      parts.push({ kind: yield* cursor.number(), count: yield* cursor.number() });
    const wanted = { key: graph.header.propertyKeys.indexOf(this.#wanted.property), bytes: this.#bytes };
    for (const { kind, count } of parts)
      switch (kind) {
        case payloads.nodes:
          yield* scanEntities(cursor, count, wanted, graph.nodes);
          break;
        case payloads.edges:
          yield* scanEntities(cursor, count, wanted, graph.edges);
          break;
        case payloads.deletedNodes:
        case payloads.deletedEdges:
          yield* cursor.blob();
          break;
        case payloads.labelMatrices:
          for (let left = yield* cursor.number(); left > 0; left--) {
            const label = yield* cursor.number();
            graph.nodesOfLabel[label] = entriesOf(yield* deltaMatrix(cursor));
          }
          break;
        case payloads.relationMatrices:
          for (let left = graph.header.types.length; left > 0; left--) graph.relations.push(yield* relation(cursor));
          break;
        case payloads.adjacency:
          yield* deltaMatrix(cursor);
          break;
        case payloads.nodeLabels:
          graph.labels = yield* deltaMatrix(cursor);
          break;
        default:
          throw new RangeError(`unknown part ${kind} of a graph`);
      }
    if (cursor.at !== cursor.frame.place.length) throw new RangeError("a key of a graph holds more than it says");
  }
}

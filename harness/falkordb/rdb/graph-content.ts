// Passes over the content of graphs in an RDB: finds the entities with a value of a property, and where the matrices
// are (graph-matrices.ts). A graph may be spread over many keys in any order, and the matrices are all in one of them.
import { type EntityPlaces, scanEntities } from "./entity-scan.ts";
import type { FrameReader } from "./graph-frames.ts";
import { type DeltaMatrixPlace, deltaMatrix, entriesOf, relation, type RelationPlace } from "./graph-matrices.ts";
import { readGraphParts } from "./graph-parts.ts";
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

  #content(graph: ScannedGraph): FrameReader<void> {
    const wanted = { key: graph.header.propertyKeys.indexOf(this.#wanted.property), bytes: this.#bytes };
    return readGraphParts(graph.header, {
      nodes: (cursor, count) => scanEntities(cursor, count, wanted, graph.nodes),
      edges: (cursor, count) => scanEntities(cursor, count, wanted, graph.edges),
      label: (number, matrix) => {
        graph.nodesOfLabel[number] = entriesOf(matrix);
      },
      *relation(cursor) {
        graph.relations.push(yield* relation(cursor));
      },
      *nodeLabels(cursor) {
        graph.labels = yield* deltaMatrix(cursor);
      },
    });
  }
}

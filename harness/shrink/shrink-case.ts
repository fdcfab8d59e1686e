// A case: the small drill that a shrinker makes smaller until nothing can be left out without losing the finding.
import type { ConstraintSpec, EdgeRecord, IndexSpec, NodeRecord } from "../../generators/model.ts";

export interface CaseGraph {
  readonly name: string;
  /** Ids are unique in the graph; edges name them. A load numbers the nodes anew, in this order. */
  readonly nodes: readonly NodeRecord[];
  readonly edges: readonly EdgeRecord[];
  readonly indexes: readonly IndexSpec[];
  readonly constraints: readonly ConstraintSpec[];
}

/** A step around the backup, beside the backup and the restore themselves. */
export type CaseOperation =
  /** The server is told to write its dump, as its save points do in production. */
  | { readonly kind: "save" }
  /** A node is created before the backup, or so many milliseconds after it began. */
  | {
      readonly kind: "write";
      readonly graph: string;
      readonly number: number;
      readonly afterMs?: number | undefined;
    }
  /** Text is put after a property of all nodes of a label, by the engine's own `+`. */
  | {
      readonly kind: "append";
      readonly graph: string;
      readonly label: string;
      readonly property: string;
      readonly text: string;
    };

export interface ShrinkCase {
  readonly graphs: readonly CaseGraph[];
  readonly operations: readonly CaseOperation[];
  /** Settings of the servers, as `--server` takes them. */
  readonly server: Readonly<Record<string, string>>;
}

export interface CaseSize {
  readonly graphs: number;
  readonly nodes: number;
  readonly edges: number;
  readonly indexes: number;
  readonly properties: number;
  readonly operations: number;
}

export function caseSize({ graphs, operations }: ShrinkCase): CaseSize {
  const sum = (count: (graph: CaseGraph) => number): number => graphs.reduce((total, graph) => total + count(graph), 0);
  const properties = (all: readonly { readonly properties: object }[]): number =>
    all.reduce((total, entity) => total + Object.keys(entity.properties).length, 0);
  return {
    graphs: graphs.length,
    nodes: sum(({ nodes }) => nodes.length),
    edges: sum(({ edges }) => edges.length),
    indexes: sum(({ indexes, constraints }) => indexes.length + constraints.length),
    properties: sum(({ nodes, edges }) => properties(nodes) + properties(edges)),
    operations: operations.length,
  };
}

/** The graph with only these nodes and edges; an edge needs its ends, so those without one go too. */
export function withEntities(
  graph: CaseGraph,
  nodes: readonly NodeRecord[],
  edges: readonly EdgeRecord[] = graph.edges,
): CaseGraph {
  const kept = new Set(nodes.map(({ id }) => id));
  return { ...graph, nodes, edges: edges.filter(({ source, target }) => kept.has(source) && kept.has(target)) };
}

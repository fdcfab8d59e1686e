// A case as a dataset, so that what must come back is computed from its records by the same code as in a drill.
import { dataset as generated, datasetVersion } from "../../generators/dataset.ts";
import type {
  ConstraintSpec,
  Dataset,
  DatasetOptions,
  EdgeRecord,
  GraphCounts,
  GraphPlan,
  IndexSpec,
  NodeRecord,
} from "../../generators/model.ts";
import type { CaseGraph, ShrinkCase } from "./shrink-case.ts";

/** The graphs of a dataset, with every record. Holes of deleted ids, which some of them have, are left out. */
export function generatedGraphs(options: DatasetOptions): CaseGraph[] {
  return [...generated(options).graphs()].map((plan) => ({
    name: plan.name,
    nodes: [...plan.nodes()],
    edges: [...plan.edges()],
    indexes: plan.indexes,
    constraints: plan.constraints ?? [],
  }));
}

/** Promises none of Graphiti's invariants, which a graph of three nodes cannot keep. */
export function caseDataset({ graphs }: Pick<ShrinkCase, "graphs">, seed: number): Dataset {
  const options = { seed, nodes: 0, shape: "personal", variant: "edge-values", dims: 0, schema: "post1856" } as const;
  return { options, version: datasetVersion, graphs: () => graphs.map((graph) => new CasePlan(graph)) };
}

class CasePlan implements GraphPlan {
  readonly name: string;
  readonly groupId: string;
  readonly indexes: readonly IndexSpec[];
  readonly constraints: readonly ConstraintSpec[];
  readonly counts: GraphCounts;
  readonly afterLoad: readonly string[] = [];
  readonly #nodes: readonly NodeRecord[];
  readonly #edges: readonly EdgeRecord[];

  constructor({ name, nodes, edges, indexes, constraints }: CaseGraph) {
    this.name = name;
    this.groupId = name;
    this.indexes = indexes;
    this.constraints = constraints;
    this.counts = { nodes: nodes.length, edges: edges.length };
    const position = new Map(nodes.map(({ id }, at) => [id, at]));
    const at = (id: number): number => position.get(id) ?? -1;
    this.#nodes = nodes.map((node, id) => ({ ...node, id }));
    this.#edges = edges.map((edge) => ({ ...edge, source: at(edge.source), target: at(edge.target) }));
  }

  nodes(): Iterable<NodeRecord> {
    return this.#nodes;
  }

  edges(): Iterable<EdgeRecord> {
    return this.#edges;
  }

  node(id: number): NodeRecord {
    const found = this.#nodes[id];
    if (found === undefined) throw new RangeError(`graph "${this.name}" has no node ${id}`);
    return found;
  }
}

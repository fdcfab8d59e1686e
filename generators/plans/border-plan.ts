// A plain graph of an exact size: so many nodes of one label, so many edges of one type.
import type { EdgeRecord, GraphCounts, GraphPlan, IndexSpec, NodeRecord } from "../model.ts";
import { Draw } from "../random.ts";

export class BorderPlan implements GraphPlan {
  readonly name: string;
  readonly groupId: string;
  readonly indexes: readonly IndexSpec[] = [{ entity: "node", label: "Border", range: ["uuid"], fulltext: [] }];
  readonly afterLoad: readonly string[] = [];
  readonly counts: GraphCounts;
  readonly #draw: Draw;

  constructor(counts: GraphCounts, seed: number) {
    this.counts = counts;
    this.name = counts.edges === 0 ? `border-${counts.nodes}-nodes` : `border-${counts.edges}-edges`;
    this.groupId = this.name;
    this.#draw = new Draw(seed, this.name);
  }

  *nodes(): Generator<NodeRecord> {
    for (let id = 0; id < this.counts.nodes; id++) yield this.node(id);
  }

  node(id: number): NodeRecord {
    if (!Number.isInteger(id) || id < 0 || id >= this.counts.nodes)
      throw new RangeError(`graph "${this.name}" has nodes 0 to ${this.counts.nodes - 1}, not ${id}`);
    return { id, labels: ["Border"], properties: { uuid: this.#draw.at(id * 2).uuid(), n: id } };
  }

  /** No two edges join the same two nodes, so the engine's matrix of them has as many entries as there are edges. */
  *edges(): Generator<EdgeRecord> {
    const { nodes, edges } = this.counts;
    for (let n = 0; n < edges; n++) {
      const source = n % nodes;
      const target = (source + Math.floor(n / nodes)) % nodes;
      const properties = { uuid: this.#draw.at(n * 2 + 1).uuid() };
      yield { type: "BORDERS", source, target, properties };
    }
  }
}

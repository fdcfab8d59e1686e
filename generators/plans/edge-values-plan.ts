// A graph of edge values: every case on nodes and on edges, several labels, self-loops, parallel edges, and holes of
// deleted ids in the middle of its id range.
import { type EdgeCase, edgeCases, largeText } from "./edge-cases.ts";
import {
  CypherValue,
  type EdgeRecord,
  type GraphCounts,
  type GraphPlan,
  type IndexSpec,
  type NodeRecord,
  type Properties,
} from "../model.ts";
import { Draw } from "../random.ts";

const labelSets = [["Value"], ["Value", "Second"], ["Value", "Second", "Third"], ["Value", "Hole"]] as const;
const holeSet = 3;
const parallelEdges = 3;

export class EdgeValuesPlan implements GraphPlan {
  readonly name = "edge-values";
  readonly groupId = "edge-values";
  readonly indexes: readonly IndexSpec[] = [
    // Not the numbers: FalkorDB 4.16.3 loses 0 from a range index when it loads a dump, whoever made it
    // (docs/track-record.md). Tests of that defect, and of its repair by the reference system, make the index themselves.
    { entity: "node", label: "Value", range: ["uuid", "flag"], fulltext: [] },
    { entity: "edge", label: "HOLDS", range: ["uuid"], fulltext: [] },
  ];
  readonly counts: GraphCounts;
  readonly afterLoad: readonly string[];
  readonly #nodes: number;
  /** Nodes of each label set: ids are contiguous, because a bulk load takes one label set at a time. */
  readonly #ends: readonly number[];
  readonly #holes: number;
  /** Nodes that have edges: all but those that make the holes. */
  readonly #joined: number;
  readonly #draw: Draw;

  constructor(nodes: number, seed: number) {
    this.#nodes = Math.max(nodes, edgeCases.length + labelSets.length);
    this.#draw = new Draw(seed, "edge-values");
    const part = Math.floor(this.#nodes / 10);
    // The holes lie between the others: third of the four in id order.
    this.#ends = [this.#nodes - 3 * part, this.#nodes - 2 * part, this.#nodes - part, this.#nodes];
    this.#holes = part;
    this.#joined = this.#nodes - part;
    const loops = Math.ceil(this.#joined / 4);
    const pairs = Math.ceil(this.#joined / 5);
    this.counts = { nodes: this.#nodes, edges: this.#joined + loops + pairs * parallelEdges };
    this.afterLoad = [...cypherStatements(), ...holeStatements];
  }

  *nodes(): Generator<NodeRecord> {
    for (let id = 0; id < this.#nodes; id++) yield this.node(id);
  }

  node(id: number): NodeRecord {
    if (!Number.isInteger(id) || id < 0 || id >= this.#nodes)
      throw new RangeError(`graph "${this.name}" has nodes 0 to ${this.#nodes - 1}, not ${id}`);
    const place = this.#ends.findIndex((end) => id < end);
    const labels = labelSets[[0, 1, holeSet, 2][place] ?? 0] ?? labelSets[0];
    return { id, labels, properties: this.#properties("node", id) };
  }

  *edges(): Generator<EdgeRecord> {
    const count = this.#joined;
    for (let n = 0; n < count; n++) {
      const target = this.#joinedId((n * 7 + 3) % count);
      yield { type: "HOLDS", source: this.#joinedId(n), target, properties: this.#properties("edge", n) };
    }
    for (let n = 0; n < count; n += 4) {
      const id = this.#joinedId(n);
      yield { type: "SELF", source: id, target: id, properties: this.#plain(n, 1) };
    }
    for (let n = 0; n < count; n += 5) {
      const [source, target] = [this.#joinedId(n), this.#joinedId((n + 1) % count)];
      for (let k = 0; k < parallelEdges; k++) {
        yield { type: "PARALLEL", source, target, properties: this.#plain(n, 2 + k) };
      }
    }
  }

  /** The n-th node that has edges. */
  #joinedId(n: number): number {
    return n < this.#nodes - 2 * this.#holes ? n : n + this.#holes;
  }

  #properties(of: "node" | "edge", n: number): Properties {
    const found = caseOf(of, n);
    const uuid = this.#draw.at(n * 8 + (of === "node" ? 0 : 7)).uuid();
    return { uuid, kind: found.name, [found.property]: found.value };
  }

  #plain(n: number, k: number): Properties {
    return { uuid: this.#draw.at(n * 8 + k).uuid(), nth: k };
  }
}

/** Cases come round and round; megabytes only once each, or a large graph would be nothing else. */
function caseOf(of: "node" | "edge", n: number): EdgeCase {
  const first = edgeCases[n % edgeCases.length] as EdgeCase;
  const repeats = n >= edgeCases.length || of === "edge";
  if (!repeats || typeof first.value !== "string" || first.value.length < largeText) return first;
  return edgeCases[0] as EdgeCase;
}

function cypherStatements(): string[] {
  return edgeCases.flatMap(({ name, property, value }) => {
    if (!(value instanceof CypherValue)) return [];
    const set = (entity: string): string =>
      `WHERE ${entity}.kind = '${name}' SET ${entity}.${property} = ${value.expression}`;
    return [`MATCH (n:Value) ${set("n")}`, `MATCH ()-[r:HOLDS]->() ${set("r")}`];
  });
}

/**
 * Each of these nodes and self-loops is replaced by one that is equal to it: the content stays, but the old ids are
 * holes now, those of the nodes in the middle of the range.
 */
const holeStatements = [
  "MATCH (n:Hole) WITH collect(n) AS holes UNWIND holes AS n CREATE (m:Value:Hole) SET m = properties(n) DELETE n",
  "MATCH (a)-[r:SELF]->(b) CREATE (a)-[s:SELF]->(b) SET s = properties(r) DELETE r",
];

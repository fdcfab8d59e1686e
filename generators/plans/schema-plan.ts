// A small graph with every kind of index and constraint, and every option that an index can be made with.
import type { ConstraintSpec, EdgeRecord, GraphCounts, GraphPlan, IndexSpec, NodeRecord } from "../model.ts";
import { Draw } from "../random.ts";
import { embedding } from "../values/embedding.ts";
import { prose, type TextPools, textPools } from "../values/text.ts";

const dims = 8;
const authors = 8;
const documents = 40;
const textLength = 60;

export class SchemaPlan implements GraphPlan {
  readonly name = "every-index";
  readonly groupId = "every-index";
  readonly afterLoad: readonly string[] = [];
  readonly counts: GraphCounts = { nodes: authors + documents, edges: documents };
  readonly indexes: readonly IndexSpec[] = [
    { entity: "node", label: "Author", range: ["uuid", "name"], fulltext: ["name"] },
    {
      entity: "node",
      label: "Document",
      range: ["uuid"],
      fulltext: ["title", "body", "summary"],
      language: "german",
      stopwords: ["der", "die", "das"],
      textOptions: { title: { weight: 2.5 }, body: { nostem: true }, summary: { phonetic: "dm:en" } },
      vectors: {
        embedding: { dimension: dims, similarityFunction: "cosine", M: 24, efConstruction: 150, efRuntime: 25 },
      },
    },
    {
      entity: "edge",
      label: "WROTE",
      range: ["uuid"],
      fulltext: ["note"],
      vectors: {
        embedding: { dimension: dims, similarityFunction: "euclidean", M: 16, efConstruction: 200, efRuntime: 10 },
      },
    },
  ];
  readonly constraints: readonly ConstraintSpec[] = [
    { kind: "UNIQUE", entity: "node", label: "Document", properties: ["uuid"] },
    { kind: "MANDATORY", entity: "node", label: "Author", properties: ["uuid", "name"] },
    { kind: "UNIQUE", entity: "edge", label: "WROTE", properties: ["uuid"] },
  ];
  readonly #draw: Draw;
  readonly #pools: TextPools;

  constructor(seed: number) {
    this.#draw = new Draw(seed, "every-index");
    this.#pools = textPools(seed);
  }

  *nodes(): Generator<NodeRecord> {
    for (let id = 0; id < this.counts.nodes; id++) yield this.node(id);
  }

  node(id: number): NodeRecord {
    if (!Number.isInteger(id) || id < 0 || id >= this.counts.nodes)
      throw new RangeError(`graph "${this.name}" has nodes 0 to ${this.counts.nodes - 1}, not ${id}`);
    const draw = this.#draw.at(2 * id);
    const uuid = draw.uuid();
    const text = (): string => prose(this.#pools, draw, textLength);
    if (id < authors) return { id, labels: ["Author"], properties: { uuid, name: text() } };
    const properties = { uuid, title: text(), body: text(), summary: text(), embedding: embedding(draw, dims) };
    return { id, labels: ["Document"], properties };
  }

  *edges(): Generator<EdgeRecord> {
    for (let n = 0; n < documents; n++) {
      const draw = this.#draw.at(2 * n + 1);
      const properties = {
        uuid: draw.uuid(),
        note: prose(this.#pools, draw, textLength),
        embedding: embedding(draw, dims),
      };
      yield { type: "WROTE", source: n % authors, target: authors + n, properties };
    }
  }
}

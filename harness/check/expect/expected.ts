// The content that a cut must hold, computed from the generator's records alone.
import type { Dataset, GraphPlan } from "../../../generators/model.ts";
import { EntityRow } from "../fingerprint/entity-row.ts";
import { ExpectedDoubles } from "../fingerprint/doubles.ts";
import { bucketsFor, GraphFingerprint, type Kind } from "../fingerprint/fingerprint.ts";
import { expectedIndexes } from "../fingerprint/index-set.ts";
import { promisedInvariants } from "../checks/invariants.ts";
import { lookupsFor, wordsFor } from "./lookups.ts";
import type { Expectation, GraphExpectation, Index } from "../observation.ts";
import { RecordRows } from "../fingerprint/record-row.ts";
import { propertiesOf, RowExtras } from "../fingerprint/row-extras.ts";
import { RowWriter } from "../fingerprint/row-writer.ts";
import { Samples } from "./samples.ts";
import { searchesFor } from "./searches.ts";
import { ExpectedVectors } from "../fingerprint/vectors.ts";

/** Records between two yields to the event loop, so that timers and sockets of the drill keep running. */
const breath = 10_000;

type PlannedGraph = Pick<GraphPlan, "name" | "groupId" | "indexes" | "constraints" | "counts">;

class GraphExpectationBuilder {
  readonly #plan: PlannedGraph;
  readonly #fingerprint: GraphFingerprint;
  readonly #row = new EntityRow();
  readonly #extras = new RowExtras();
  readonly #rows: RecordRows;
  readonly #writer: RowWriter;
  readonly #nodeKinds = new Map<string, Kind>();
  readonly #samples: Samples;
  readonly #doubles: ExpectedDoubles;
  readonly #vectors: ExpectedVectors;

  constructor(plan: PlannedGraph, seed: number) {
    this.#plan = plan;
    this.#fingerprint = new GraphFingerprint(bucketsFor(plan.counts.nodes), bucketsFor(plan.counts.edges));
    this.#rows = new RecordRows(this.#fingerprint.names, this.#extras);
    this.#writer = new RowWriter(this.#row, this.#extras, this.#fingerprint.names);
    this.#samples = new Samples(seed);
    this.#doubles = new ExpectedDoubles();
    this.#vectors = new ExpectedVectors(
      seed,
      plan.counts.nodes + plan.counts.edges,
      bucketsFor(plan.counts.nodes + plan.counts.edges),
    );
  }

  /** Takes all nodes, then all edges, one per step. */
  *take(plan: GraphPlan): Generator<undefined> {
    const writer = this.#writer;
    if (plan.writeNodes === undefined || plan.writeEdges === undefined) {
      yield* this.#takeRecords(plan);
      return;
    }
    for (const _ of plan.writeNodes(writer)) {
      this.#node(writer.id, writer.kind.labels);
      yield;
    }
    for (const _ of plan.writeEdges(writer)) {
      this.#edge(writer.source, writer.target, writer.kind.labels[0] ?? "");
      yield;
    }
  }

  *#takeRecords(plan: GraphPlan): Generator<undefined> {
    for (const { id, labels, properties } of plan.nodes()) {
      this.#rows.record(this.#row, properties);
      this.#node(id, labels);
      yield;
    }
    for (const { source, target, type, properties } of plan.edges()) {
      this.#rows.record(this.#row, properties);
      this.#edge(source, target, type);
      yield;
    }
  }

  #node(id: number, labels: readonly string[]): void {
    const kind = this.#nodeKind(labels);
    this.#fingerprint.addNode(this.#row, id, kind);
    this.#beside("NODE", kind.name);
  }

  #edge(source: number, target: number, type: string): void {
    const kind = this.#fingerprint.edges.kind(type);
    this.#fingerprint.addEdge(this.#row, source, target, kind);
    this.#beside("RELATIONSHIP", kind.name);
  }

  finish(): Omit<GraphExpectation, "indexSet"> & { indexes: Index[] } {
    const { name, groupId } = this.#plan;
    const indexes = expectedIndexes(this.#plan.indexes);
    const fingerprint = this.#fingerprint.result();
    return {
      name,
      groupId,
      indexes,
      fingerprint,
      constraints: (this.#plan.constraints ?? []).map(({ kind, entity, label, properties }) => ({
        kind,
        entity: entity === "node" ? "NODE" : "RELATIONSHIP",
        label,
        properties: [...properties],
      })),
      doubles: this.#doubles.result(),
      vectors: this.#vectors.result(),
      lookups: lookupsFor(indexes, this.#samples, fingerprint),
      words: wordsFor(indexes, this.#samples),
      searches: searchesFor(groupId, this.#samples),
    };
  }

  #beside(entity: "NODE" | "RELATIONSHIP", kind: string): void {
    const { key, lanes, names } = this.#fingerprint;
    this.#samples.offer(entity, kind, lanes[3] ?? 0, () => propertiesOf(this.#row, this.#extras, names));
    this.#doubles.add(entity, key, this.#extras);
    this.#vectors.add(entity, key, this.#extras);
  }

  #nodeKind(labels: readonly string[]): Kind {
    const joined = labels.length === 1 ? (labels[0] ?? "") : labels.join(":");
    let kind = this.#nodeKinds.get(joined);
    if (kind === undefined) {
      kind = this.#fingerprint.nodes.kind(labels.toSorted().join(":"));
      this.#nodeKinds.set(joined, kind);
    }
    return kind;
  }
}

class ExpectationBuilder {
  readonly #dataset: Pick<Dataset, "options" | "version">;
  readonly #graphs: GraphExpectation[] = [];
  readonly #indexSets: Index[][] = [];
  readonly #indexSetOf = new Map<string, number>();

  constructor(dataset: Pick<Dataset, "options" | "version">) {
    this.#dataset = dataset;
  }

  graph(plan: PlannedGraph): GraphExpectationBuilder {
    return new GraphExpectationBuilder(plan, this.#dataset.options.seed);
  }

  add(graph: GraphExpectationBuilder): void {
    const { indexes, ...rest } = graph.finish();
    this.#graphs.push({ ...rest, indexSet: internIndexSet(indexes, this.#indexSets, this.#indexSetOf) });
  }

  finish(): Expectation {
    const { options, version } = this.#dataset;
    return {
      schemaVersion: 1,
      seed: options.seed,
      datasetVersion: version,
      invariants: promisedInvariants(options.variant),
      indexSets: this.#indexSets,
      graphs: this.#graphs.toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    };
  }
}

/** Position of an index set in the list of distinct ones, to which it is added if new. */
export function internIndexSet(indexes: Index[], sets: Index[][], positions: Map<string, number>): number {
  const text = JSON.stringify(indexes);
  const known = positions.get(text);
  if (known !== undefined) return known;
  positions.set(text, sets.length);
  return sets.push(indexes) - 1;
}

export async function expectedContent(dataset: Dataset, signal?: AbortSignal): Promise<Expectation> {
  const builder = new ExpectationBuilder(dataset);
  let records = 0;
  const pause = async (): Promise<void> => {
    signal?.throwIfAborted();
    await new Promise((resolve) => setImmediate(resolve));
  };
  for (const plan of dataset.graphs()) {
    const graph = builder.graph(plan);
    for (const _ of graph.take(plan)) if ((records += 1) % breath === 0) await pause();
    builder.add(graph);
  }
  return builder.finish();
}

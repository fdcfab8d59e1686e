// What a team's own graphs must hold after a restore, read from an engine that was started from the same RDB only for
// that: by maps of properties and names of labels, while every other reading takes whole entities and numbers.
import { bucketsFor, GraphFingerprint } from "../../check/fingerprint/fingerprint.ts";
import type { EntityRow } from "../../check/fingerprint/entity-row.ts";
import type { Kind } from "../../check/fingerprint/fingerprint.ts";
import { propertiesOf, RowExtras } from "../../check/fingerprint/row-extras.ts";
import { internIndexSet } from "../../check/expect/expected.ts";
import { lookupsFor, wordsFor } from "../../check/expect/lookups.ts";
import { Samples } from "../../check/expect/samples.ts";
import { searchesFor } from "../../check/expect/searches.ts";
import type { EntityKind, Expectation, GraphExpectation, Index } from "../../check/observation.ts";
import { InvariantScan } from "../../check/scan/invariant-scan.ts";
import { invariantClaims } from "../../check/scan/invariant-tally.ts";
import type { NodeRecord } from "../../../generators/model.ts";
import { connect, type Connection } from "../../falkordb/client/connection.ts";
import { ReadStream } from "../../falkordb/client/read-stream.ts";
import { rowsMaxOf } from "../../falkordb/client/read-whole.ts";
import type { Engine } from "../../engine/engine.ts";
import { EntityKeys } from "../../observe/entity-keys.ts";
import { foundWithoutLabel } from "../../observe/found-without-label.ts";
import { type GraphSchema, readSchemas } from "../../observe/observe-schema.ts";
import { readContent } from "../../observe/read-content.ts";
import { DoubleReading } from "../../observe/read-doubles.ts";
import { type BrokenBefore, BrokenBeforeScan } from "./broken-before.ts";

export interface OwnExpectation {
  readonly expectation: Expectation;
  readonly graphs: readonly ReadGraph[];
}

export interface ReadGraph {
  readonly name: string;
  readonly counts: { readonly nodes: number; readonly edges: number };
  /** A few of its nodes. */
  readonly nodes: readonly NodeRecord[];
  readonly broken: BrokenBefore;
  readonly violated: Readonly<
    Record<string, { readonly violated: number; readonly checked: number; readonly sample: string }>
  >;
  /** Nodes found by a label that they do not have, by label. */
  readonly withoutLabel: Readonly<Record<string, number>>;
  /** Constraints that were not in force. */
  readonly notInForce: readonly string[];
}

/** Reads the graphs of database 0. */
export async function ownExpectation(
  { endpoint }: Pick<Engine, "endpoint">,
  names: readonly string[],
  { seed, signal }: { readonly seed: number; readonly signal: AbortSignal },
): Promise<OwnExpectation> {
  await using connection = await connect(endpoint, { signal });
  await using first = await ReadStream.open(endpoint);
  await using second = await ReadStream.open(endpoint);
  const whole = { rowsMax: await rowsMaxOf(connection), signal };
  const indexSets: Index[][] = [];
  const positions = new Map<string, number>();
  const expected: GraphExpectation[] = [];
  const graphs: ReadGraph[] = [];
  for (const name of names.toSorted()) {
    signal.throwIfAborted();
    const [schema] = await readSchemas(connection, [name], whole);
    if (schema === undefined) continue;
    const reading = new OwnReading(schema, seed);
    await readContent(connection, [first, second], { ...whole, vectors: [], byName: true, ...reading.target });
    const doubles = await reading.doubles.read([first, second], name, whole);
    const { indexes, ...graph } = reading.expectation();
    expected.push({ ...graph, doubles, indexSet: internIndexSet(indexes, indexSets, positions) });
    graphs.push({ ...reading.facts(), withoutLabel: await nodesWithoutLabel(connection, schema) });
  }
  const invariants = Object.keys(invariantClaims);
  return {
    expectation: { schemaVersion: 1, seed, datasetVersion: 0, invariants, indexSets, graphs: expected },
    graphs,
  };
}

async function nodesWithoutLabel(connection: Connection, schema: GraphSchema): Promise<Record<string, number>> {
  const found: Record<string, number> = {};
  for (const label of schema.labels) {
    const count = await foundWithoutLabel(connection, schema.name, label);
    if (count > 0) found[label] = count;
  }
  return found;
}

/** Nodes of a graph that are kept. */
const nodesKept = 8;

class OwnReading {
  readonly #schema: GraphSchema;
  readonly #fingerprint: GraphFingerprint;
  readonly #samples: Samples;
  readonly #nodes: NodeRecord[] = [];
  readonly #invariants: InvariantScan;
  readonly #broken: BrokenBeforeScan;
  readonly #keys: EntityKeys;
  readonly #noExtras = new RowExtras();
  readonly doubles: DoubleReading;

  constructor(schema: GraphSchema, seed: number) {
    this.#schema = schema;
    this.#fingerprint = new GraphFingerprint(bucketsFor(schema.nodes), bucketsFor(schema.edges));
    this.#samples = new Samples(seed);
    this.#invariants = new InvariantScan(this.#fingerprint, schema.nodes);
    this.#broken = new BrokenBeforeScan(schema.name, this.#fingerprint);
    this.#keys = new EntityKeys(this.#fingerprint);
    this.doubles = new DoubleReading(this.#fingerprint, this.#keys);
  }

  get target(): Pick<Parameters<typeof readContent>[2], "schema" | "fingerprint" | "visitors"> {
    const sampling = {
      node: (row: EntityRow, id: number, kind: Kind): void => {
        this.#offer("NODE", row, kind);
        if (this.#nodes.length < nodesKept)
          this.#nodes.push({ id, labels: kind.name.split(":"), properties: this.#propertiesOf(row) });
      },
      edge: (row: EntityRow, _ids: unknown, kind: Kind): void => this.#offer("RELATIONSHIP", row, kind),
    };
    const visitors = [this.#invariants, this.#broken, this.#keys, this.doubles, sampling];
    return { schema: this.#schema, fingerprint: this.#fingerprint, visitors };
  }

  expectation(): Omit<GraphExpectation, "indexSet" | "doubles"> & { indexes: Index[] } {
    const { name, indexes, constraints } = this.#schema;
    const fingerprint = this.#fingerprint.result();
    const tallies = Object.entries(this.#invariants.result());
    return {
      name,
      groupId: name,
      indexes,
      fingerprint,
      constraints: constraints
        .filter(({ status }) => status === "OPERATIONAL")
        .map(({ kind, entity, label, properties }) => ({ kind, entity, label, properties })),
      vectors: [],
      lookups: lookupsFor(indexes, this.#samples, fingerprint),
      words: wordsFor(indexes, this.#samples),
      searches: searchesFor(name, this.#samples),
      invariants: tallies.map(([invariant]) => invariant),
      brokenInvariants: Object.fromEntries(
        tallies.filter(([, { violated }]) => violated > 0).map(([invariant, { violated }]) => [invariant, violated]),
      ),
    };
  }

  facts(): Omit<ReadGraph, "withoutLabel"> {
    const { name, nodes, edges, constraints } = this.#schema;
    const tallies = Object.entries(this.#invariants.result()).filter(([, { violated }]) => violated > 0);
    return {
      name,
      counts: { nodes, edges },
      nodes: this.#nodes,
      broken: this.#broken.result(),
      violated: Object.fromEntries(
        tallies.map(([id, { violated, checked, samples }]) => [id, { violated, checked, sample: samples[0] ?? "" }]),
      ),
      notInForce: constraints
        .filter(({ status }) => status !== "OPERATIONAL")
        .map(({ kind, label, properties, status }) => `${kind} ${label}(${properties.join(", ")}) is ${status}`),
    };
  }

  #offer(entity: EntityKind, row: EntityRow, kind: Kind): void {
    this.#samples.offer(entity, kind.name, this.#fingerprint.lanes[3] ?? 0, () => this.#propertiesOf(row));
  }

  /** Without doubles, lists and vectors, of which a reply does not give the exact value. */
  #propertiesOf(row: EntityRow): NodeRecord["properties"] {
    return propertiesOf(row, this.#noExtras, this.#fingerprint.names);
  }
}

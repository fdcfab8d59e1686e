// Locates differences: reads the differing buckets again and compares them, entity by entity, with the generator's
// records. It runs only when the sums differ, so it may cost a second read.
import type { GraphPlan } from "../../generators/model.ts";
import { type BucketChoice, Capture, type Captured, chooseBuckets, inBuckets } from "../check/locate/capture.ts";
import { printDouble } from "../check/fingerprint/canonical.ts";
import { EntityRow } from "../check/fingerprint/entity-row.ts";
import { GraphFingerprint } from "../check/fingerprint/fingerprint.ts";
import {
  describeDifference,
  namingProperties,
  pairDifferences,
  sampleDifferences,
  type Show,
  sourceEnd,
  targetEnd,
} from "../check/locate/locate.ts";
import type { Fingerprint, GraphExpectation, EntityPair } from "../check/observation.ts";
import { RecordRows } from "../check/fingerprint/record-row.ts";
import { propertyOf } from "../falkordb/client/quoted-name.ts";
import type { Connection } from "../falkordb/client/connection.ts";
import { type ContentOptions, readContent } from "./read-content.ts";
import type { ReadStream } from "../falkordb/client/read-stream.ts";

/** Maximum differences reported in full; further ones are only counted. */
const shownDifferences = 20;

export async function locate(
  connection: Connection,
  streams: readonly ReadStream[],
  plan: GraphPlan,
  expected: GraphExpectation,
  observed: Fingerprint,
  content: Pick<ContentOptions, "schema" | "vectors" | "rowsMax" | "signal">,
): Promise<EntityPair> {
  const choice = chooseBuckets(expected.fingerprint, observed);
  const make = (): { fingerprint: GraphFingerprint; capture: Capture } => {
    const { nodes, edges } = expected.fingerprint;
    const fingerprint = new GraphFingerprint(nodes.buckets.length, edges.buckets.length);
    return { fingerprint, capture: new Capture(fingerprint, inBuckets(fingerprint, choice)) };
  };
  const actual = make();
  await readContent(connection, streams, {
    ...content,
    fingerprint: actual.fingerprint,
    visitors: [
      {
        node: (row, id, kind) => void actual.capture.node(row, id, kind),
        edge: (row, ids, kind) => void actual.capture.edge(row, ids, kind),
      },
    ],
  });
  const wanted = captureRecords(plan, choice, make());
  const pairs = pairDifferences(wanted.entities, actual.capture.entities);
  const showExpected: Show = (captured, name) => Promise.resolve(showRecord(plan, wanted.values, captured, name));
  const showActual: Show = (captured, name) => showStored(connection, plan.name, captured, name);
  const differences: EntityPair["differences"] = [];
  for (const { pair, alike } of sampleDifferences(pairs, shownDifferences))
    differences.push({ ...(await describeDifference(pair, showExpected, showActual)), alike });
  return {
    differences,
    found: pairs.length,
    buckets: choice.differing,
    bucketsRead: choice.nodes.size + choice.edges.size,
    entitiesRead: actual.capture.entities.length,
  };
}

type Values = ReadonlyMap<Captured, Readonly<Record<string, unknown>>>;

function captureRecords(
  plan: GraphPlan,
  choice: BucketChoice,
  { fingerprint, capture }: { fingerprint: GraphFingerprint; capture: Capture },
): { entities: readonly Captured[]; values: Values } {
  const rows = new RecordRows(fingerprint.names);
  const row = new EntityRow();
  const values = new Map<Captured, Readonly<Record<string, unknown>>>();
  const keep = (kept: boolean, properties: Readonly<Record<string, unknown>>): void => {
    const last = capture.entities.at(-1);
    if (kept && last !== undefined) values.set(last, properties);
  };
  for (const node of plan.nodes()) {
    const kind = fingerprint.nodes.kind(node.labels.toSorted().join(":"));
    rows.record(row, node.properties);
    fingerprint.addNode(row, node.id, kind);
    keep(capture.node(row, node.id, kind), node.properties);
  }
  if (choice.edges.size === 0) return { entities: capture.entities, values };
  for (const edge of plan.edges()) {
    const kind = fingerprint.edges.kind(edge.type);
    rows.record(row, edge.properties);
    fingerprint.addEdge(row, edge.source, edge.target, kind);
    keep(capture.edge(row, edge, kind), edge.properties);
  }
  return { entities: capture.entities, values };
}

function showRecord(plan: GraphPlan, values: Values, captured: Captured, name: string): string {
  if (name === sourceEnd || name === targetEnd) {
    const id = captured.ids[name === sourceEnd ? 0 : 1] ?? 0;
    const uuid = plan.node(id).properties["uuid"];
    return typeof uuid === "string" ? uuid : `node ${id}`;
  }
  return show(values.get(captured)?.[name]);
}

/** Reads a value that was not kept. */
export async function showStored(
  connection: Connection,
  graph: string,
  captured: Captured,
  name: string,
): Promise<string> {
  const [first = 0, second = 0, own] = captured.ids;
  if (name === sourceEnd || name === targetEnd) {
    const id = name === sourceEnd ? first : second;
    return await nodeText(connection, graph, id);
  }
  const query =
    captured.entity === "node"
      ? `MATCH (n) WHERE id(n) = ${first} RETURN ${propertyOf("n", name)}`
      : `MATCH (n)-[r]->(m) WHERE id(n) = ${first} AND id(m) = ${second} AND id(r) = ${own ?? -1} RETURN ${propertyOf("r", name)}`;
  const [found] = (await connection.roQuery(graph, query)).rows;
  return show(found?.[0]);
}

/** The uuid of a node, or its labels and the properties by which people know it. */
async function nodeText(connection: Connection, graph: string, id: number): Promise<string> {
  const columns = [...namingProperties].map((name) => `n.${name}`).join(", ");
  const query = `MATCH (n) WHERE id(n) = ${id} RETURN n.uuid, labels(n), ${columns}`;
  const [[uuid, labels, ...values] = []] = (await connection.roQuery(graph, query)).rows;
  if (typeof uuid === "string") return uuid;
  const named = [...namingProperties].flatMap((name, at) =>
    values[at] === undefined || values[at] === null ? [] : [`${name}: ${show(values[at])}`],
  );
  if (labels === undefined || named.length === 0) return `node ${id}`;
  return `(${(labels as string[]).map((label) => `:${label}`).join("")} {${named.join(", ")}})`;
}

function show(value: unknown): string {
  if (value instanceof Float32Array) return show([...value]);
  if (Array.isArray(value)) return `[${value.map(show).join(",")}]`;
  // JSON has neither -0 nor what is not finite.
  if (typeof value === "number" && (Object.is(value, -0) || !Number.isFinite(value))) return printDouble(value);
  return JSON.stringify(value, (_, item: unknown) => (typeof item === "bigint" ? String(item) : item)) ?? "absent";
}

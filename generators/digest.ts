// A dataset's content as one SHA-256: every record in load order, with labels, ends and typed properties. It pins the
// generator (same seed, size and version: same bytes) and is recorded in run.json as the data that the drill ran on.
import { createHash } from "node:crypto";
import {
  CypherValue,
  type Dataset,
  Double,
  type EdgeRecord,
  type GraphPlan,
  type NodeRecord,
  type Value,
} from "./model.ts";

export function datasetDigest(dataset: Dataset): string {
  const hash = createHash("sha256");
  for (const plan of dataset.graphs()) hash.update(`${planDigest(plan, plan.nodes(), plan.edges())}\n`);
  return hash.digest("hex");
}

/** Digest of one graph, whose records may come from a walk, single look-ups or another process. */
export function planDigest(plan: GraphPlan, nodes: Iterable<NodeRecord>, edges: Iterable<EdgeRecord>): string {
  const hash = createHash("sha256");
  const { name, groupId, indexes, counts, afterLoad, constraints } = plan;
  const made = constraints === undefined ? [] : [constraints];
  hash.update(JSON.stringify([name, groupId, indexes, counts, afterLoad, ...made]));
  for (const { id, labels, properties } of nodes) hash.update(JSON.stringify([id, labels, plain(properties)]));
  for (const { type, source, target, properties } of edges)
    hash.update(JSON.stringify([type, source, target, plain(properties)]));
  return hash.digest("hex");
}

/** Values as JSON that distinguishes their types. */
function plain(properties: Readonly<Record<string, Value>>): unknown[] {
  return Object.entries(properties).map(([name, value]) => [name, plainValue(value)]);
}

function plainValue(value: Value): unknown {
  if (typeof value === "bigint") return { integer: String(value) };
  if (value instanceof Double) return { double: Object.is(value.value, -0) ? "-0" : String(value.value) };
  if (value instanceof CypherValue) return { [value.type]: value.canonical };
  if (value instanceof Float32Array) return { vector: Buffer.from(value.buffer).toString("base64") };
  return Array.isArray(value) ? value.map((item: Value) => plainValue(item)) : value;
}

// A case as JSON, with values of a graph that JSON has no type for as objects of one key, and its schema.
import { z } from "zod";
import {
  CypherValue,
  Double,
  type EdgeRecord,
  type NodeRecord,
  type Properties,
  type Value,
} from "../../generators/model.ts";
import type { CaseGraph, ShrinkCase } from "./shrink-case.ts";

type JsonValue =
  | string
  | number
  | boolean
  | { readonly int: string }
  | { readonly double: string }
  | { readonly vecf32: readonly (number | string)[] }
  | { readonly cypher: { readonly type: CypherValue["type"]; readonly expression: string; readonly canonical: string } }
  | readonly JsonValue[];

const valueSchema: z.ZodType<JsonValue> = z.lazy(() =>
  z.union([
    z.string(),
    z.number(),
    z.boolean(),
    z.strictObject({ int: z.string().regex(/^-?\d+$/) }),
    z.strictObject({ double: z.string() }),
    z.strictObject({ vecf32: z.array(z.union([z.number(), z.string()])) }),
    z.strictObject({
      cypher: z.strictObject({
        type: z.enum(["point", "date", "localtime", "localdatetime", "duration"]),
        expression: z.string(),
        canonical: z.string(),
      }),
    }),
    z.array(valueSchema),
  ]),
);

const propertiesSchema = z.record(z.string(), valueSchema);
const textOptions = z.object({
  weight: z.number().optional(),
  nostem: z.boolean().optional(),
  phonetic: z.string().optional(),
});
const vectorOptions = z.object({
  dimension: z.number(),
  similarityFunction: z.enum(["euclidean", "cosine"]),
  M: z.number(),
  efConstruction: z.number(),
  efRuntime: z.number(),
});
const graphSchema = z.object({
  name: z.string(),
  nodes: z.array(z.object({ id: z.number(), labels: z.array(z.string()), properties: propertiesSchema })),
  edges: z.array(z.object({ type: z.string(), source: z.number(), target: z.number(), properties: propertiesSchema })),
  indexes: z.array(
    z.object({
      entity: z.enum(["node", "edge"]),
      label: z.string(),
      range: z.array(z.string()),
      fulltext: z.array(z.string()),
      stopwords: z.array(z.string()).optional(),
      language: z.string().optional(),
      textOptions: z.record(z.string(), textOptions).optional(),
      vectors: z.record(z.string(), vectorOptions).optional(),
    }),
  ),
  constraints: z.array(
    z.object({
      kind: z.enum(["UNIQUE", "MANDATORY"]),
      entity: z.enum(["node", "edge"]),
      label: z.string(),
      properties: z.array(z.string()),
    }),
  ),
});

const operationSchema = z.union([
  z.object({ kind: z.literal("save") }),
  z.object({
    kind: z.literal("write"),
    graph: z.string(),
    number: z.number(),
    afterMs: z.number().optional(),
  }),
  z.object({
    kind: z.literal("append"),
    graph: z.string(),
    label: z.string(),
    property: z.string(),
    text: z.string(),
  }),
]);

type Stored<Entity> = Omit<Entity, "properties"> & { readonly properties: Readonly<Record<string, JsonValue>> };
type StoredGraph = Omit<CaseGraph, "nodes" | "edges"> & {
  readonly nodes: readonly Stored<NodeRecord>[];
  readonly edges: readonly Stored<EdgeRecord>[];
};
export type StoredCase = Omit<ShrinkCase, "graphs"> & { readonly graphs: readonly StoredGraph[] };

const plainCase = z.object({
  graphs: z.array(graphSchema),
  operations: z.array(operationSchema),
  server: z.record(z.string(), z.string()),
});
export const caseSchema: z.ZodType<StoredCase> = plainCase as unknown as z.ZodType<StoredCase>;

export function storedCase({ graphs, operations, server }: ShrinkCase): StoredCase {
  const plain = {
    graphs: graphs.map((graph) => ({
      ...graph,
      nodes: graph.nodes.map((node) => ({ ...node, properties: mapped(node.properties, toJson) })),
      edges: graph.edges.map((edge) => ({ ...edge, properties: mapped(edge.properties, toJson) })),
    })),
    operations,
    server,
  };
  // Through JSON: arrays that are read-only in memory are copied, and what is undefined is left out.
  return caseSchema.parse(JSON.parse(JSON.stringify(plain)));
}

export function caseOf({ graphs, operations, server }: StoredCase): ShrinkCase {
  return {
    graphs: graphs.map((graph): CaseGraph => ({
      ...graph,
      nodes: graph.nodes.map((node) => ({ ...node, properties: mapped(node.properties, fromJson) })),
      edges: graph.edges.map((edge) => ({ ...edge, properties: mapped(edge.properties, fromJson) })),
    })),
    operations,
    server,
  };
}

function mapped<From, To>(properties: Readonly<Record<string, From>>, map: (value: From) => To): Record<string, To> {
  return Object.fromEntries(Object.entries(properties).map(([name, value]) => [name, map(value)]));
}

function toJson(value: Value): JsonValue {
  if (typeof value === "bigint") return { int: String(value) };
  if (value instanceof Double) return { double: String(exactNumber(value.value)) };
  if (value instanceof Float32Array) return { vecf32: Array.from(value, exactNumber) };
  if (value instanceof CypherValue) {
    const { type, expression, canonical } = value;
    return { cypher: { type, expression, canonical } };
  }
  if (Array.isArray(value)) return (value as readonly Value[]).map(toJson);
  return value as string | number | boolean;
}

/** A number, or as text what JSON has no number for. */
function exactNumber(value: number): number | string {
  if (Object.is(value, -0)) return "-0";
  return Number.isFinite(value) ? value : String(value);
}

function fromJson(value: JsonValue): Properties[string] {
  if (typeof value !== "object") return value;
  if (Array.isArray(value)) return (value as readonly JsonValue[]).map(fromJson);
  if ("int" in value) return BigInt(value.int);
  if ("double" in value) return new Double(Number(value.double));
  if ("vecf32" in value) return Float32Array.from(value.vecf32, Number);
  if ("cypher" in value) {
    const { type, expression, canonical } = value.cypher;
    return new CypherValue(type, expression, canonical);
  }
  throw new RangeError("not a value of a case");
}

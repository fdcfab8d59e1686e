// What the engine reports about a graph without reading its entities: names, counts, indexes, constraints.
import type { Constraint, ConstraintState, EntityKind, Index } from "../check/observation.ts";
import { normalIndexes, textOptions } from "../check/fingerprint/index-set.ts";
import { DrillError, environmentError } from "../base/errors.ts";
import { overOneConnection, waitFor } from "../base/wait.ts";
import type { Connection } from "../falkordb/client/connection.ts";
import type { WholeOptions } from "../falkordb/client/read-whole.ts";
import { decodeReply, type Value } from "../falkordb/client/reply.ts";

export interface GraphSchema {
  readonly name: string;
  /** Label names, indexed by the engine's label ids. */
  readonly labels: readonly string[];
  readonly types: readonly string[];
  readonly propertyKeys: readonly string[];
  readonly nodes: number;
  readonly edges: number;
  readonly indexes: Index[];
  readonly notOperational: string[];
  readonly constraints: ConstraintState[];
}

const questions = [
  "CALL db.labels()",
  "CALL db.relationshipTypes()",
  "CALL db.propertyKeys()",
  "MATCH (n) RETURN count(n)",
  "MATCH ()-[r]->() RETURN count(r)",
  // Only the fields of an index that may have options.
  "CALL db.indexes() YIELD entitytype, label, types, stopwords, language, status, options, info " +
    "RETURN entitytype, label, types, stopwords, language, status, options, [f IN info.fields WHERE " +
    "NOT f.name STARTS WITH 'range:' AND (f.options <> 0 OR f.textWeight <> 1) | [f.name, f.options, f.textWeight]]",
  "CALL db.constraints() YIELD type, entitytype, label, properties, status",
] as const;

const settleTimeoutMs = 10_000;

/**
 * Reads several graphs in one round trip: thousands of tenants would otherwise cost one round trip per query. While an
 * index is being created, the engine may briefly report it without fields; such a schema is read again.
 */
export async function readSchemas(
  connection: Connection,
  graphs: readonly string[],
  { rowsMax = Number.POSITIVE_INFINITY, signal }: Partial<WholeOptions> = {},
): Promise<GraphSchema[]> {
  const settled = async (): Promise<GraphSchema[] | undefined> => {
    const schemas = await askSchemas(connection, graphs, rowsMax);
    return schemas.every(({ indexes }) => indexes.every(hasFields)) ? schemas : undefined;
  };
  const what = "every index to have fields";
  return await waitFor(overOneConnection(settled), { what, timeoutMs: settleTimeoutMs, signal, exit: "inconclusive" });
}

function hasFields({ fields }: Index): boolean {
  return Object.keys(fields).length > 0;
}

async function askSchemas(connection: Connection, graphs: readonly string[], rowsMax: number): Promise<GraphSchema[]> {
  const commands = graphs.flatMap((graph) =>
    questions.map((question) => ["GRAPH.RO_QUERY", graph, question, "--compact", "timeout", "0"] as const),
  );
  const replies = await connection.pipeline(commands);
  return graphs.map((graph, at) => {
    const answers = replies.slice(at * questions.length, (at + 1) * questions.length).map((reply, question) => {
      if (reply instanceof Error)
        throw new DrillError(`${graph}: "${questions[question] ?? ""}" failed: ${reply.message}`, {
          exit: "inconclusive",
          cause: reply,
        });
      const { rows } = decodeReply(reply);
      if (rows.length > 1 && rows.length >= rowsMax)
        throw environmentError(
          `${graph}: the answer to "${questions[question] ?? ""}" is cut off after ${rowsMax} rows (RESULTSET_SIZE)`,
          "Raise the limit: names and indexes of a graph must come in one answer.",
        );
      return rows;
    });
    return schemaOf(graph, answers);
  });
}

function schemaOf(name: string, answers: readonly Value[][][]): GraphSchema {
  const [labels = [], types = [], keys = [], nodes = [], edges = [], indexes = [], constraints = []] = answers;
  const first = (rows: readonly Value[][]): string[] => rows.map((row) => textOf(row[0]));
  return {
    name,
    labels: first(labels),
    types: first(types),
    propertyKeys: first(keys),
    nodes: Number(nodes[0]?.[0] ?? 0),
    edges: Number(edges[0]?.[0] ?? 0),
    indexes: normalIndexes(indexes.map(indexOf)),
    notOperational: indexes
      .filter((row) => row[5] !== "OPERATIONAL")
      .map((row) => `${textOf(row[0])} ${textOf(row[1])}: ${textOf(row[5])}`),
    constraints: constraints.map((row) => Object.assign(constraintOf(row), { status: textOf(row[4]) })),
  };
}

function indexOf([entity, label, types, stopwords, language, , options, texts]: Value[]): Index {
  const fields = Object.fromEntries(
    Object.entries(types as Record<string, Value>).map(([field, kinds]) => [field, (kinds as Value[]).map(textOf)]),
  );
  return {
    entity: entityOf(entity),
    label: textOf(label),
    fields,
    options: { ...optionsOf(texts, fields), ...vectorOptionsOf(options, fields) },
    stopwords: Array.isArray(stopwords) ? stopwords.map(textOf) : [],
    language: typeof language === "string" ? language : "",
  };
}

/** RediSearch's bit masks in the options of a field. */
const nostemBit = 4;
const phoneticBit = 8;

type Options = NonNullable<Index["options"]>;

function optionsOf(texts: Value | undefined, fields: Index["fields"]): Options {
  const rows = Array.isArray(texts) ? (texts as [name: string, bits: number, weight: number][]) : [];
  return Object.fromEntries(
    rows
      .filter(([name]) => fields[name]?.includes("FULLTEXT") === true)
      .map(([name, bits, weight]) => [name, textOptions(weight, (bits & nostemBit) !== 0, (bits & phoneticBit) !== 0)]),
  );
}

function vectorOptionsOf(options: Value | undefined, fields: Index["fields"]): Options {
  const all = Object.entries((options ?? {}) as Options);
  return Object.fromEntries(all.filter(([name]) => fields[name]?.includes("VECTOR") === true));
}

function constraintOf([kind, entity, label, properties]: Value[]): Constraint {
  return {
    kind: textOf(kind),
    entity: entityOf(entity),
    label: textOf(label),
    properties: (properties as Value[]).map(textOf),
  };
}

function textOf(value: Value | undefined): string {
  return typeof value === "string" ? value : JSON.stringify(value ?? null);
}

function entityOf(text: Value | undefined): EntityKind {
  return text === "RELATIONSHIP" ? "RELATIONSHIP" : "NODE";
}

// The statements that make the indexes of a graph anew, from what the header of a snapshot says of them
// (rdb-graph-header.ts), which is more than a running engine reports.
import { textLiteral } from "../../../generators/schema/literal.ts";
import type { ConstraintSpec } from "../../../generators/model.ts";
import type { GraphHeader, SchemaHeader } from "../rdb/rdb-graph-header.ts";
import { cypherName } from "./cypher-name.ts";

type Entity = ConstraintSpec["entity"];

/** Numbers of FalkorDB for how vectors are compared. */
const similarities: Readonly<Record<string, string>> = { 0: "euclidean", 2: "cosine" };

export function indexStatementsOf({ labels, types }: Pick<GraphHeader, "labels" | "types">): string[] {
  const all = [...labels.map((label) => ["node", label] as const), ...types.map((type) => ["edge", type] as const)];
  const statements = all.map(([entity, schema]) => statementsOf(entity, schema));
  // As a load makes them: what another index is built upon comes first.
  return (["range", "fulltext", "vector"] as const).flatMap((kind) => statements.flatMap((made) => made[kind]));
}

export function constraintsOf({ labels, types }: Pick<GraphHeader, "labels" | "types">): ConstraintSpec[] {
  const of = (entity: Entity, { name, constraints }: SchemaHeader): ConstraintSpec[] =>
    constraints.map((text) => {
      const [, kind = "", properties = ""] = /^(\w+)\((.*)\)$/s.exec(text) ?? [];
      return {
        kind: kind === "unique" ? "UNIQUE" : "MANDATORY",
        entity,
        label: name,
        properties: properties.split(","),
      };
    });
  return [...labels.flatMap((label) => of("node", label)), ...types.flatMap((type) => of("edge", type))];
}

interface Made {
  readonly range: readonly string[];
  readonly fulltext: readonly string[];
  readonly vector: readonly string[];
}

function statementsOf(entity: Entity, schema: SchemaHeader): Made {
  const { name } = schema;
  const having = (kind: string): string[] =>
    schema.index.flatMap((text) => {
      const at = text.lastIndexOf(":");
      return text
        .slice(at + 1)
        .split("+")
        .includes(kind)
        ? [text.slice(0, at)]
        : [];
    });
  if (schema.index.length === 0) return { range: [], fulltext: [], vector: [] };
  const pattern = entity === "node" ? `(e:${cypherName(name)})` : `()-[e:${cypherName(name)}]-()`;
  const fields = (names: readonly string[]): string => names.map((field) => `e.${cypherName(field)}`).join(", ");
  const [range, fulltext] = [having("range"), having("fulltext")];
  return {
    range: range.length === 0 ? [] : [`CREATE INDEX FOR ${pattern} ON (${fields(range)})`],
    fulltext: fulltext.length === 0 ? [] : [fulltextStatement(entity, schema, fulltext, { pattern, fields })],
    vector: having("vector").map(
      (field) => `CREATE VECTOR INDEX FOR ${pattern} ON (${fields([field])}) OPTIONS {${vectorOptions(schema, field)}}`,
    ),
  };
}

function fulltextStatement(
  entity: Entity,
  schema: SchemaHeader,
  names: readonly string[],
  { pattern, fields }: { readonly pattern: string; readonly fields: (names: readonly string[]) => string },
): string {
  const { name, stopwords, options = [] } = schema;
  const language = /^language (\S+)$/.exec(options[0] ?? "")?.[1];
  const settings = [
    ...(language === undefined ? [] : [`language: ${textLiteral(language)}`]),
    ...(stopwords.length === 0 ? [] : [`stopwords: [${stopwords.map(textLiteral).join(", ")}]`]),
  ];
  if (entity === "edge") {
    const given = settings.length === 0 ? "" : ` OPTIONS {${settings.join(", ")}}`;
    return `CREATE FULLTEXT INDEX FOR ${pattern} ON (${fields(names)})${given}`;
  }
  const asked = names.map((field) => {
    const own = optionsOf(schema, field).map((option) => {
      const [kind = "", value = "true"] = option.split(" ");
      return `${kind}: ${kind === "phonetic" ? textLiteral(value) : value}`;
    });
    return `{field: ${textLiteral(field)}${own.map((option) => `, ${option}`).join("")}}`;
  });
  const all = [`label: ${textLiteral(name)}`, ...settings].join(", ");
  return `CALL db.idx.fulltext.createNodeIndex({${all}}, ${asked.join(", ")})`;
}

/** Options of full text of a field, without its name. */
function optionsOf({ options = [] }: SchemaHeader, field: string): string[] {
  return options
    .filter((option) => option.startsWith(`${field} `))
    .map((option) => option.slice(field.length + 1))
    .filter((option) => /^(?:weight \S+|nostem|phonetic \S+)$/.test(option));
}

function vectorOptions({ options = [] }: SchemaHeader, field: string): string {
  const found = options.find((option) => option.startsWith(`${field} vector `)) ?? "";
  const [dimension, M, efConstruction, efRuntime, similarity = ""] = found.slice(field.length + 8).split(" ");
  const graph = `M: ${M}, efConstruction: ${efConstruction}, efRuntime: ${efRuntime}`;
  return `dimension: ${dimension}, similarityFunction: '${similarities[similarity] ?? similarity}', ${graph}`;
}

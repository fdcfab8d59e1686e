// An index as the engine reports it, with every option, and the statements that drop and rebuild it. Not every index
// can be rebuilt from the report: for stemming, phonetics and vector parameters FalkorDB 4.16 reports only that they
// are set, and not their values, so such an index has no statements.
import { DrillError } from "../../base/errors.ts";
import { textLiteral } from "../../../generators/schema/literal.ts";
import type { Connection } from "../client/connection.ts";
import { isQuotable, quotedName } from "../client/quoted-name.ts";
import type { Value } from "../client/reply.ts";

export interface IndexDefinition {
  readonly entity: "NODE" | "RELATIONSHIP";
  readonly label: string;
  /** All options that the engine reports, as comparable text. */
  readonly text: string;
  /** Statements to run in this order; undefined where the rebuilt index would differ. */
  readonly statements: { readonly drop: readonly string[]; readonly make: readonly string[] } | undefined;
}

interface Told {
  readonly entity: IndexDefinition["entity"];
  readonly label: string;
  readonly range: readonly string[];
  readonly fulltext: readonly string[];
  readonly language: string;
  readonly stopwords: readonly string[];
  readonly isPlain: boolean;
}

const question =
  "CALL db.indexes() YIELD entitytype, label, types, options, language, stopwords, info " +
  "RETURN entitytype, label, types, options, language, stopwords, info";
const defaultLanguage = "english";

/** Index definitions sorted by label, nodes before relationships. */
export async function readIndexDefinitions(connection: Connection, graph: string): Promise<IndexDefinition[]> {
  const { rows } = await connection.roQuery(graph, question);
  return rows.map(definition).toSorted((a, b) => (a.entity + a.label < b.entity + b.label ? -1 : 1));
}

/** The same; those of a label with a constraint have no statements, because the constraint needs its index. */
export async function readDroppableIndexes(connection: Connection, graph: string): Promise<IndexDefinition[]> {
  const { rows } = await connection.roQuery(graph, "CALL db.constraints() YIELD label RETURN label");
  const bound = new Set(rows.map(([label]) => label));
  const definitions = await readIndexDefinitions(connection, graph);
  return definitions.map((index) => (bound.has(index.label) ? Object.assign(index, { statements: undefined }) : index));
}

/**
 * One transaction: the engine begins to build an index anew for each of its fields that is dropped, and would let the
 * next statement wait until it is built.
 */
export function inOneTransaction(graph: string, statements: readonly string[]): (readonly [string, ...string[]])[] {
  return [["MULTI"], ...statements.map((statement) => ["GRAPH.QUERY", graph, statement] as const), ["EXEC"]];
}

/** Throws where an index that was dropped and rebuilt is not what it was. */
export async function assertRemade(
  connection: Connection,
  graph: string,
  wanted: readonly IndexDefinition[],
): Promise<void> {
  const texts = new Set((await readIndexDefinitions(connection, graph)).map(({ text }) => text));
  for (const { entity, label, text } of wanted)
    if (!texts.has(text))
      throw new DrillError(
        `the index on ${label} (${entity}) of graph "${graph}" is not what it was when it was dropped`,
        {
          exit: "notRecovered",
          code: "index-not-remade",
          hint: "Restore with --keep-indexes, which leaves indexes as they are and takes longer.",
        },
      );
}

function definition(row: readonly Value[]): IndexDefinition {
  const [entitytype, label, types, options, language, stopwords, info] = row;
  const kinds = Object.entries(types as Record<string, readonly string[]>);
  const having = (kind: string): string[] => kinds.filter(([, all]) => all.includes(kind)).map(([name]) => name);
  const fields = fieldsOf(info);
  const fulltext = having("FULLTEXT");
  const told: Told = {
    entity: entitytype === "RELATIONSHIP" ? "RELATIONSHIP" : "NODE",
    label: textOf(label),
    range: having("RANGE"),
    fulltext,
    language: textOf(language),
    stopwords: Array.isArray(stopwords) ? stopwords.map(textOf) : [],
    isPlain:
      kinds.every(([, all]) => all.every((kind) => kind === "RANGE" || kind === "FULLTEXT")) &&
      Object.values((options ?? {}) as Record<string, object>).every((set) => Object.keys(set).length === 0) &&
      fields.length > 0 &&
      fields.every(({ name, options: set, textWeight }) => set === 0 && (textWeight === 1 || !fulltext.includes(name))),
  };
  const sorted = kinds.map(([name, all]) => [name, all.toSorted()]).toSorted(byText);
  const words = told.stopwords.toSorted();
  return {
    entity: told.entity,
    label: told.label,
    text: JSON.stringify([
      told.entity,
      told.label,
      sorted,
      options,
      told.language,
      words,
      fields.map(plainly).toSorted(),
    ]),
    statements: statementsOf(told),
  };
}

function textOf(value: Value | undefined): string {
  return typeof value === "string" ? value : "";
}

interface Field {
  readonly name: string;
  readonly options: number;
  readonly textWeight: number;
}

function fieldsOf(info: Value | undefined): readonly Field[] {
  return ((info as { readonly fields?: readonly Field[] } | null)?.fields ?? []).filter((field) => field !== null);
}

function plainly(field: Field): string {
  return JSON.stringify(Object.entries(field).toSorted(byText));
}

function byText(a: readonly unknown[], b: readonly unknown[]): number {
  return String(a[0]) < String(b[0]) ? -1 : 1;
}

function statementsOf(told: Told): IndexDefinition["statements"] {
  const { entity, label, range, fulltext, stopwords, language, isPlain } = told;
  if (!isPlain || ![label, ...range, ...fulltext].every(isQuotable)) return undefined;
  const isDefault = stopwords.length === 0 && (language === "" || language === defaultLanguage);
  if (entity === "RELATIONSHIP" && fulltext.length > 0 && !isDefault) return undefined;
  const pattern = entity === "NODE" ? `(e:${quotedName(label)})` : `()-[e:${quotedName(label)}]-()`;
  const of = (names: readonly string[]): string => names.map((name) => `e.${quotedName(name)}`).join(", ");
  const make = range.length === 0 ? [] : [`CREATE INDEX FOR ${pattern} ON (${of(range)})`];
  if (fulltext.length > 0)
    make.push(isDefault ? `CREATE FULLTEXT INDEX FOR ${pattern} ON (${of(fulltext)})` : searchProcedure(told));
  return {
    // With several names in one statement the engine drops only the first.
    drop: [
      ...range.map((name) => `DROP INDEX FOR ${pattern} ON (${of([name])})`),
      ...fulltext.map((name) => `DROP FULLTEXT INDEX FOR ${pattern} ON (${of([name])})`),
    ],
    make,
  };
}

function searchProcedure({ label, language, stopwords, fulltext }: Told): string {
  const settings = [
    `label: ${textLiteral(label)}`,
    ...(language === "" ? [] : [`language: ${textLiteral(language)}`]),
    ...(stopwords.length === 0 ? [] : [`stopwords: [${stopwords.map(textLiteral).join(", ")}]`]),
  ];
  return `CALL db.idx.fulltext.createNodeIndex({${settings.join(", ")}}, ${fulltext.map(textLiteral).join(", ")})`;
}

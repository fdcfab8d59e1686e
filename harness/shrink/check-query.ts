// The one question that shows a finding: its answer by the source before the backup is the right one.
import { errorMessage } from "../base/errors.ts";
import type { Connection } from "../falkordb/client/connection.ts";
import { decodeReply } from "../falkordb/client/reply.ts";
import type { StoredFinding } from "../record/result.ts";
import { quotedName } from "../falkordb/client/quoted-name.ts";
import { writeLabel } from "./case-cypher.ts";
import type { CaseGraph, CaseOperation, ShrinkCase } from "./shrink-case.ts";

/** A command as redis-cli takes it, word by word. */
export type CheckQuery = readonly [command: string, ...words: string[]];

type About = Pick<StoredFinding, "code" | "subject" | "evidence">;

/** Undefined where no single command shows it: settings, or a program that fails. */
export function checkQueryOf({ code, subject, evidence }: About, shrunk: ShrinkCase): CheckQuery | undefined {
  const graph = graphOf(subject, shrunk);
  const ask = (cypher: string): CheckQuery => ["GRAPH.RO_QUERY", graph.name, cypher];
  const [, kind = "", property = ""] = subject.split("/");
  if (code.startsWith("graph-")) return ["GRAPH.LIST"];
  if (code.startsWith("write-")) return lostQuery(shrunk.operations);
  if (code === "engine-wrote-otherwise") {
    const append = shrunk.operations.find((each) => each.kind === "append");
    if (append === undefined) return undefined;
    return [
      "GRAPH.RO_QUERY",
      append.graph,
      `MATCH (n:${quotedName(append.label)}) RETURN size(n.${quotedName(append.property)})`,
    ];
  }
  if (code === "index-contradicts-scan" || code === "index-zeros-lost-in-engine" || code.startsWith("double-"))
    return lookupQuery(evidence, graph, subject);
  if (code.startsWith("index-") || code === "fulltext-misses" || code === "stopword-found")
    return ask("CALL db.indexes() YIELD label, entitytype, types, language, stopwords, options, status");
  if (code.startsWith("constraint-")) return ask("CALL db.constraints()");
  if (code.startsWith("vector")) return ask(everything(graph, kind, "node"));
  const entity = code.startsWith("edge-") || graph.edges.some(({ type }) => type === kind) ? "edge" : "node";
  const changed = changedNames(evidence);
  if (changed.length > 0)
    return ask(valuesOf(entity, typeof evidence["label"] === "string" ? evidence["label"] : kind, changed));
  if (code.startsWith("property-")) return ask(typesOf(entity, kind, property));
  if (/^(?:node|edge|wrong-first|count)-/.test(code) || code.endsWith("-content-differs")) return ask(countOf(entity));
  return undefined;
}

function graphOf(subject: string, { graphs }: ShrinkCase): CaseGraph {
  const [name] = subject.split("/");
  const none: CaseGraph = { name: name ?? "", nodes: [], edges: [], indexes: [], constraints: [] };
  return graphs.find((graph) => graph.name === name) ?? graphs[0] ?? none;
}

function lostQuery(operations: readonly CaseOperation[]): CheckQuery | undefined {
  const write = operations.find((each) => each.kind === "write");
  return write && ["GRAPH.RO_QUERY", write.graph, `MATCH (n:${writeLabel}) RETURN n.number`];
}

function changedNames({ properties }: StoredFinding["evidence"]): string[] {
  const names = Array.isArray(properties) ? (properties as { name?: unknown }[]).map(({ name }) => String(name)) : [];
  return names.filter((name) => !name.startsWith("("));
}

function pattern(entity: "node" | "edge", kind: string): string {
  if (entity === "edge") return `()-[e${kind === "" ? "" : `:${quotedName(kind)}`}]->()`;
  const labels = kind === "" || kind.startsWith("(") ? [] : kind.split(":");
  return `(e${labels.map((label) => `:${quotedName(label)}`).join("")})`;
}

function valuesOf(entity: "node" | "edge", kind: string, names: readonly string[]): string {
  return `MATCH ${pattern(entity, kind)} RETURN ${names.map((name) => `e.${quotedName(name)}`).join(", ")}`;
}

function typesOf(entity: "node" | "edge", kind: string, name: string): string {
  return `MATCH ${pattern(entity, kind)} RETURN typeof(e.${quotedName(name)}), count(e)`;
}

function countOf(entity: "node" | "edge"): string {
  return entity === "node" ? "MATCH (e) RETURN labels(e), count(e)" : "MATCH ()-[e]->() RETURN type(e), count(e)";
}

function everything(graph: CaseGraph, property: string, entity: "node" | "edge"): string {
  const isOnEdges = graph.edges.some(({ properties }) => property in properties);
  return valuesOf(isOnEdges ? "edge" : entity, "", [property]);
}

/** The rows that an index gives, or the values that it is asked for. */
function lookupQuery(evidence: StoredFinding["evidence"], graph: CaseGraph, subject: string): CheckQuery {
  const [first] = Array.isArray(evidence["answers"]) ? (evidence["answers"] as { lookup?: unknown }[]) : [];
  const lookup = evidence["lookup"] ?? first?.lookup;
  if (typeof lookup !== "object" || lookup === null) {
    const [side = "", ...name] = (subject.split("/").at(-1) ?? "").split(".");
    const entity = side === "RELATIONSHIP" ? "edge" : "node";
    // Replies show 15 digits of a double; what is behind them shows in a difference.
    return ["GRAPH.RO_QUERY", graph.name, valuesOf(entity, "", [name.join(".")])];
  }
  const { entity, label, property, operator, literal } = lookup as Record<string, string>;
  const by = pattern(entity === "NODE" ? "node" : "edge", label ?? "");
  const text = `MATCH ${by} WHERE e.${quotedName(property ?? "")} ${operator} ${literal} RETURN count(e)`;
  return ["GRAPH.RO_QUERY", graph.name, text];
}

/** The rows of a reply, or what the server says in place of them. */
export async function shownAnswer(connection: Connection, [command, ...words]: CheckQuery): Promise<string> {
  try {
    if (!command.startsWith("GRAPH.RO_QUERY")) return JSON.stringify(await connection.command(command, ...words));
    const reply = await connection.command(command, ...words, "--compact");
    return JSON.stringify(decodeReply(reply).rows, (_, value: unknown) =>
      typeof value === "bigint" ? String(value) : value,
    );
  } catch (error) {
    return errorMessage(error);
  }
}

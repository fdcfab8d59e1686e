// The Cypher that makes a case, as a script for a person sends it.
import { quotedName } from "../falkordb/client/quoted-name.ts";
import { CypherValue, Double, type EdgeRecord, type NodeRecord, type Value } from "../../generators/model.ts";
import { indexStatements } from "../../generators/schema/index-statements.ts";
import { literal } from "../falkordb/client/parameters.ts";
import type { CaseGraph, CaseOperation } from "./shrink-case.ts";

/** Entities that one statement creates; a large graph is created entity by entity. */
const entitiesAtOnce = 40;

/** Creates the content of an empty graph, nodes in order; a graph without nodes is a key as well. */
export function contentStatements({ nodes, edges }: Pick<CaseGraph, "nodes" | "edges">): readonly string[] {
  if (nodes.length === 0) return ["RETURN 1"];
  if (nodes.length + edges.length <= entitiesAtOnce) {
    const patterns = [
      ...nodes.map((node) => nodeText(node, `n${node.id}`)),
      ...edges.map((edge) => `(n${edge.source})-${edgeText(edge)}->(n${edge.target})`),
    ];
    return [`CREATE ${patterns.join(", ")}`];
  }
  const position = new Map(nodes.map(({ id }, at) => [id, at]));
  const ends = ({ source, target }: EdgeRecord): string =>
    `MATCH (a), (b) WHERE id(a) = ${position.get(source)} AND id(b) = ${position.get(target)}`;
  return [
    ...nodes.map((node) => `CREATE ${nodeText(node, "")}`),
    ...edges.map((edge) => `${ends(edge)} CREATE (a)-${edgeText(edge)}->(b)`),
  ];
}

export const schemaStatements: typeof indexStatements = indexStatements;

/** The label of the nodes that `write` operations create. */
export const writeLabel = "ShrinkWrite";

export function operationStatement(operation: Exclude<CaseOperation, { kind: "save" }>): string {
  if (operation.kind === "write") return `CREATE (:${writeLabel} {number: ${operation.number}})`;
  const property = `n.${quotedName(operation.property)}`;
  return `MATCH (n:${quotedName(operation.label)}) SET ${property} = ${property} + ${valueText(operation.text)}`;
}

function nodeText({ labels, properties }: NodeRecord, variable: string): string {
  return `(${variable}${labels.map((label) => `:${quotedName(label)}`).join("")}${mapText(properties)})`;
}

function edgeText({ type, properties }: EdgeRecord): string {
  return `[:${quotedName(type)}${mapText(properties)}]`;
}

function mapText(properties: Readonly<Record<string, Value>>): string {
  const entries = Object.entries(properties).map(([name, value]) => `${quotedName(name)}: ${valueText(value)}`);
  return entries.length === 0 ? "" : ` {${entries.join(", ")}}`;
}

function valueText(value: Value): string {
  if (value instanceof CypherValue) return value.expression;
  if (value instanceof Double && !Number.isFinite(value.value))
    return Number.isNaN(value.value) ? "(0.0 / 0.0)" : `(${value.value < 0 ? "-" : ""}1.0 / 0.0)`;
  // FalkorDB reads no literal of a subnormal double; the product of these two is exact.
  if (value instanceof Double && value.value !== 0 && Math.abs(value.value) < smallestNormal)
    return `(${literal(new Double(value.value * 2 ** 600))} * ${2 ** -600})`;
  if (value instanceof Float32Array) return `vecf32(${literal(value)})`;
  if (Array.isArray(value)) return `[${(value as readonly Value[]).map(valueText).join(", ")}]`;
  return literal(value as string | number | bigint | boolean | Double);
}

const smallestNormal = 2.2250738585072014e-308;

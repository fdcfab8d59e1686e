// Query parameters as the prefix of a query: `CYPHER name=value ...`.
import { Double } from "../../../generators/model.ts";
import { DrillError } from "../../base/errors.ts";

export type Parameter =
  | string
  | number
  | bigint
  | boolean
  | null
  | Double
  | Float32Array
  | readonly Parameter[]
  | { readonly [key: string]: Parameter };

export function withParameters(cypher: string, parameters: Readonly<Record<string, Parameter>> = {}): string {
  const names = Object.keys(parameters);
  if (names.length === 0) return cypher;
  const text = names.map((name) => `${checkedName(name)}=${literal(parameters[name] ?? null)}`).join(" ");
  return `CYPHER ${text} ${cypher}`;
}

/** A value as Cypher text. Whole numbers become integers, a Double a float; a vector is a list for vecf32(). */
export function literal(value: Parameter): string {
  if (value === null) return "null";
  if (typeof value === "string") return quoted(value);
  if (typeof value === "number") return numberLiteral(value);
  if (typeof value !== "object") return String(value);
  if (value instanceof Double) return floatLiteral(value.value);
  if (value instanceof Float32Array) return `[${Array.from(value, floatLiteral).join(",")}]`;
  if (Array.isArray(value)) return `[${(value as readonly Parameter[]).map(literal).join(",")}]`;
  return `{${Object.entries(value)
    .map(([key, item]) => `${checkedName(key)}:${literal(item)}`)
    .join(",")}}`;
}

function quoted(text: string): string {
  if (text.includes("\0"))
    throw new DrillError("a string with a NUL character cannot be a query parameter", { exit: "internal" });
  return `"${text.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
}

function floatLiteral(value: number): string {
  const text = numberLiteral(value);
  return /^-?\d+$/.test(text) ? `${text}.0` : text;
}

function numberLiteral(value: number): string {
  if (!Number.isFinite(value)) throw new DrillError(`${value} cannot be a query parameter`, { exit: "internal" });
  return Object.is(value, -0) ? "-0.0" : String(value);
}

function checkedName(name: string): string {
  if (!/^[A-Za-z_]\w*$/.test(name))
    throw new DrillError(`"${name}" cannot name a query parameter`, { exit: "internal" });
  return name;
}

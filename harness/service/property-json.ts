// Stored values as JSON and back, exactly: a double stays a double when it is whole, a vector keeps its float32 bytes.
import { z } from "zod";
import { Double, type Properties, type Value } from "../../generators/model.ts";

type ValueJson =
  string | number | boolean | { readonly double: number } | { readonly vecf32: string } | readonly ValueJson[];
export type PropertiesJson = Readonly<Record<string, ValueJson>>;

/** Graphiti strips NUL from every text, because the engine cannot store it. */
const text = z.string().transform((value) => value.replaceAll("\0", ""));

const valueSchema: z.ZodType<Value> = z.lazy(() =>
  z.union([
    text,
    z.int(),
    z.number().transform((value) => new Double(value)),
    z.boolean(),
    z.strictObject({ double: z.number() }).transform(({ double }) => new Double(double)),
    z.strictObject({ vecf32: z.base64() }).transform(({ vecf32 }) => vectorFrom(vecf32)),
    z.array(valueSchema),
  ]),
);

/** Property names become part of a query. */
export const propertiesSchema: z.ZodType<Properties> = z.record(z.string().regex(/^[A-Za-z_]\w{0,99}$/), valueSchema);

export function propertiesToJson(properties: Properties): PropertiesJson {
  return Object.fromEntries(Object.entries(properties).map(([name, value]) => [name, valueToJson(value)]));
}

function valueToJson(value: Value): ValueJson {
  if (value instanceof Float32Array) {
    return { vecf32: Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString("base64") };
  }
  if (value instanceof Double) return { double: value.value };
  if (typeof value === "object" && !("type" in value)) return value.map(valueToJson);
  if (typeof value === "object" || typeof value === "bigint") throw new TypeError("this value has no form as JSON");
  return value;
}

function vectorFrom(base64: string): Float32Array {
  const bytes = Buffer.from(base64, "base64");
  // A Buffer may start anywhere in its pool; a Float32Array needs a multiple of four.
  return new Float32Array(Uint8Array.from(bytes).buffer, 0, Math.floor(bytes.length / 4));
}

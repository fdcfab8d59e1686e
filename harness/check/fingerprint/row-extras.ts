// Data of a record that is not in a row's bytes: doubles to the last bit, and the vectors themselves.
import { Double, type Properties, type Value } from "../../../generators/model.ts";
import { tags } from "./canonical.ts";
import type { EntityRow } from "./entity-row.ts";
import type { NameTable } from "./names.ts";

/** Name under which the doubles in a list are kept apart from those that a property holds itself. */
export function itemsOf(property: string): string {
  return `${property}[]`;
}

export class RowExtras {
  readonly doubles: { readonly name: string; readonly value: number }[] = [];
  readonly vectors: { readonly name: string; readonly value: Float32Array }[] = [];

  clear(): void {
    if (this.doubles.length > 0) this.doubles.length = 0;
    if (this.vectors.length > 0) this.vectors.length = 0;
  }

  double(name: string, value: number): void {
    this.doubles.push({ name, value });
  }

  vector(name: string, value: Float32Array): void {
    this.vectors.push({ name, value });
  }
}

/** The record's properties without its lists, for samples. */
export function propertiesOf(row: EntityRow, extras: RowExtras, names: NameTable): Properties {
  const properties: Record<string, Value> = {};
  for (let at = 0; at < row.count; at += 1) {
    const value = scalarOf(row, at);
    if (value !== undefined) properties[names.name(row.names[at] ?? 0)] = value;
  }
  for (const { name, value } of extras.doubles) properties[name] = new Double(value);
  for (const { name, value } of extras.vectors) properties[name] = value;
  return properties;
}

function scalarOf(row: EntityRow, at: number): Value | undefined {
  switch (row.tags[at]) {
    case tags.String:
      return row.text(at);
    case tags.Integer: {
      const value = Number(row.text(at));
      return Number.isSafeInteger(value) ? value : BigInt(row.text(at));
    }
    case tags.Boolean:
      return row.text(at) === "true";
    default:
      return undefined;
  }
}

// HTML and SVG as template literals in which every value is escaped, so that no text of a graph can become markup.
import { visible } from "../../harness/base/one-line.ts";

/** Text that is markup already. Only `html` and `trusted` make it. */
export class Markup {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  toString(): string {
    return this.text;
  }
}

export type MarkupValue = Markup | string | number | undefined | false | readonly MarkupValue[];

/** Strings and numbers are escaped, markup is taken as it is, lists are joined; undefined and false leave nothing. */
export function html(parts: TemplateStringsArray, ...values: readonly MarkupValue[]): Markup {
  let lines = unindented.get(parts);
  // The indentation is for readers of the source; ten thousand rows need not carry it.
  if (lines === undefined) unindented.set(parts, (lines = parts.map((text) => text.replaceAll(/\n\s*/g, "\n"))));
  return join(lines, values);
}

const unindented = new WeakMap<TemplateStringsArray, readonly string[]>();

/** The same for XML, and wherever white space counts: every character stays. */
export function exact(parts: TemplateStringsArray, ...values: readonly MarkupValue[]): Markup {
  return join(parts, values);
}

function join(parts: readonly string[], values: readonly MarkupValue[]): Markup {
  let text = parts[0] ?? "";
  for (const [index, value] of values.entries()) text += render(value) + (parts[index + 1] ?? "");
  return new Markup(text);
}

/** Marks our own styles and scripts as safe markup. Never use it for text from a run. */
export function trusted(text: string): Markup {
  return new Markup(text);
}

function render(value: MarkupValue): string {
  if (value === undefined || value === false) return "";
  if (value instanceof Markup) return value.text;
  if (typeof value === "number") return String(value);
  if (typeof value === "string") return escapeMarkup(value);
  return value.map(render).join("");
}

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

export function escapeMarkup(text: string): string {
  return visible(text).replaceAll(/[&<>"']/g, (char) => entities[char] ?? char);
}

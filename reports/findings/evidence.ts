// The evidence of a finding, sorted for a reader: expected and actual values side by side, and the rest as it is.
import { visible } from "../../harness/base/one-line.ts";
import { html, type Markup } from "../html/markup.ts";

export interface Side {
  readonly name: string;
  readonly left: unknown;
  readonly right: unknown;
}

export interface Sides {
  readonly leftTitle: string;
  readonly rightTitle: string;
  readonly rows: readonly Side[];
  /** Evidence without a counterpart to compare with. */
  readonly rest: Readonly<Record<string, unknown>>;
}

/** Pairs of evidence keys that are compared with each other. */
const opposites: readonly (readonly [left: string, right: string])[] = [
  ["expected", "found"],
  ["expected", "actual"],
  ["scan", "index"],
  ["counted", "read"],
  ["before", "after"],
  ["source", "target"],
];

export function sidesOf(evidence: Readonly<Record<string, unknown>>): Sides {
  for (const [left, right] of opposites) {
    if (left in evidence && right in evidence) {
      const { [left]: a, [right]: b, ...rest } = evidence;
      return { leftTitle: left, rightTitle: right, rows: rowsOf(a, b), rest };
    }
    // A list of such pairs: the properties of an entity, the accounts of a ledger.
    const list = Object.entries(evidence).find(([, value]) => isPairList(value, left, right));
    if (list !== undefined) {
      const { [list[0]]: _shown, ...rest } = evidence;
      const rows = (list[1] as Record<string, unknown>[]).map(({ [left]: a, [right]: b, ...name }) => {
        return { name: Object.values(name).map(valueText).join(" "), left: a, right: b };
      });
      return { leftTitle: left, rightTitle: right, rows, rest };
    }
  }
  return { leftTitle: "", rightTitle: "", rows: [], rest: evidence };
}

function isPairList(value: unknown, left: string, right: string): boolean {
  return (
    Array.isArray(value) && value.length > 0 && value.every((item) => isRecord(item) && left in item && right in item)
  );
}

/** Two objects are compared key by key, and only what differs is shown; anything else as a whole. */
function rowsOf(left: unknown, right: unknown): Side[] {
  if (!isRecord(left) || !isRecord(right)) return [{ name: "", left, right }];
  const keys = [...new Set([...Object.keys(left), ...Object.keys(right)])];
  const rows = keys.map((name) => ({ name, left: left[name], right: right[name] }));
  const differing = rows.filter((row) => valueText(row.left) !== valueText(row.right));
  return differing.length > 0 ? differing : rows;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A value as text; a stored value (`{type, text}`) with its type behind it. */
function valueText(value: unknown): string {
  if (value === undefined || value === null) return "(none)";
  if (typeof value === "string") return value;
  if (isStored(value)) return `${value.text} (${value.type})`;
  return JSON.stringify(value);
}

/** Both sides as text. The type of a stored value is shown only where the types differ. */
export function sideTexts({ left, right }: Side): readonly [string, string] {
  if (isStored(left) && (right ?? undefined) === undefined) return [left.text, valueText(right)];
  if (isStored(right) && (left ?? undefined) === undefined) return [valueText(left), right.text];
  if (isStored(left) && isStored(right) && left.type === right.type) return [left.text, right.text];
  return [valueText(left), valueText(right)];
}

/** Whether the message holds both short values already, so that a table would say it twice. */
export function isSaid(message: string, rows: readonly Side[]): boolean {
  const [only, ...others] = rows;
  if (only === undefined) return true;
  const values = sideTexts(only);
  return others.length === 0 && values.every((value) => value.length < 60 && message.includes(value));
}

function isStored(value: unknown): value is { type: string; text: string } {
  return isRecord(value) && typeof value["type"] === "string" && typeof value["text"] === "string";
}

const shownMax = 2000;
/** What is equal before and after the difference is shown only so far. */
const contextLength = 60;

/** Both texts, with the part in which they differ marked. */
export function marked(left: string, right: string): readonly [Markup, Markup] {
  // By code points: half of one shows as nothing.
  const a = Array.from(left);
  const b = Array.from(right);
  const shortest = Math.min(a.length, b.length);
  let start = 0;
  while (start < shortest && a[start] === b[start]) start += 1;
  let end = 0;
  while (end < shortest - start && a[a.length - 1 - end] === b[b.length - 1 - end]) end += 1;
  if (start === 0 && end === 0) return [html`${cut(left)}`, html`${cut(right)}`];
  const parts = (text: readonly string[]): Markup => {
    const before = text.slice(0, start).join("");
    const after = text.slice(text.length - end).join("");
    const middle = cut(text.slice(start, text.length - end).join(""));
    const head = before.length > contextLength ? `…${before.slice(-contextLength)}` : before;
    const tail = after.length > contextLength ? `${after.slice(0, contextLength)}…` : after;
    return html`${head}${middle === "" ? html`<mark class="gap" title="nothing here"></mark>` : html`<mark>${middle}</mark>`}${end === 0 ? "" : tail}`;
  };
  return [parts(a), parts(b)];
}

export function cut(text: string): string {
  const shown = visible(text);
  return shown.length <= shownMax ? shown : `${shown.slice(0, shownMax)}… (${shown.length - shownMax} more characters)`;
}

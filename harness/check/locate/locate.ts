// Compares the captured entities of both sides: which are missing, extra, or changed, and in which properties.
import type { Captured, CapturedProperty } from "./capture.ts";
import type { Difference } from "../observation.ts";

export interface LocateReport {
  readonly expected: Captured | undefined;
  readonly actual: Captured | undefined;
}

/** Pairs differing entities; equal ones are removed from both sides as often as they occur. */
export function pairDifferences(expected: readonly Captured[], actual: readonly Captured[]): LocateReport[] {
  const byKey = new Map<string, { expected: Captured[]; actual: Captured[] }>();
  const groupOf = (captured: Captured): { expected: Captured[]; actual: Captured[] } => {
    const id = `${captured.entity} ${captured.key}`;
    let group = byKey.get(id);
    if (group === undefined) byKey.set(id, (group = { expected: [], actual: [] }));
    return group;
  };
  for (const captured of expected) groupOf(captured).expected.push(captured);
  for (const captured of actual) groupOf(captured).actual.push(captured);
  return [...byKey.values()].flatMap((group) => unequal(group.expected, group.actual));
}

function unequal(expected: Captured[], actual: Captured[]): LocateReport[] {
  const left = [...actual];
  const take = (matches: (other: Captured) => boolean): Captured | undefined => {
    const at = left.findIndex(matches);
    return at < 0 ? undefined : left.splice(at, 1)[0];
  };
  const changed = expected.filter((want) => take((other) => other.hash === want.hash) === undefined);
  // Among several with one key, those of the same kind are paired.
  const pairs = changed.map((want) => ({
    expected: want,
    actual: take((other) => other.kind === want.kind) ?? take(() => true),
  }));
  return [...pairs, ...left.map((actual) => ({ expected: undefined, actual }))];
}

/** One difference, and the number of alike ones: missing, extra, or changed in the same properties. */
export interface Sample {
  readonly pair: LocateReport;
  readonly alike: number;
}

/** At most `max` differences to report in full: first one of each kind, the most frequent first, then more. */
export function sampleDifferences(pairs: readonly LocateReport[], max: number): readonly Sample[] {
  const kinds = [...Map.groupBy(pairs, likeness).values()].toSorted((a, b) => b.length - a.length);
  const ofEach = kinds.flatMap((alike) => alike.slice(0, max).map((pair, at) => ({ pair, alike: alike.length, at })));
  return ofEach.toSorted((a, b) => a.at - b.at || b.alike - a.alike).slice(0, max);
}

function likeness({ expected, actual }: LocateReport): string {
  const side = expected === undefined ? "extra" : actual === undefined ? "missing" : "changed";
  return JSON.stringify([side, (expected ?? actual)?.entity, ...changedNames({ expected, actual })]);
}

/** Names of properties whose stored values differ; empty where one side is absent. */
function changedNames({ expected, actual }: LocateReport): string[] {
  if (expected === undefined || actual === undefined) return [];
  const names = new Set([...expected.properties.keys(), ...actual.properties.keys()]);
  return [...names].filter((name) => !same(expected.properties.get(name), actual.properties.get(name)));
}

/** Returns the text of a value of one side, which is looked up for lists, vectors and ends of an edge. */
export type Show = (captured: Captured, property: string) => Promise<string>;

export const sourceEnd = "(source)";
export const targetEnd = "(target)";
const kindName = "(labels)";
const typeName = "(type)";

export async function describeDifference(
  pair: LocateReport,
  showExpected: Show,
  showActual: Show,
): Promise<Difference> {
  const subject = pair.expected ?? pair.actual;
  if (subject === undefined) throw new RangeError("a difference has at least one side");
  const difference: Difference = {
    kind: pair.actual === undefined ? "missing" : pair.expected === undefined ? "extra" : "changed",
    entity: subject.entity,
    label: subject.kind,
    key: identityOf(subject),
    properties: [],
  };
  const { expected, actual } = pair;
  if (expected === undefined || actual === undefined) return difference;
  if (expected.kind !== actual.kind)
    difference.properties.push({
      name: expected.entity === "node" ? kindName : typeName,
      expected: { type: "", text: expected.kind },
      actual: { type: "", text: actual.kind },
    });
  for (const [at, name] of [sourceEnd, targetEnd].entries())
    if (expected.ends[at] !== actual.ends[at])
      difference.properties.push({
        name,
        expected: { type: "", text: await showExpected(expected, name) },
        actual: { type: "", text: await showActual(actual, name) },
      });
  const side = async (captured: Captured, name: string, show: Show): Promise<{ type: string; text: string } | null> => {
    const property = captured.properties.get(name);
    return property === undefined ? null : { type: property.type, text: property.text ?? (await show(captured, name)) };
  };
  for (const name of changedNames(pair))
    difference.properties.push({
      name,
      ...firstDifference(await side(expected, name, showExpected), await side(actual, name, showActual)),
    });
  return difference;
}

/** Properties by which people know an entity that has no uuid. */
export const namingProperties: ReadonlySet<string> = new Set(["id", "key", "name", "title", "email"]);
const namedMax = 3;
const nameLengthMax = 60;

/** The uuid; else the properties by which people know it, or some of them; without any, the hash of its content. */
function identityOf({ properties, hash }: Captured): string {
  const uuid = properties.get("uuid")?.text;
  if (uuid !== undefined) return uuid;
  const scalars = [...properties].filter(([, { text }]) => text !== undefined && text.length <= nameLengthMax);
  const known = scalars.filter(([name]) => namingProperties.has(name));
  const named = (known.length > 0 ? known : scalars).slice(0, namedMax).map(([name, { type, text = "" }]) => {
    return `${name}: ${type === "String" ? JSON.stringify(text) : text}`;
  });
  return named.length === 0 ? `content ${hash}` : `{${named.join(", ")}}`;
}

function same(one: CapturedProperty | undefined, other: CapturedProperty | undefined): boolean {
  return one?.type === other?.type && one?.hash === other?.hash;
}

const shownLength = 300;

/** Characters shown before the first difference. */
const contextLength = 60;

type Shown = Difference["properties"][number]["expected"];

/** Shortens both long texts from the same position on, so that the first difference is shown. */
function firstDifference(expected: Shown, actual: Shown): { expected: Shown; actual: Shown } {
  const [one, other] = [expected?.text ?? "", actual?.text ?? ""];
  let same = 0;
  while (same < one.length && one[same] === other[same]) same += 1;
  const from = expected === null || actual === null ? 0 : Math.max(0, same - contextLength);
  const cut = (shown: Shown): Shown => shown && { ...shown, text: shorten(shown.text, from) };
  return { expected: cut(expected), actual: cut(actual) };
}

function shorten(text: string, from: number): string {
  if (text.length <= shownLength) return text;
  const end = from + shownLength;
  return `${from > 0 ? "…" : ""}${text.slice(from, end)}${end < text.length ? "…" : ""} (${text.length} characters)`;
}

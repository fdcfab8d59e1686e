// Differences between two servers that should hold the same data, as sentences without any value of a graph.
import { formatCount } from "../../base/units.ts";
import { digestRange, type GraphDigest } from "./graph-digest.ts";
import type { ServerDigest } from "./server-digest.ts";

const sentencesMax = 20;

/** Returns the differences; empty where both are equal. The sentences call `found` the copy. */
export function compareDigests(expected: ServerDigest, found: ServerDigest): readonly string[] {
  const sentences: string[] = [];
  const inExpected = new Map(expected.graphs.map((graph) => [keyOf(graph), graph]));
  const inFound = new Map(found.graphs.map((graph) => [keyOf(graph), graph]));
  for (const key of [...new Set([...inExpected.keys(), ...inFound.keys()])].toSorted()) {
    const [wanted, got] = [inExpected.get(key), inFound.get(key)];
    if (got === undefined) sentences.push(`${key} is missing in the copy`);
    else if (wanted === undefined) sentences.push(`${key} is in the copy and not in the source`);
    else sentences.push(...compareGraphs(key, wanted, got));
  }
  if (JSON.stringify(expected.udfLibraries) !== JSON.stringify(found.udfLibraries))
    sentences.push("the functions in JavaScript (GRAPH.UDF LIST WITHCODE) are not the same");
  const more = sentences.length - sentencesMax;
  return more <= 0 ? sentences : [...sentences.slice(0, sentencesMax), `and ${more} more differences`];
}

function compareGraphs(key: string, expected: GraphDigest, found: GraphDigest): string[] {
  return [
    ...compareNumbers(key, "labels", expected.labels, found.labels),
    ...compareNumbers(key, "relationship types", expected.types, found.types),
    ...compareNumbers(key, "property keys", expected.propertyKeys, found.propertyKeys),
    ...compareSets(key, "index", expected.indexes, found.indexes),
    ...compareSets(key, "constraint", expected.constraints, found.constraints),
    ...compareSides(key, "nodes", expected.nodes, found.nodes),
    ...compareSides(key, "edges", expected.edges, found.edges),
  ];
}

/** The numbers matter as well as the names: the stream refers to labels, types and keys by number. */
function compareNumbers(key: string, what: string, expected: readonly string[], found: readonly string[]): string[] {
  if (expected.length === found.length && expected.every((name, number) => name === found[number])) return [];
  const number = expected.findIndex((name, index) => name !== found[index]);
  const at = number === -1 ? expected.length : number;
  const told = (name: string | undefined): string => (name === undefined ? "nothing" : `"${name}"`);
  return [
    `${key} numbers its ${what} in another way: number ${at} is ${told(found[at])} instead of ${told(expected[at])}`,
  ];
}

function compareSets(key: string, what: string, expected: readonly object[], found: readonly object[]): string[] {
  const texts = (all: readonly object[]): string[] => all.map((each) => JSON.stringify(each));
  const [wanted, got] = [new Set(texts(expected)), new Set(texts(found))];
  const missing = texts(expected)
    .filter((text) => !got.has(text))
    .map((text) => `${key} lacks the ${what} ${text}`);
  const extra = texts(found)
    .filter((text) => !wanted.has(text))
    .map((text) => `${key} has the ${what} ${text}, and the source has not`);
  return [...missing, ...extra];
}

function compareSides(
  key: string,
  what: "nodes" | "edges",
  expected: GraphDigest["nodes"],
  found: GraphDigest["nodes"],
): string[] {
  const ranges = Math.max(expected.sums.length, found.sums.length);
  const differing = Array.from({ length: ranges }, (_, range) => range).filter(
    (range) => expected.sums[range] !== found.sums[range],
  );
  const [first] = differing;
  if (first === undefined && expected.count === found.count) return [];
  const of =
    expected.count === found.count ? "" : `, ${formatCount(found.count)} instead of ${formatCount(expected.count)}`;
  const from = (first ?? 0) * digestRange;
  const where = what === "nodes" ? "with ids" : "that leave nodes with ids";
  return [
    `${key} has other ${what}${of}: in ${differing.length} of ${ranges} parts, the first are those ${where} from ` +
      `${from} to ${from + digestRange - 1}`,
  ];
}

function keyOf({ database, name }: GraphDigest): string {
  return database === 0 ? `graph "${name}"` : `graph "${name}" of database ${database}`;
}

// The values that each index is queried for: seeded ones, boundaries, and absent values. Ranges start at the smallest
// and the largest sampled value, so that they stay narrow at any size.
import { Double, type Value } from "../../../generators/model.ts";
import { printDouble } from "../fingerprint/canonical.ts";
import { textLiteral } from "../../../generators/schema/literal.ts";
import type { Fingerprint, Index, Lookup, WordProbe } from "../observation.ts";
import type { Samples } from "./samples.ts";

/** Maximum expected rows of a lookup: a value that most entities share proves little and costs much. */
const rowsMax = 50_000;

const absentText = "7c6f9d2e-no-such-value";

export function lookupsFor(indexes: readonly Index[], samples: Samples, fingerprint: Fingerprint): Lookup[] {
  return indexes.flatMap((index) =>
    Object.entries(index.fields).flatMap(([property, kinds]) => {
      const sampled = samples.of(index.entity, index.label).flatMap((properties) => {
        const value = properties[property];
        return value === undefined ? [] : [value];
      });
      if (!kinds.includes("RANGE") || sampled.length === 0) return [];
      const rows = storedCount(fingerprint, index, property);
      const probes = [...textProbes(sampled, rows), ...numberProbes(sampled)];
      return probes.map(([operator, literal]) => ({
        entity: index.entity,
        label: index.label,
        property,
        operator,
        literal,
      }));
    }),
  );
}

type Probe = readonly [Lookup["operator"], string];

function textProbes(sampled: readonly Value[], rows: number): Probe[] {
  const texts = sampled.filter((value) => typeof value === "string" && value.length < 200) as string[];
  if (texts.length === 0) return [];
  const probes: Probe[] = [
    ["=", textLiteral("")],
    ["=", textLiteral(absentText)],
  ];
  // The share of samples with a value estimates the number of rows.
  const few = (text: string): boolean =>
    (texts.filter((other) => other === text).length / texts.length) * rows < rowsMax;
  for (const text of new Set(texts.slice(0, 3)))
    if (texts.length === 1 || few(text)) probes.push(["=", textLiteral(text)]);
  const sorted = texts.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  const [smallest = "", largest = ""] = [sorted[0], sorted.at(-1)];
  // FalkorDB 4.16 answers a range of text with everything: it is not queried where that is too much.
  if (rows > rowsMax) return [...probes, ["=", textLiteral(smallest)], ["=", textLiteral(largest)]];
  if (smallest !== largest) probes.push(["<", textLiteral(smallest)]);
  probes.push([">=", textLiteral(largest)]);
  return probes;
}

/** A real index lost rows at zero, so all its forms are queried; doubles only where 15 digits are exact. */
function numberProbes(sampled: readonly Value[]): Probe[] {
  const numbers = sampled.flatMap((value) => {
    if (value instanceof Double) return Number(printDouble(value.value)) === value.value ? [value.value] : [];
    return typeof value === "number" ? [value] : [];
  });
  if (numbers.length === 0) return [];
  const literals = [...new Set(numbers)].toSorted((a, b) => a - b).map(numberLiteral);
  const [smallest = "0", largest = "0"] = [literals[0], literals.at(-1)];
  const probes: Probe[] = [];
  for (const zero of ["0", "0.0", "-0.0"])
    for (const operator of ["=", "<", ">="] as const) probes.push([operator, zero]);
  for (const literal of [smallest, largest, literals[Math.floor(literals.length / 2)] ?? "0"])
    for (const operator of ["=", "<", ">="] as const) probes.push([operator, literal]);
  return probes.filter(
    ([operator, literal], at) => probes.findIndex((probe) => probe[0] === operator && probe[1] === literal) === at,
  );
}

function numberLiteral(value: number): string {
  if (Object.is(value, -0)) return "-0.0";
  const text = String(value);
  return text.includes("e") ? text.replace(/^(-?\d+)e/, "$1.0e").replace("e+", "e") : text;
}

function storedCount(fingerprint: Fingerprint, index: Index, property: string): number {
  const side = index.entity === "NODE" ? fingerprint.nodes : fingerprint.edges;
  let rows = 0;
  for (const [kind, { stored }] of Object.entries(side.kinds))
    if (kind.split(":").includes(index.label)) for (const count of Object.values(stored[property] ?? {})) rows += count;
  return rows;
}

const wordsPerIndex = 2;

/**
 * Words that some sampled entity holds, and a stopword, which must find nothing. No stopword where a field is
 * phonetic: there FalkorDB 4.16.3 looks for the sound of it, and "das" finds "dose".
 */
export function wordsFor(indexes: readonly Index[], samples: Samples): WordProbe[] {
  return indexes.flatMap(({ entity, label, fields, stopwords, options = {} }) => {
    const searched = Object.keys(fields).filter((name) => fields[name]?.includes("FULLTEXT"));
    const stop = new Set(stopwords);
    const words = samples.of(entity, label).flatMap((properties) =>
      searched.flatMap((name) => {
        const value = properties[name];
        const found = typeof value === "string" ? (/(?<![\w-])[A-Z]?[a-z]{5,12}(?![\w-])/.exec(value)?.[0] ?? "") : "";
        return found === "" || stop.has(found.toLowerCase()) ? [] : [found];
      }),
    );
    const probes = [...new Set(words)]
      .slice(0, wordsPerIndex)
      .map((word) => ({ entity, label, properties: searched, word, stopword: false }));
    const [first] = stopwords;
    const isPhonetic = searched.some((name) => options[name]?.["phonetic"] === true);
    return first === undefined || isPhonetic || probes.length === 0
      ? probes
      : [...probes, { entity, label, properties: searched, word: first, stopword: true }];
  });
}

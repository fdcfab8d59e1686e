// The canonical text of stored values: what both sides of a comparison hash. Text is UTF-8, integers are decimal,
// doubles have the 15 digits that the engine's replies show. The type tags are those of compact replies.

export const tags = {
  Null: 1,
  String: 2,
  Integer: 3,
  Boolean: 4,
  Float: 5,
  List: 6,
  Map: 10,
  Point: 11,
  Vectorf32: 12,
  Datetime: 13,
  Date: 14,
  Time: 15,
  Duration: 16,
} as const;

/** Names that typeof() returns, by tag. */
export const typeNames: readonly string[] = Array.from(
  { length: 17 },
  (_, tag) => Object.entries(tags).find(([, of]) => of === tag)?.[0] ?? `type ${tag}`,
);

/** `%.15g`, as the engine prints doubles (with C's rounding: ties go to the even digit). */
export function printDouble(value: number): string {
  if (Object.is(value, -0)) return "-0";
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "nan" : value < 0 ? "-inf" : "inf";
  const [digits = "", exponentText = ""] = roundTo15(Math.abs(value)).toExponential(14).split("e");
  const exponent = Number(exponentText);
  const sign = value < 0 ? "-" : "";
  if (exponent < -4 || exponent >= 15) {
    const power = `${exponent < 0 ? "-" : "+"}${String(Math.abs(exponent)).padStart(2, "0")}`;
    return `${sign}${withoutZeros(digits)}e${power}`;
  }
  const plain = digits.replace(".", "");
  if (exponent < 0) return `${sign}${withoutZeros(`0.${"0".repeat(-exponent - 1)}${plain}`)}`;
  return `${sign}${withoutZeros(`${plain.slice(0, exponent + 1)}.${plain.slice(exponent + 1)}`)}`;
}

/** More digits than a tie can have. */
const enoughDigits = 40;

/** JavaScript rounds an exact tie up, C to the even digit: step down where they differ. */
function roundTo15(value: number): number {
  // Most human-written doubles are short: there is nothing to round.
  if (Number(value.toPrecision(15)) === value) return value;
  const wide = value.toExponential(enoughDigits);
  const digits = wide.slice(0, wide.indexOf("e")).replace(".", "");
  if (!/^5?0*$/.test(digits.slice(15)) || digits[15] !== "5") return value;
  return Number(digits[14]) % 2 === 0 ? Number(`${digits.slice(0, 15)}e${exponentOf(wide) - 14}`) : value;
}

function exponentOf(text: string): number {
  return Number(text.slice(text.indexOf("e") + 1));
}

function withoutZeros(digits: string): string {
  return digits.includes(".") ? digits.replace(/0+$/, "").replace(/\.$/, "") : digits;
}

const splitter = 2 ** 27 + 1;
const largeMin = 1e290;
const scale = 2 ** -60;

/**
 * What a reply of 15 digits does not show: the lower half of a double's bits, by Veltkamp's split. The engine can
 * compute it too, and together with the 15 digits it distinguishes any two doubles. A large one is
 * scaled first, by a power of two, because the split would overflow.
 */
export function doubleRest(value: number): string {
  const scaled = Math.abs(value) > largeMin ? value * scale : value;
  const large = splitter * scaled;
  return printDouble(scaled - (large - (large - scaled)));
}

/** The same split as a Cypher expression. */
export function doubleRestOf(expression: string): string {
  const scaled = `(${expression} * CASE WHEN abs(${expression}) > 1.0e290 THEN ${scale} ELSE 1.0 END)`;
  const large = `${splitter} * ${scaled}`;
  return `${scaled} - (${large} - (${large} - ${scaled}))`;
}

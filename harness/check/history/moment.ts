// Input of the checks of one moment: the history of the writes sent directly to the engine, one query each, and their
// traces in the restored graphs. Plain JSON, stored with a run, so that it can be judged again.
import type { ChurnItem } from "../../../generators/writes/churn.ts";
import type { FindingCode } from "../../base/findings/finding-codes.ts";
import type { Finding } from "../check.ts";

/** The part of a history line that the checks use. */
export interface SeenWrite {
  readonly writer: string;
  readonly sequence: number;
  readonly graph: string;
  readonly outcome: "ok" | "refused" | "failed" | "unknown";
  readonly invokedMs: number;
  readonly completedMs: number;
}

/** Milliseconds on the clock of the history. */
export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

/** Ascending sequence numbers as pairs of first and last: a prefix of any length is one pair. */
export type Ranges = readonly (readonly [first: number, last: number])[];

export type KindState =
  | { readonly kind: "ledger"; readonly balances: readonly (readonly [account: number, balance: number])[] }
  | {
      readonly kind: "ring";
      readonly nodes: number;
      readonly edges: readonly (readonly [from: number, to: number])[];
    }
  | { readonly kind: "counter"; readonly values: readonly (readonly [counter: number, value: number])[] }
  | {
      readonly kind: "hot-entity";
      readonly hubs: readonly (readonly [touches: number, total: number, edges: number])[];
    }
  | {
      readonly kind: "churn";
      readonly items: readonly ChurnItem[];
      readonly indexes: readonly string[];
      /** Nodes found by the label `Churn` that do not have it: `deleted-node-keeps-label` of the recorded defects. */
      readonly withoutLabel?: number;
    };

/** One graph of writes, read back. */
export interface KindObservation {
  readonly graph: string;
  /** Writes whose traces were found, per writer. */
  readonly traces: Readonly<Record<string, Ranges>>;
  /** Writes with more than one trace. */
  readonly twice: readonly (readonly [writer: string, sequence: number])[];
  readonly state: KindState;
}

/** Ranges of `numbers`, which are sorted in place; repeated numbers count once. */
export function rangesOf(numbers: number[]): Ranges {
  const builder = new RangeBuilder();
  for (const number of numbers.sort((a, b) => a - b)) builder.add(number);
  return builder.ranges;
}

/** Builds ranges from ascending numbers, such as those of a writer; memory grows only with the gaps. */
export class RangeBuilder {
  readonly ranges: [first: number, last: number][] = [];

  add(number: number): void {
    const last = this.ranges.at(-1);
    if (last !== undefined && number <= last[1] + 1) last[1] = Math.max(last[1], number);
    else this.ranges.push([number, number]);
  }
}

export function includes(ranges: Ranges, number: number): boolean {
  let low = 0;
  let high = ranges.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((ranges[middle]?.[1] ?? 0) < number) low = middle + 1;
    else high = middle;
  }
  const range = ranges[low];
  return range !== undefined && range[0] <= number;
}

export function* numbersOf(ranges: Ranges): Generator<number> {
  for (const [first, last] of ranges) for (let number = first; number <= last; number += 1) yield number;
}

export function* tracedWrites({ traces }: KindObservation): Generator<{ writer: string; sequence: number }> {
  for (const [writer, ranges] of Object.entries(traces))
    for (const sequence of numbersOf(ranges)) yield { writer, sequence };
}

/** Creates a finding with evidence; these checks report only errors. */
export function momentFinding(
  code: FindingCode,
  subject: string,
  message: string,
  evidence: Finding["evidence"],
  hint?: string,
): Finding {
  return { code, severity: "error", subject, message, evidence, ...(hint === undefined ? {} : { hint }) };
}

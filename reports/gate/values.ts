// The values of a policy as people write them: `30s`, `100k`, `30%`, one pattern or several.
import { z } from "zod";
import { parseCount, parseDuration } from "../../harness/base/units.ts";
import type { GateEvidence, Sample } from "./evidence.ts";
import { matches } from "./evidence.ts";

export const durationText: z.ZodType<string> = z
  .string()
  .regex(/^\d+(\.\d+)?(ms|s|m|h|d)$/, "expected a duration such as 250ms, 30s, 5m, 24h or 7d")
  .describe("a duration such as 250ms, 30s, 5m, 24h or 7d");

export const countText: z.ZodType<string | number> = z
  .union([z.int().nonnegative(), z.string().regex(/^\d+(\.\d+)?[kmg]?$/i)], {
    error: "expected a count such as 500, 10k or 1m",
  })
  .describe("a count such as 500, 10k or 1m");

export const percentText: z.ZodType<string> = z
  .string()
  .regex(/^\d+(\.\d+)?%$/, "expected a percentage such as 30%")
  .describe("a percentage such as 30%");

/** A rule that is there must be able to fail: an empty list or record asks for nothing. */
export function listOf<T>(item: z.ZodType<T>): z.ZodType<readonly T[]> {
  return z.array(item).min(1, "expected at least one entry: an empty rule asks for nothing");
}

export function recordOf<T>(value: z.ZodType<T>): z.ZodType<Readonly<Record<string, T>>> {
  return z.record(z.string(), value).refine((record) => Object.keys(record).length > 0, {
    error: "expected at least one entry: an empty rule asks for nothing",
  });
}

export type Patterns = string | readonly string[];
const pattern = z.string().regex(/^[a-z*][\w*/-]*$/, "expected a scenario id or a pattern such as cycle/*");
export const patterns: z.ZodType<Patterns> = z
  .union([pattern, z.array(pattern).min(1)])
  .describe("ids of scenarios, or patterns: cycle/full, concurrent/*, **");

export function durationMs(text: string): number {
  return parseDuration(text);
}

export function countOf(text: string | number): number {
  return typeof text === "number" ? text : parseCount(text);
}

export function shareOf(percent: string): number {
  return Number(percent.slice(0, -1)) / 100;
}

export function patternList(given: Patterns): readonly string[] {
  return typeof given === "string" ? [given] : given;
}

export interface Where {
  readonly scenarios: Patterns;
  readonly minNodes?: string | number | undefined;
  readonly maxNodes?: string | number | undefined;
}

/** Which results a section is about. */
export const where: { scenarios: typeof patterns; minNodes: OptionalCount; maxNodes: OptionalCount } = {
  scenarios: patterns,
  minNodes: countText.optional().describe("only results of graphs with at least so many nodes"),
  maxNodes: countText.optional().describe("only results of graphs with at most so many nodes"),
};
type OptionalCount = z.ZodOptional<typeof countText>;

export interface Selected {
  readonly pattern: string;
  readonly samples: readonly Sample[];
}

/** The results that each pattern means. A result without a size does not count where a size is asked for. */
export function select({ samples }: Pick<GateEvidence, "samples">, section: Where): readonly Selected[] {
  return patternList(section.scenarios).map((pattern) => ({
    pattern,
    samples: samples.filter((sample) => matches(pattern, sample.id) && fits(sample, section)),
  }));
}

function fits({ result }: Sample, { minNodes, maxNodes }: Where): boolean {
  if (minNodes === undefined && maxNodes === undefined) return true;
  const nodes = result.metrics["nodes"];
  if (nodes === undefined) return false;
  return nodes >= countOf(minNodes ?? 0) && nodes <= (maxNodes === undefined ? Infinity : countOf(maxNodes));
}

/** "cycle/* from 100k nodes", for messages. */
export function describeWhere(pattern: string, { minNodes, maxNodes }: Where): string {
  const from = minNodes === undefined ? "" : ` from ${minNodes} nodes`;
  const to = maxNodes === undefined ? "" : ` to ${maxNodes} nodes`;
  return `${pattern}${from}${to}`;
}

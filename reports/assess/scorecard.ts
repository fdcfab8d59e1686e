// The readiness scorecard as data: what --format json prints, and what the other formats are made of.
import { z } from "zod";
import { criterionGroups, type CriterionGroup, type CriterionVerdict, criterionVerdicts } from "./criterion.ts";

/** One result of a stored run, as evidence. */
export interface DrillRecord {
  readonly run: string;
  readonly scenario: string;
  readonly verdict: "pass" | "fail" | "inconclusive";
  /** What this result says of the criterion. */
  readonly says: CriterionVerdict;
  readonly note: string;
  readonly finding?: { readonly code: string; readonly subject: string; readonly message: string } | undefined;
  /** The command that repeats it. */
  readonly repeat: string;
}

export interface CriterionResult {
  readonly id: string;
  readonly group: CriterionGroup;
  readonly title: string;
  readonly verdict: CriterionVerdict;
  /** Why, in one or two sentences. */
  readonly why: string;
  readonly risk: string;
  /** What to do next; absent where it is met. */
  readonly next?: string | undefined;
  readonly evidence: readonly DrillRecord[];
  /** Number of results that say the same and are not listed. */
  readonly moreEvidence: number;
}

export interface ControlResult {
  readonly id: string;
  readonly name: string;
  /** What it asks, in our words. */
  readonly asks: string;
  /** Ids of the criteria that bear on it. */
  readonly criteria: readonly string[];
  /** The results that those criteria are met by. */
  readonly records: readonly Pick<DrillRecord, "run" | "scenario">[];
  readonly notShown: string;
}

export interface RunOfCard {
  readonly name: string;
  readonly path: string;
  readonly startedAt: string;
  readonly seed: number;
  readonly engines: readonly string[];
  readonly tool: { readonly version: string; readonly commit?: string | undefined };
  readonly passed: number;
  readonly results: number;
  /** SHA-256 of its SHA256SUMS; the signed SHA256SUMS of a bundle names it as `runs/<name>/SHA256SUMS`. */
  readonly sealSha256?: string | undefined;
  /**
   * Why some of it is not believed (files that differ from what the run wrote, results that are missing), and scenarios
   * that failed without being named by a criterion.
   */
  readonly problems: readonly string[];
  readonly replay: string;
}

export interface Scorecard {
  readonly schemaVersion: 1;
  readonly assessedAt: string;
  readonly system: string;
  readonly counts: Readonly<Record<CriterionVerdict, number>>;
  readonly criteria: readonly CriterionResult[];
  readonly controls: readonly ControlResult[];
  /** What scenarios of these runs say that they did not cover. */
  readonly notCovered: readonly { readonly sentence: string; readonly scenarios: readonly string[] }[];
  readonly runs: readonly RunOfCard[];
  /** The command that runs the scenarios that would decide more; absent where nothing is missing. */
  readonly runNext?: string | undefined;
}

const count = z.int().nonnegative();
const verdict = z.enum(criterionVerdicts);
const recordSchema = z.object({
  run: z.string(),
  scenario: z.string(),
  verdict: z.enum(["pass", "fail", "inconclusive"]),
  says: verdict,
  note: z.string(),
  finding: z.object({ code: z.string(), subject: z.string(), message: z.string() }).optional(),
  repeat: z.string(),
});

export const scorecardSchema: z.ZodType<Scorecard> = z.object({
  schemaVersion: z.literal(1),
  assessedAt: z.iso.datetime(),
  system: z.string(),
  counts: z.record(verdict, count),
  criteria: z.array(
    z.object({
      id: z.string(),
      group: z.enum(Object.keys(criterionGroups) as [CriterionGroup, ...CriterionGroup[]]),
      title: z.string(),
      verdict,
      why: z.string(),
      risk: z.string(),
      next: z.string().optional(),
      evidence: z.array(recordSchema),
      moreEvidence: count,
    }),
  ),
  controls: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      asks: z.string(),
      criteria: z.array(z.string()),
      records: z.array(z.object({ run: z.string(), scenario: z.string() })),
      notShown: z.string(),
    }),
  ),
  notCovered: z.array(z.object({ sentence: z.string(), scenarios: z.array(z.string()) })),
  runs: z.array(
    z.object({
      name: z.string(),
      path: z.string(),
      startedAt: z.iso.datetime(),
      seed: z.number(),
      engines: z.array(z.string()),
      tool: z.object({ version: z.string(), commit: z.string().optional() }),
      passed: count,
      results: count,
      sealSha256: z.string().optional(),
      problems: z.array(z.string()),
      replay: z.string(),
    }),
  ),
  runNext: z.string().optional(),
});

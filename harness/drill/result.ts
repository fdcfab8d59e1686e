// What a drill says in the end, as data: result.json and run.json, their schemas, and how verdicts become exit codes.
import { z } from "zod";
import { type ExitReason, exitCodes } from "../base/errors.ts";

export const schemaVersion = 1;

export type Verdict = "pass" | "fail" | "inconclusive";
const verdictSchema: z.ZodType<Verdict> = z.enum(["pass", "fail", "inconclusive"]);

export interface StoredFinding {
  readonly code: string;
  readonly severity: "error" | "warning" | "info";
  readonly subject: string;
  readonly message: string;
  readonly evidence: Readonly<Record<string, unknown>>;
  readonly hint?: string | undefined;
  /** Which judgement of stored observations it comes from; absent for what only the run itself could see. */
  readonly judgement?: string | undefined;
}
export const findingSchema: z.ZodType<StoredFinding> = z.object({
  code: z.string(),
  severity: z.enum(["error", "warning", "info"]),
  subject: z.string(),
  message: z.string(),
  evidence: z.record(z.string(), z.unknown()),
  hint: z.string().optional(),
  judgement: z.string().optional(),
});

export interface StoredPhase {
  readonly name: string;
  readonly startMs: number;
  readonly ms: number;
  readonly bytes?: number | undefined;
}
export const phaseSchema: z.ZodType<StoredPhase> = z.object({
  name: z.string(),
  startMs: z.number(),
  ms: z.number(),
  bytes: z.number().optional(),
});

/** One line of timeline.jsonl: what happened when, on the clock of the history, so that both can be drawn on one axis. */
export interface TimelineMark {
  readonly scenario: string;
  /** Such as `backup-started`, `writes-paused`, `writes-resumed`, `disaster`, `fault`, `first-answer`. */
  readonly mark: string;
  readonly atMs: number;
  /** What to write beside it, where the mark alone does not say enough. */
  readonly label?: string | undefined;
}
export const timelineMarkSchema: z.ZodType<TimelineMark> = z.object({
  scenario: z.string(),
  mark: z.string(),
  atMs: z.number(),
  label: z.string().optional(),
});

/** One line of resources.jsonl: memory at one instant, on the same clock, by process. */
export interface ResourceLine {
  readonly scenario: string;
  readonly atMs: number;
  /** `harness`, and the names of the engines that ran. */
  readonly rssBytes: Readonly<Record<string, number>>;
}
export const resourceLineSchema: z.ZodType<ResourceLine> = z.object({
  scenario: z.string(),
  atMs: z.number(),
  rssBytes: z.record(z.string(), z.number()),
});

/** One line of faults.jsonl: what a fault really did. */
export interface FaultLine {
  readonly scenario: string;
  readonly fault: string;
  readonly fired: boolean;
  readonly detail: Readonly<Record<string, unknown>>;
}
export const faultLineSchema: z.ZodType<FaultLine> = z.object({
  scenario: z.string(),
  fault: z.string(),
  fired: z.boolean(),
  detail: z.record(z.string(), z.unknown()),
});

export interface ScenarioResult {
  readonly id: string;
  readonly title: string;
  readonly verdict: Verdict;
  /** Why it is not a pass, or `pass`. */
  readonly exit: ExitReason;
  readonly durationMs: number;
  readonly findings: readonly StoredFinding[];
  readonly witnesses: Readonly<Record<string, number>>;
  readonly metrics: Readonly<Record<string, number>>;
  readonly phases: readonly StoredPhase[];
  /** What the system or this run does not cover, in plain sentences. */
  readonly notCovered: readonly string[];
  readonly replay: string;
}
const scenarioResultSchema: z.ZodType<ScenarioResult> = z.object({
  id: z.string(),
  title: z.string(),
  verdict: verdictSchema,
  exit: z.enum(Object.keys(exitCodes) as [ExitReason, ...ExitReason[]]),
  durationMs: z.number(),
  findings: z.array(findingSchema),
  witnesses: z.record(z.string(), z.number()),
  metrics: z.record(z.string(), z.number()),
  phases: z.array(phaseSchema),
  notCovered: z.array(z.string()),
  replay: z.string(),
});

export interface DrillResult {
  readonly schemaVersion: number;
  readonly verdict: Verdict;
  readonly seed: number;
  readonly exitCode: number;
  readonly replay: string;
  readonly scenarios: readonly ScenarioResult[];
}
export const drillResultSchema: z.ZodType<DrillResult> = z.object({
  schemaVersion: z.number(),
  verdict: verdictSchema,
  seed: z.number(),
  exitCode: z.number(),
  replay: z.string(),
  scenarios: z.array(scenarioResultSchema),
});

// Codes that are not about wrong data. Every other error finding is a safety failure (exit 10).
const livenessCodes = new Set(["not-recovered", "too-slow"]);
const objectiveCodes = new Set(["objective-missed"]);
const inconclusivePrefixes = ["assumption-", "no-witness"];

/** Verdict and exit reason of one scenario from its findings. Warnings and notes never fail a drill. */
export function judgeScenario(findings: readonly StoredFinding[]): { verdict: Verdict; exit: ExitReason } {
  const codes = findings.filter((finding) => finding.severity === "error").map((finding) => finding.code);
  if (codes.length === 0) return { verdict: "pass", exit: "pass" };
  if (codes.includes("interrupted")) return { verdict: "inconclusive", exit: "interrupted" };
  const inconclusive = (code: string): boolean => inconclusivePrefixes.some((prefix) => code.startsWith(prefix));
  // An assumption that did not hold voids what was judged on top of it.
  if (codes.some(inconclusive)) return { verdict: "inconclusive", exit: "inconclusive" };
  if (codes.includes("environment")) return { verdict: "inconclusive", exit: "environment" };
  if (codes.includes("internal-error")) return { verdict: "inconclusive", exit: "internal" };
  if (codes.some((code) => !livenessCodes.has(code) && !objectiveCodes.has(code)))
    return { verdict: "fail", exit: "dataWrong" };
  return { verdict: "fail", exit: codes.some((code) => livenessCodes.has(code)) ? "notRecovered" : "objectiveMissed" };
}

/** The verdict over all scenarios. No scenario at all is inconclusive: nothing was proven. */
export function judgeDrill(scenarios: readonly Pick<ScenarioResult, "verdict" | "exit">[]): {
  verdict: Verdict;
  exitCode: number;
} {
  if (scenarios.length === 0) return { verdict: "inconclusive", exitCode: exitCodes.inconclusive };
  const verdicts = new Set(scenarios.map((scenario) => scenario.verdict));
  const verdict = verdicts.has("fail") ? "fail" : verdicts.has("inconclusive") ? "inconclusive" : "pass";
  return { verdict, exitCode: exitCodeOf(scenarios.map((scenario) => scenario.exit)) };
}

/** Interrupted first; then the lowest of 10..13 wins; then whatever else is not a pass. */
function exitCodeOf(exits: readonly ExitReason[]): number {
  if (exits.includes("interrupted")) return exitCodes.interrupted;
  const codes = exits.map((exit) => exitCodes[exit]).filter((code) => code !== exitCodes.pass);
  const judged = codes.filter((code) => code >= exitCodes.dataWrong && code <= exitCodes.inconclusive);
  const [first] = (judged.length > 0 ? judged : codes).toSorted((a, b) => a - b);
  return first ?? exitCodes.pass;
}

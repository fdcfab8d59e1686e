// The outcome of a drill as data: result.json and run.json, their schemas, and how verdicts become exit codes.
import { z } from "zod";
import { type ExitReason, exitCodes } from "../base/errors.ts";
import { classOf, type FindingClass, findingClasses } from "../base/findings/finding-codes.ts";

/** Version of result.json. Since 3, a scenario that judged something has tried its checks on planted canaries. */
export const schemaVersion = 3;

export type Verdict = "pass" | "fail" | "inconclusive";
const verdictSchema: z.ZodType<Verdict> = z.enum(["pass", "fail", "inconclusive"]);

export interface StoredFinding {
  readonly code: string;
  readonly severity: "error" | "warning" | "info";
  readonly subject: string;
  readonly message: string;
  readonly evidence: Readonly<Record<string, unknown>>;
  readonly hint?: string | undefined;
  /** Class of the finding, where it does not follow from the code alone: the role of the component that failed. */
  readonly class?: FindingClass | undefined;
  /** The judgement of stored observations it comes from; absent for what only the run itself could observe. */
  readonly judgement?: string | undefined;
}
export const findingSchema: z.ZodType<StoredFinding> = z.object({
  code: z.string(),
  severity: z.enum(["error", "warning", "info"]),
  subject: z.string(),
  message: z.string(),
  evidence: z.record(z.string(), z.unknown()),
  hint: z.string().optional(),
  class: z.enum(findingClasses).optional(),
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

/** One line of timeline.jsonl: an event on the history clock, so that both can be drawn on one axis. */
export interface TimelineMark {
  readonly scenario: string;
  /** Such as `backup-started`, `writes-paused`, `writes-resumed`, `disaster`, `fault`, `first-answer`. */
  readonly mark: string;
  readonly atMs: number;
  /** Label to show, where the mark alone does not say enough. */
  readonly label?: string | undefined;
}
export const timelineMarkSchema: z.ZodType<TimelineMark> = z.object({
  scenario: z.string(),
  mark: z.string(),
  atMs: z.number(),
  label: z.string().optional(),
});

/** One line of resources.jsonl: memory at one instant, on the history clock, by process. */
export interface ResourceLine {
  readonly scenario: string;
  readonly atMs: number;
  /** Bytes of `harness`, and of the running engines by name. */
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
  /** Reason for not passing, or `pass`. */
  readonly exit: ExitReason;
  /** Start as an ISO time; absent in runs of earlier versions and in scenarios that never started. */
  readonly startedAt?: string | undefined;
  readonly durationMs: number;
  readonly findings: readonly StoredFinding[];
  readonly witnesses: Readonly<Record<string, number>>;
  readonly metrics: Readonly<Record<string, number>>;
  readonly phases: readonly StoredPhase[];
  /** What the system or this run does not cover, in plain sentences. */
  readonly notCovered: readonly string[];
  /** Subjects of the judgements that were made, each of which `verify` must find again in judgements.jsonl. */
  readonly judged?: readonly string[] | undefined;
  readonly replay: string;
  /** How writes were held for the backup; absent if the scenario is not a cycle, and in older runs. */
  readonly coordination?: WriteCoordination | undefined;
}

/**
 * `held`: the system pauses writes. `none`: it gets no coordinator. `removed`: its pause holds no writer, on purpose.
 */
export type WriteCoordination = "held" | "none" | "removed";

/** Metrics that may be negative: a share affected by noise, a clock that may be behind. */
const signedMetrics = new Set(["writeCostShare", "serviceClockAheadMs"]);

/** A time, a count or a size is a non-negative number; anything else was not measured. */
export function isMetric(name: string, value: number): boolean {
  return Number.isFinite(value) && (value >= 0 || signedMetrics.has(name));
}

/** Witnesses and metrics of schemaVersion 1 that have another name now, by that old one. */
const renamed: Readonly<Record<string, string>> = {
  knocksTurnedAway: "writesRefusedDuringRestore",
  knocksAcknowledged: "writesAcknowledgedDuringRestore",
  knocksInDoubt: "writesUnknownDuringRestore",
};

function withNewNames(figures: unknown): unknown {
  if (typeof figures !== "object" || figures === null) return figures;
  return Object.fromEntries(Object.entries(figures).map(([name, value]) => [renamed[name] ?? name, value as unknown]));
}

const count = z.number().nonnegative();
const metricsSchema = z.record(z.string(), z.number()).superRefine((metrics, context) => {
  for (const [name, value] of Object.entries(metrics))
    if (!isMetric(name, value))
      context.addIssue({ code: "custom", path: [name], message: `${value} is not a value of this metric` });
});

export const scenarioResultSchema: z.ZodType<ScenarioResult> = z.object({
  id: z.string(),
  title: z.string(),
  verdict: verdictSchema,
  exit: z.enum(Object.keys(exitCodes) as [ExitReason, ...ExitReason[]]),
  startedAt: z.iso.datetime().optional(),
  durationMs: count,
  findings: z.array(findingSchema),
  witnesses: z.preprocess(withNewNames, z.record(z.string(), count)),
  metrics: z.preprocess(withNewNames, metricsSchema),
  phases: z.array(phaseSchema),
  notCovered: z.array(z.string()),
  judged: z.array(z.string()).optional(),
  replay: z.string(),
  coordination: z.enum(["held", "none", "removed"]).optional(),
});

/** A scenario that the system under test cannot do. */
export interface NotCovered {
  readonly id: string;
  readonly title: string;
  /** The capabilities that it lacks. */
  readonly missing: readonly string[];
}

export interface DrillResult {
  readonly schemaVersion: number;
  readonly verdict: Verdict;
  readonly seed: number;
  readonly exitCode: number;
  readonly replay: string;
  readonly scenarios: readonly ScenarioResult[];
  /** Scenarios that were asked for and did not run; absent in runs of earlier versions. */
  readonly notCovered?: readonly NotCovered[] | undefined;
}
export const drillResultSchema: z.ZodType<DrillResult> = z.object({
  schemaVersion: z.number(),
  verdict: verdictSchema,
  seed: z.number(),
  exitCode: z.number(),
  replay: z.string(),
  scenarios: z.array(scenarioResultSchema),
  notCovered: z.array(z.object({ id: z.string(), title: z.string(), missing: z.array(z.string()) })).optional(),
});

/** Exit reason for each class of finding. */
export const exitOfClass: Readonly<Record<FindingClass, ExitReason>> = {
  oracle: "inconclusive",
  data: "dataWrong",
  recovery: "notRecovered",
  objective: "objectiveMissed",
  vigour: "inconclusive",
  usage: "usage",
  environment: "environment",
  internal: "internal",
  interrupted: "interrupted",
};

/**
 * Precedence of exit reasons; the first one present decides. Nothing can be judged by a broken oracle; next come
 * differences in the data and failures of the system, whatever else is missing; a lack of vigour only makes a clean
 * result inconclusive.
 */
const withinScenario: readonly FindingClass[] = [
  "oracle",
  "data",
  "recovery",
  "objective",
  "interrupted",
  "internal",
  "usage",
  "environment",
  "vigour",
];
/**
 * Precedence across scenarios, as exit codes: 10 to 12, then Ctrl-C, then 13, then what kept a scenario from running.
 */
const acrossScenarios: readonly ExitReason[] = [
  "dataWrong",
  "notRecovered",
  "objectiveMissed",
  "interrupted",
  "inconclusive",
  "internal",
  "usage",
  "environment",
];

/** The single rule of all verdicts: the first reason of `order` that is present, or a pass. */
function decide<Reason extends string>(there: readonly Reason[], order: readonly Reason[]): Reason | undefined {
  return order.find((reason) => there.includes(reason));
}

function verdictOf(exit: ExitReason): Verdict {
  if (exit === "pass") return "pass";
  return exit === "dataWrong" || exit === "notRecovered" || exit === "objectiveMissed" ? "fail" : "inconclusive";
}

/** Verdict and exit reason of one scenario from its findings. Warnings and notes never fail a drill. */
export function judgeScenario(findings: readonly StoredFinding[]): { verdict: Verdict; exit: ExitReason } {
  const errors = findings.filter((finding) => finding.severity === "error");
  const decisive = decide(errors.map(classOfFinding), withinScenario);
  const exit = decisive === undefined ? "pass" : exitOfClass[decisive];
  return { verdict: verdictOf(exit), exit };
}

export function classOfFinding(finding: Pick<StoredFinding, "code" | "class">): FindingClass {
  return finding.class ?? classOf(finding.code);
}

/** The verdict over all scenarios. A drill without scenarios is inconclusive: nothing was proven. */
export function judgeDrill(scenarios: readonly Pick<ScenarioResult, "verdict" | "exit">[]): {
  verdict: Verdict;
  exitCode: number;
} {
  const exits = scenarios.length === 0 ? (["inconclusive"] as const) : scenarios.map(({ exit }) => exit);
  const exit = decide<ExitReason>(exits, acrossScenarios) ?? "pass";
  return { verdict: verdictOf(exit), exitCode: exitCodes[exit] };
}

// What a readiness scorecard asks of a backup system: criteria, and the experiments of a drill that can decide them.
import type { StoredFinding } from "../../harness/record/result.ts";
import { classOfFinding } from "../../harness/record/result.ts";
import type { AssessedRun } from "./assessed-run.ts";

/**
 * `not falsifiable`: an experiment ran that could not have failed, such as a drill without writers. `not covered`: no
 * experiment of these runs decides it.
 */
export const criterionVerdicts = ["met", "not met", "not covered", "not falsifiable"] as const;
export type CriterionVerdict = (typeof criterionVerdicts)[number];

/** The phases of the plan that the criteria come from, and what every plan of recovery is asked. */
export const criterionGroups = {
  "phase-1": "Phase 1: critical fixes",
  "phase-2": "Phase 2: production hardening",
  "phase-3": "Phase 3: enterprise features",
  classic: "General: what every recovery needs",
} as const;
export type CriterionGroup = keyof typeof criterionGroups;

export interface Criterion {
  readonly id: string;
  readonly group: CriterionGroup;
  /** The criterion as a sentence that is true where it is met. */
  readonly title: string;
  /** Each of them has to succeed. */
  readonly experiments: readonly Experiment[];
  /** What may happen where it is not met, in one sentence. */
  readonly risk: string;
  /** What to change in the backup system, in one sentence. */
  readonly remedy: string;
}

/** What a system says of itself by a capability, as the end of "the system does not say that it ...". */
export const capabilityClaims = {
  coordinated: "coordinates with the application",
  encrypted: "encrypts",
  incremental: "makes increments",
  prune: "prunes",
  "restore-wire": "restores over the wire",
  vault: "keeps its backups in a vault",
} as const;

export interface Experiment {
  /** What is tried, as a noun phrase. */
  readonly tries: string;
  /** Ids or patterns of the scenarios that try it; empty where no scenario of this version does. */
  readonly scenarios: readonly string[];
  /** Each must be above zero in a result that passed; otherwise that result could not have failed. */
  readonly witnesses: readonly string[];
  /** At least one of these must be, where scenarios of different kinds try it. */
  readonly anyWitness?: readonly string[];
  /** Findings that show the criterion not to be met. */
  readonly refutedBy?: readonly FindingTopic[];
  /** Results of smaller graphs do not count, whatever they say. */
  readonly minNodes?: number;
  /** Capability that the system has to claim. */
  readonly needs?: keyof typeof capabilityClaims;
  /** Leaves the experiment out where the system does not claim that capability. */
  readonly isOptional?: true;
  /** Only the newest run that passed is measured. */
  readonly newestOnly?: true;
  /** Decides a result that passed with its witnesses by what was measured in it. */
  readonly measure?: (result: RunResult, question: Question) => Measured;
  /** What was measured over all results, where the reader asks for the worst and not for the first. */
  readonly overall?: (question: Question) => string;
}

/** One result of one run; `claim` is its scenario without the seed of a repeated run. */
export interface RunResult {
  readonly run: AssessedRun;
  readonly claim: string;
  readonly result: AssessedRun["scenarios"][number];
}

/** The runs and what the reader of the card expects of them. */
export interface Question {
  readonly results: readonly RunResult[];
  /** The command that repeats the first run; it names the system and its configuration. */
  readonly replay: string;
  readonly nowMs: number;
  readonly proofAgeMsMax: number;
  /** Objectives in place of those with which a run was started. */
  readonly rtoMsMax: number | undefined;
  readonly rpoMsMax: number | undefined;
}

export interface Measured {
  readonly verdict: CriterionVerdict;
  /** What was measured, as words after the name of the scenario. */
  readonly note: string;
  /** What to do where that is not what the criterion's remedy says. */
  readonly next?: string;
}

/**
 * What an error finding is about; one about the drill itself has no topic. `content` and `recovery` are the rest of the
 * classes of those names.
 */
export type FindingTopic =
  "content" | "writes" | "recovery" | "target" | "pause" | "secrecy" | "source" | "objective" | "failure" | "canary";

const topics: readonly (readonly [FindingTopic, RegExp])[] = [
  ["secrecy", /^stored-/],
  ["pause", /^(?:pause-|write-let-through-pause$|writes-not-let-in$)/],
  ["writes", /^(?:write-|episode-torn$|ledger-|counter-|hub-|ring-)/],
  ["target", /^target-/],
  ["failure", /^(?:failure-hidden|backup-kept-in-error|backup-left-nothing|half-backup-listed|backup-not-listed)$/],
  ["canary", /^(?:tampering-missed|tearing-missed|false-alarm)$/],
  ["source", /^(?:source-changed|source-touched|settings-not-put-back|system-leaked-engine)$/],
];

export function topicOf(finding: Pick<StoredFinding, "code" | "class">): FindingTopic | undefined {
  const [topic] = topics.find(([, pattern]) => pattern.test(finding.code)) ?? [];
  if (topic !== undefined) return topic;
  const found = classOfFinding(finding);
  if (found === "data") return "content";
  return found === "recovery" || found === "objective" ? found : undefined;
}

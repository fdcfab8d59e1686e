// Retention as a drill asks for it, and what a prune reports.
import type { Progress } from "../base/progress.ts";

/** An age in calendar days, plus milliseconds. */
export interface Age {
  readonly days: number;
  readonly ms: number;
  /** The age as given by the user, such as "7d". */
  readonly text: string;
}

/** The retention rules. Adding a rule never keeps less. */
export interface RetentionRules {
  /** Number of newest requested backups to keep. */
  readonly last?: number;
  /** Keeps one point of each of the last so many days (weeks, ...) that have any; empty ones do not count. */
  readonly daily?: number;
  readonly weekly?: number;
  readonly monthly?: number;
  readonly yearly?: number;
  /** Keeps every point up to this age, so that any moment of this span can be restored. */
  readonly within?: Age;
  readonly all?: boolean;
}

export interface PruneRequest {
  readonly rules: RetentionRules;
  /** IANA name of the time zone whose calendar days the rules use. */
  readonly zone: string;
  /** Reports what would be removed, and removes nothing. */
  readonly dryRun: boolean;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

export interface PruneDecision {
  readonly id: string;
  /** Time of the restore point, ISO 8601. */
  readonly at: string;
  readonly keep: boolean;
  /** Why it stays; empty for what is removed. */
  readonly reasons: readonly string[];
  readonly storedBytes: number;
}

export interface PruneOutcome {
  /** Newest first, every restore point that could be trusted. */
  readonly decisions: readonly PruneDecision[];
  /** Objects left by crashed runs, which are removed as well. */
  readonly garbage: { readonly objects: number; readonly bytes: number; readonly paths: readonly string[] };
  /** One sentence for each restore point that was neither kept nor removed because it cannot be read. */
  readonly leftAlone: readonly string[];
}

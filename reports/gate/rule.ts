// A rule of the policy: one section of the file, and how runs are judged by it. A rule is one file in rules/ and a line in
// registry.ts; it says "met" only where it saw a value that meets it.
import type { z } from "zod";
import type { ExitReason } from "../../harness/base/errors.ts";
import type { GateEvidence } from "./evidence.ts";

/** `unknown`: no evidence for or against, so it does not count as met. `excused`: missed, and accepted by name. */
export type RuleStatus = "met" | "missed" | "unknown" | "excused";

export interface RuleResult {
  readonly rule: string;
  readonly status: RuleStatus;
  /** What it means for the exit code when it is not met. */
  readonly exit: ExitReason;
  readonly message: string;
  readonly run?: string;
  readonly scenario?: string;
  readonly metric?: string;
  /** Measured value in the unit of the objective; the worst of several samples. */
  readonly value?: string;
  readonly objective?: string;
  /** Room that is left, as a share of the objective: 0.25 is a quarter to spare, negative is too much. */
  readonly margin?: number;
  /** How many results were looked at. */
  readonly samples?: number;
  readonly replay?: string;
}

export interface Rule<Section> {
  readonly about: string;
  readonly schema: z.ZodType<Section>;
  readonly judge: (section: Section, evidence: GateEvidence) => readonly RuleResult[];
}

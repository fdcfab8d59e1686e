// A check is a pure function of what was expected and what was observed: findings, and witnesses that it had work to do.

import type { FindingCode } from "../base/findings/finding-codes.ts";

type Severity = "error" | "warning" | "info";

/** The code of a finding of one's own check or scenario; such a finding means that data is wrong. */
export type OwnCode = `own/${string}`;

export interface Finding<Code extends string = FindingCode> {
  /** Stable, machine-readable: `graph-missing`, `node-changed`, ... */
  readonly code: Code;
  readonly severity: Severity;
  /** Subject of the finding, e.g. `team_alpha/Entity/3f2a.../summary`. */
  readonly subject: string;
  readonly message: string;
  /** Plain JSON: the expected and the actual state. */
  readonly evidence: Readonly<Record<string, unknown>>;
  readonly hint?: string;
}

export interface Judgement<Code extends string = FindingCode> {
  readonly findings: readonly Finding<Code>[];
  /** Counts that show how much was checked; a zero where work was due makes the verdict inconclusive. */
  readonly witnesses: Readonly<Record<string, number>>;
}

export interface Check<Observations, Code extends string = FindingCode> {
  readonly name: string;
  /** One sentence: what this check proves. */
  readonly claim: string;
  judge(observations: Observations): Judgement<Code>;
}

// Exceptions: known defects and missed objectives that a named owner accepts, for a reason, until a date.
// None covers missing evidence, and wrong data only where that is said in so many words.
import { z } from "zod";
import { judgeScenario, type ScenarioResult, type StoredFinding } from "../../harness/record/result.ts";
import { findingFingerprint } from "../findings/failure-fingerprint.ts";
import { claimOf, matches, type RunEvidence } from "./evidence.ts";
import type { RuleResult } from "./rule.ts";
import { patternList, patterns, type Patterns } from "./values.ts";

export interface PolicyException {
  readonly code?: string | undefined;
  readonly fingerprint?: string | undefined;
  readonly objective?: string | undefined;
  readonly scenarios?: Patterns | undefined;
  readonly owner: string;
  readonly reason: string;
  readonly expires: string;
  readonly acceptsWrongData?: boolean | undefined;
}

export const exceptionSchema: z.ZodType<PolicyException> = z
  .strictObject({
    code: z.string().optional().describe("the code of a finding, such as index-contradicts-scan"),
    fingerprint: z.string().optional().describe("the fingerprint of a finding, as the gate prints it"),
    objective: z.string().optional().describe("the metric of a missed objective, such as rtoMs"),
    scenarios: patterns.optional(),
    owner: z.string().min(1).describe("who answers for it"),
    reason: z.string().min(1).describe("why it is accepted, and what is done about it"),
    expires: z.iso.date().describe("its last day, such as 2027-01-31 (UTC)"),
    acceptsWrongData: z.boolean().optional().describe("has to be true for findings that mean wrong data"),
  })
  .refine(({ code, fingerprint, objective }) => [code, fingerprint, objective].filter(Boolean).length === 1, {
    error: "expected exactly one of code, fingerprint and objective",
  })
  .refine(({ code }) => code === undefined || exitOf({ code }) !== "inconclusive", {
    path: ["code"],
    error: "this finding means that evidence is missing, and no exception can replace evidence",
  });

/** `refused`: it names findings that mean wrong data, and does not say that it accepts them; they count as they are. */
export type ExceptionStatus = "used" | "unused" | "expired" | "refused";

export interface ExceptionUse extends PolicyException {
  readonly status: ExceptionStatus;
  /** What it covers in these runs, one sentence each. */
  readonly excuses: readonly string[];
}

/** The exceptions of one decision, and what became of each. */
export class Exceptions {
  readonly #all: readonly PolicyException[];
  readonly #nowMs: number;
  readonly #statuses = new Map<PolicyException, ExceptionStatus>();
  readonly #excuses = new Map<PolicyException, string[]>();

  constructor(all: readonly PolicyException[], nowMs: number) {
    this.#all = all;
    this.#nowMs = nowMs;
  }

  /** The run as the gate judges it: without the findings that are accepted. */
  applyTo(run: RunEvidence): RunEvidence {
    return { ...run, scenarios: run.scenarios.map((result) => this.#withoutExcused(run.name, result)) };
  }

  /** A missed objective becomes an excused one. */
  applyToJudged(judged: RuleResult): RuleResult {
    const { rule, status, scenario, metric, run } = judged;
    if (rule !== "objectives" || status !== "missed" || scenario === undefined) return judged;
    const exception = this.#all.find((known) => known.objective === metric && this.#holds(known, scenario));
    if (exception === undefined) return judged;
    this.#note(exception, `${run ?? ""} ${scenario}: ${metric} is ${judged.value}, ${judged.objective}`, "used");
    return { ...judged, status: "excused", message: `accepted by ${exception.owner}: ${exception.reason}` };
  }

  uses(): readonly ExceptionUse[] {
    return this.#all.map((exception) => ({
      ...exception,
      status: this.#expired(exception) ? "expired" : (this.#statuses.get(exception) ?? "unused"),
      excuses: this.#excuses.get(exception) ?? [],
    }));
  }

  #withoutExcused(run: string, result: ScenarioResult): ScenarioResult {
    const findings = result.findings.filter((finding) => !this.#isExcused(run, result.id, finding));
    return findings.length === result.findings.length ? result : { ...result, findings, ...judgeScenario(findings) };
  }

  #isExcused(run: string, scenario: string, finding: StoredFinding): boolean {
    if (finding.severity !== "error" || exitOf(finding) === "inconclusive") return false;
    const exception = this.#all.find((known) => names(known, finding) && this.#holds(known, scenario));
    if (exception === undefined) return false;
    const accepted = exitOf(finding) !== "dataWrong" || exception.acceptsWrongData === true;
    const what = `${run} ${scenario}: ${finding.code} ${finding.subject}: ${finding.message}`;
    this.#note(exception, what, accepted ? "used" : "refused");
    return accepted;
  }

  #note(exception: PolicyException, what: string, status: ExceptionStatus): void {
    this.#statuses.set(exception, status);
    this.#excuses.set(exception, [...(this.#excuses.get(exception) ?? []), what]);
  }

  #holds(exception: PolicyException, scenario: string): boolean {
    if (this.#expired(exception)) return false;
    const of = exception.scenarios;
    return of === undefined || patternList(of).some((pattern) => matches(pattern, claimOf(scenario)));
  }

  #expired({ expires }: PolicyException): boolean {
    return this.#nowMs > Date.parse(`${expires}T23:59:59.999Z`);
  }
}

function names({ code, fingerprint }: PolicyException, finding: StoredFinding): boolean {
  return code === finding.code || (fingerprint !== undefined && fingerprint === findingFingerprint(finding));
}

/** What a finding of this code would make of a scenario, alone. */
function exitOf({ code }: Pick<StoredFinding, "code">): string {
  const alone: StoredFinding = { code, severity: "error", subject: "", message: "", evidence: {} };
  const { verdict, exit } = judgeScenario([alone]);
  return verdict === "inconclusive" ? "inconclusive" : exit;
}

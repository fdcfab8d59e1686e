// What a scenario finds out, collected while it runs and written to the run directory as it happens.
import { systemClock } from "../base/clock.ts";
import type { AssumptionName, FindingCode } from "../base/finding-codes.ts";
import type { RunDirectory } from "./run-directory.ts";
import type { ScenarioResult, StoredFinding, StoredPhase, TimelineMark } from "./result.ts";

/** A finding of this version, whose code is known. */
export type RecordedFinding = StoredFinding & { readonly code: FindingCode };

export class ScenarioRecord {
  readonly id: string;
  readonly #directory: RunDirectory;
  readonly #findings: RecordedFinding[] = [];
  readonly #witnesses: Record<string, number> = {};
  readonly #metrics: Record<string, number> = {};
  readonly #phases: StoredPhase[] = [];
  readonly #notCovered: string[] = [];

  constructor(id: string, directory: RunDirectory) {
    this.id = id;
    this.#directory = directory;
  }

  finding(finding: RecordedFinding): void {
    this.#findings.push(finding);
    this.#directory.append("findings.jsonl", { scenario: this.id, ...finding });
  }

  /** A broken assumption of the drill itself: a clean result becomes inconclusive. */
  assumption(name: AssumptionName, message: string, evidence: Record<string, unknown> = {}): void {
    this.finding({ code: `assumption-${name}`, severity: "error", subject: this.id, message, evidence });
  }

  /** Adds to a witness; `required` ones that stay at zero make the scenario inconclusive. */
  witness(name: string, value: number): void {
    this.#witnesses[name] = (this.#witnesses[name] ?? 0) + value;
  }

  requireWitnesses(...names: string[]): void {
    for (const name of names) {
      if ((this.#witnesses[name] ?? 0) > 0) continue;
      const message = `nothing was checked: the witness "${name}" is zero`;
      this.finding({ code: "no-witness", severity: "error", subject: this.id, message, evidence: { witness: name } });
    }
  }

  metric(name: string, value: number | undefined): void {
    if (value !== undefined) this.#metrics[name] = Math.round(value * 1000) / 1000;
  }

  getMetric(name: string): number | undefined {
    return this.#metrics[name];
  }

  phases(phases: readonly StoredPhase[]): void {
    for (const phase of phases) {
      this.#phases.push(phase);
      this.#directory.append("phases.jsonl", { scenario: this.id, ...phase });
    }
  }

  /** Something that happened at one instant, on the clock of the history. */
  mark(mark: string, atMs: number = systemClock.monotonicMs(), label?: string): void {
    const line: TimelineMark = { scenario: this.id, mark, atMs, ...(label === undefined ? {} : { label }) };
    this.#directory.append("timeline.jsonl", line);
  }

  /** Takes over what an inner record measured. */
  adopt({ witnesses, metrics, phases, notCovered }: Omit<ReturnType<ScenarioRecord["result"]>, "findings">): void {
    for (const [name, value] of Object.entries(witnesses)) this.witness(name, value);
    Object.assign(this.#metrics, metrics);
    this.#phases.push(...phases);
    this.#notCovered.push(...notCovered);
  }

  notCovered(sentence: string): void {
    this.#notCovered.push(sentence);
  }

  observation(name: string, value: unknown): void {
    this.#directory.writeObservation(this.id, name, value);
  }

  hasErrors(): boolean {
    return this.#findings.some((finding) => finding.severity === "error");
  }

  result(): Pick<ScenarioResult, "witnesses" | "metrics" | "phases" | "notCovered"> & {
    readonly findings: readonly RecordedFinding[];
  } {
    return {
      findings: this.#findings,
      witnesses: this.#witnesses,
      metrics: this.#metrics,
      phases: this.#phases,
      notCovered: this.#notCovered,
    };
  }
}

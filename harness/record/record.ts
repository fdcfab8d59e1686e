// What a scenario observes, collected while it runs and written to the run directory as it happens.
import { systemClock } from "../base/clock.ts";
import type { AssumptionName, FindingCode } from "../base/findings/finding-codes.ts";
import type { OwnCode } from "../check/check.ts";
import type { RunDirectory } from "./run-directory.ts";
import {
  type WriteCoordination,
  isMetric,
  type ScenarioResult,
  type StoredFinding,
  type StoredPhase,
  type TimelineMark,
} from "./result.ts";

/** A finding of this version, whose code is known, or of a team's own check. */
export type RecordedFinding = StoredFinding & { readonly code: FindingCode | OwnCode };

export class ScenarioRecord {
  readonly id: string;
  readonly #directory: RunDirectory;
  readonly #findings: RecordedFinding[] = [];
  readonly #witnesses: Record<string, number> = {};
  readonly #metrics: Record<string, number> = {};
  readonly #phases: StoredPhase[] = [];
  readonly #notCovered: string[] = [];
  readonly #judged: string[] = [];
  #coordination: WriteCoordination | undefined;
  readonly #hashes = new Map<string, string>();

  constructor(id: string, directory: RunDirectory) {
    this.id = id;
    this.#directory = directory;
  }

  finding(finding: RecordedFinding): void {
    this.#findings.push(finding);
    this.#directory.append("findings.jsonl", { scenario: this.id, ...finding });
  }

  /** Records a broken assumption of the drill itself: a clean result becomes inconclusive. */
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
    if (value === undefined) return;
    if (!isMetric(name, value)) throw new Error(`the metric ${name} of ${this.id} cannot be ${value}`);
    this.#metrics[name] = Math.round(value * 1000) / 1000;
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

  /** Records an event at one instant, on the history clock. */
  mark(mark: string, atMs: number = systemClock.monotonicMs(), label?: string): void {
    const line: TimelineMark = { scenario: this.id, mark, atMs, ...(label === undefined ? {} : { label }) };
    this.#directory.append("timeline.jsonl", line);
  }

  /** How writes are held in this scenario. Figures of a run without a pause do not represent a real recovery. */
  coordinated(how: WriteCoordination): void {
    this.#coordination = how;
  }

  /** Adds the metrics of an inner record. */
  adopt({
    witnesses,
    metrics,
    phases,
    notCovered,
    coordination,
  }: Omit<ReturnType<ScenarioRecord["result"]>, "findings" | "judged">): void {
    for (const [name, value] of Object.entries(witnesses)) this.witness(name, value);
    Object.assign(this.#metrics, metrics);
    this.#phases.push(...phases);
    this.#notCovered.push(...notCovered);
    this.#coordination = coordination;
  }

  notCovered(sentence: string): void {
    this.#notCovered.push(sentence);
  }

  /** Stores an observation and returns its SHA-256. */
  observation(name: string, value: unknown): string {
    const sha256 = this.#directory.writeObservation(this.id, name, value);
    this.#hashes.set(name, sha256);
    return sha256;
  }

  /** Returns the SHA-256 of an observation that was stored before. */
  hashOf(name: string): string {
    const sha256 = this.#hashes.get(name);
    if (sha256 === undefined) throw new Error(`there is no observation ${name} of ${this.id}`);
    return sha256;
  }

  /** The name with a number where it was judged before, so that no judgement overwrites the files of another. */
  freeSubject(name: string): string {
    let subject = name;
    for (let count = 2; this.#judged.includes(subject); count += 1) subject = `${name}-${count}`;
    return subject;
  }

  /** Notes that a judgement of `subject` was made, so that its removal is noticed. */
  judged(subject: string): void {
    this.#judged.push(subject);
  }

  hasErrors(): boolean {
    return this.#findings.some((finding) => finding.severity === "error");
  }

  result(): Pick<ScenarioResult, "witnesses" | "metrics" | "phases" | "notCovered" | "judged" | "coordination"> & {
    readonly findings: readonly RecordedFinding[];
  } {
    return {
      findings: this.#findings,
      witnesses: this.#witnesses,
      metrics: this.#metrics,
      phases: this.#phases,
      notCovered: this.#notCovered,
      judged: this.#judged,
      ...(this.#coordination === undefined ? {} : { coordination: this.#coordination }),
    };
  }
}

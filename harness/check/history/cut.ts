// Is the restored state one moment of the history? Every write acknowledged before the cut is there, none invoked after
// it, and no refused one; and where the history leaves the cut open, no write is there without its finished
// predecessors, of its own writer or another, in any graph. What is known of the cut follows from the writes.
//
// A history has millions of lines, so it is read twice and never kept: first to narrow down the cut, then to judge
// every write against it.
import type { Finding } from "../check.ts";
import { momentFinding, type SeenWrite, type Span } from "./moment.ts";

export interface CutInput {
  readonly isPresent: (write: SeenWrite) => boolean;
  /** Earliest and latest possible time of the cut. */
  readonly cut: Span;
  /** Start and end of the backup. */
  readonly backup: Span;
  /** From the reply to the pause to the sending of the resume, as precisely as known; includes the engine's fork. */
  readonly fork?: Span | null;
  /** Span of the snapshot's transfer; null where the system does not report it. */
  readonly transfer?: Span | null;
  /** Time of the disaster; undefined means the end of the history. */
  readonly disasterMs: number | undefined;
  /** Bounds of the same cut from writes of other histories. */
  readonly elsewhere?: Span | undefined;
}

/** Data loss: acknowledged writes that did not come back. */
export interface LostWrites {
  readonly writes: number;
  /** From the first of them to the disaster: the RPO that was measured. */
  readonly spanMs: number;
  /** Those acknowledged before the cut, each of which is a fault. */
  readonly beforeCut: number;
}

export interface CutJudgement {
  readonly findings: readonly Finding[];
  readonly witnesses: Readonly<Record<string, number>>;
  readonly loss: LostWrites;
  /** Bounds of the cut from the writes: from the last start of a present one to the first end of an absent one. */
  readonly seenCut: Span;
}

const samples = 10;

const meanings = {
  "write-lost": "was acknowledged before the cut and is not there",
  "write-hole": "was acknowledged and is not there, though its writer's later writes are",
  "write-overtaken": "was acknowledged before another write began that is there, and is not there itself",
  "write-beyond-cut": "was begun after the cut and is there all the same",
  "write-refused-and-there": "was refused, or failed, and is in the graph nevertheless",
} as const;
type Code = keyof typeof meanings;

interface Group {
  readonly samples: SeenWrite[];
  count: number;
}

export class CutJudge {
  readonly #input: CutInput;
  readonly #lastThere = new Map<string, number>();
  readonly #wrong = new Map<Code, Group>();
  #seenFromMs = Number.NEGATIVE_INFINITY;
  #seenToMs = Number.POSITIVE_INFINITY;
  #lost = 0;
  #firstLostMs = Number.POSITIVE_INFINITY;
  #lastAckMs = Number.NEGATIVE_INFINITY;
  readonly #witnesses = {
    writesAcknowledgedBeforeCut: 0,
    writesAcknowledgedAfterCut: 0,
    writesAcknowledgedDuringBackup: 0,
    writesAcrossFork: 0,
    writesAcknowledgedInTransfer: 0,
  };

  constructor(input: CutInput) {
    this.#input = input;
  }

  /** First pass over the history: called once per write, in order for each writer. */
  look(write: SeenWrite): void {
    const { outcome, invokedMs, completedMs, writer, sequence } = write;
    if (this.#input.isPresent(write)) {
      this.#seenFromMs = Math.max(this.#seenFromMs, invokedMs);
      if (sequence > (this.#lastThere.get(writer) ?? -1)) this.#lastThere.set(writer, sequence);
    } else if (outcome === "ok") {
      this.#seenToMs = Math.min(this.#seenToMs, completedMs);
      this.#lost += 1;
      this.#firstLostMs = Math.min(this.#firstLostMs, completedMs);
    }
    if (outcome === "ok") this.#witness(invokedMs, completedMs);
  }

  /** Second pass over the history. */
  judge(write: SeenWrite): void {
    const code = this.#codeFor(write);
    if (code === undefined) return;
    const group = this.#wrong.get(code) ?? { samples: [], count: 0 };
    this.#wrong.set(code, group);
    group.count += 1;
    if (group.samples.length < samples) group.samples.push(write);
  }

  result(): CutJudgement {
    const lastMs = this.#input.disasterMs ?? this.#lastAckMs;
    return {
      findings: [...[...this.#wrong].map(([code, group]) => this.#finding(code, group)), ...this.#overtakenElsewhere()],
      witnesses: { ...this.#witnesses },
      loss: {
        writes: this.#lost,
        // An acknowledgement may arrive after the kill was sent; that write is lost too.
        spanMs: this.#lost === 0 ? 0 : Math.max(0, lastMs - this.#firstLostMs),
        beforeCut: this.#wrong.get("write-lost")?.count ?? 0,
      },
      seenCut: { fromMs: this.#seenFromMs, toMs: this.#seenToMs },
    };
  }

  #witness(invokedMs: number, completedMs: number): void {
    const { cut, backup, fork = null, transfer = null } = this.#input;
    const counts = this.#witnesses;
    const isIn = (span: Span | null): number =>
      span !== null && completedMs >= span.fromMs && completedMs <= span.toMs ? 1 : 0;
    this.#lastAckMs = Math.max(this.#lastAckMs, completedMs);
    if (completedMs <= cut.fromMs) counts.writesAcknowledgedBeforeCut += 1;
    if (invokedMs >= cut.toMs) counts.writesAcknowledgedAfterCut += 1;
    counts.writesAcknowledgedDuringBackup += isIn(backup);
    // The fork put each write that was open during it on one side of the cut.
    if (fork !== null && invokedMs <= fork.toMs && completedMs >= fork.fromMs) counts.writesAcrossFork += 1;
    counts.writesAcknowledgedInTransfer += isIn(transfer);
  }

  /** The most specific code for what is wrong with a write; undefined where it is right. */
  #codeFor(write: SeenWrite): Code | undefined {
    const { outcome, invokedMs, completedMs } = write;
    const { cut, elsewhere } = this.#input;
    if (this.#input.isPresent(write)) {
      if (outcome === "refused" || outcome === "failed") return "write-refused-and-there";
      return invokedMs >= cut.toMs ? "write-beyond-cut" : undefined;
    }
    if (outcome !== "ok") return undefined;
    if (completedMs <= cut.fromMs) return "write-lost";
    if ((this.#lastThere.get(write.writer) ?? -1) > write.sequence) return "write-hole";
    const seenFromMs = Math.max(this.#seenFromMs, elsewhere?.fromMs ?? Number.NEGATIVE_INFINITY);
    return completedMs < seenFromMs ? "write-overtaken" : undefined;
  }

  /** Findings for writes that are there although an earlier finished write of another history is not. */
  #overtakenElsewhere(): Finding[] {
    const doneMs = this.#input.elsewhere?.toMs ?? Number.POSITIVE_INFINITY;
    if (doneMs >= this.#seenFromMs) return [];
    const message = `a write of other graphs was acknowledged ${Math.ceil(this.#seenFromMs - doneMs)} ms before a write began that is there, and is not there itself`;
    return [momentFinding("write-overtaken", "elsewhere", message, { doneMs, begunMs: this.#seenFromMs })];
  }

  #finding(code: Code, { samples: writes, count }: Group): Finding {
    const [first] = writes;
    const others = count === 1 ? "" : `; so it is with ${count - 1} more`;
    return momentFinding(
      code,
      `${first?.graph}/${first?.writer}/${first?.sequence}`,
      `write ${first?.sequence} of ${first?.writer} ${meanings[code]}${others}`,
      { count, cut: this.#input.cut, writes },
    );
  }
}

/** Both passes over a history in memory. */
export function judgeCut(writes: readonly SeenWrite[], input: CutInput): CutJudgement {
  const judge = new CutJudge(input);
  for (const write of writes) judge.look(write);
  for (const write of writes) judge.judge(write);
  return judge.result();
}

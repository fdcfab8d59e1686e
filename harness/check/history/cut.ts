// Is what came back one moment of the history? Every write acknowledged before the cut is there, none invoked after it,
// none that was turned away; and where the history leaves the cut open, no write is there whose finished predecessor is
// not, neither of its own writer nor of another, in whatever graph. What is known of the cut follows from the writes.
//
// A history has millions of lines, so it is read twice and never kept: the first time for what is known of the cut, the
// second time to hold every write against that.
import type { Finding } from "../check.ts";
import { momentFinding, type SeenWrite, type Span } from "./moment.ts";

export interface CutInput {
  readonly isPresent: (write: SeenWrite) => boolean;
  /** When the cut was, at the earliest and at the latest. */
  readonly cut: Span;
  /** From the first to the last moment of the backup. */
  readonly backup: Span;
  /** From the answer of the pause to the sending of the resume, or as near as is known; the engine forked in it. */
  readonly fork?: Span | null;
  /** While the snapshot flowed; null where the system does not tell. */
  readonly transfer?: Span | null;
  /** Undefined: at the end of the history. */
  readonly disasterMs: number | undefined;
  /** What writes of other histories say about the same cut. */
  readonly elsewhere?: Span | undefined;
}

export interface CutJudgement {
  readonly findings: readonly Finding[];
  readonly witnesses: Readonly<Record<string, number>>;
  /** The RPO: acknowledged writes that did not come back, and the span from the first of them to the disaster. */
  readonly loss: { readonly writes: number; readonly spanMs: number };
  /** What the writes themselves say about the cut: from the last one begun that is there to the first one done that is not. */
  readonly seenCut: Span;
}

const samples = 10;

const meanings = {
  "write-lost": "was acknowledged before the cut and is not there",
  "write-hole": "was acknowledged and is not there, though its writer's later writes are",
  "write-overtaken": "was acknowledged before another write began that is there, and is not there itself",
  "write-beyond-cut": "was begun after the cut and is there all the same",
  "write-refused-and-there": "was turned away, or failed, and is there all the same",
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

  /** The first time through the history: one entry a write, per writer in their order. */
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

  /** The second time. */
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
      // An acknowledgement may still arrive after the kill was sent; that write was lost all the same.
      loss: { writes: this.#lost, spanMs: this.#lost === 0 ? 0 : Math.max(0, lastMs - this.#firstLostMs) },
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
    // Whoever was open at any moment of it, the fork put on one side of the cut or on the other.
    if (fork !== null && invokedMs <= fork.toMs && completedMs >= fork.fromMs) counts.writesAcrossFork += 1;
    counts.writesAcknowledgedInTransfer += isIn(transfer);
  }

  /** Each write has at most one thing wrong with it: the one that says most. */
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

  /** A write of another history that was done early, and is not there, binds the writes of this one. */
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

/** Both times through a history that is at hand. */
export function judgeCut(writes: readonly SeenWrite[], input: CutInput): CutJudgement {
  const judge = new CutJudge(input);
  for (const write of writes) judge.look(write);
  for (const write of writes) judge.judge(write);
  return judge.result();
}

// Is what came back one moment of the history? Every write acknowledged before the cut is there, none invoked after it,
// none that was turned away; and where the history leaves the cut open, no write is there whose finished predecessor is
// not, neither of its own writer nor of another, in whatever graph. What is known of the cut follows from the writes.
import type { Finding } from "./check.ts";
import { momentFinding, type SeenWrite, type Span } from "./moment.ts";

export interface CutInput {
  /** One entry a write, per writer in their order. */
  readonly writes: readonly SeenWrite[];
  readonly isPresent: (write: SeenWrite) => boolean;
  /** When the cut was, at the earliest and at the latest. */
  readonly cut: Span;
  /** From the first to the last moment of the backup. */
  readonly backup: Span;
  /** Undefined: at the end of the history. */
  readonly disasterMs: number | undefined;
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

export function judgeCut(input: CutInput): CutJudgement {
  const { writes, cut, backup } = input;
  const present = writes.map((write) => input.isPresent(write));
  const seenCut = seenCutOf(writes, present);
  const lastThere = lastPresent(writes, present);
  const wrong = new Map<Code, SeenWrite[]>();
  for (const [index, write] of writes.entries()) {
    const code = codeFor(write, present[index] === true, { cut, seenCut, lastThere });
    if (code === undefined) continue;
    const group = wrong.get(code);
    if (group === undefined) wrong.set(code, [write]);
    else group.push(write);
  }
  const ok = writes.filter(({ outcome }) => outcome === "ok");
  return {
    findings: [...wrong].map(([code, group]) => finding(code, group, input)),
    witnesses: {
      writesAcknowledgedBeforeCut: count(ok, ({ completedMs }) => completedMs <= cut.fromMs),
      writesAcknowledgedAfterCut: count(ok, ({ invokedMs }) => invokedMs >= cut.toMs),
      writesAcknowledgedDuringBackup: count(ok, ({ completedMs: at }) => at >= backup.fromMs && at <= backup.toMs),
    },
    loss: lossOf(writes, present, input.disasterMs),
    seenCut,
  };
}

const meanings = {
  "write-lost": "was acknowledged before the cut and is not there",
  "write-hole": "was acknowledged and is not there, though its writer's later writes are",
  "write-overtaken": "was acknowledged before another write began that is there, and is not there itself",
  "write-beyond-cut": "was begun after the cut and is there all the same",
  "write-refused-and-there": "was turned away, or failed, and is there all the same",
} as const;
type Code = keyof typeof meanings;

interface Known {
  readonly cut: Span;
  readonly seenCut: Span;
  readonly lastThere: ReadonlyMap<string, number>;
}

/** Each write has at most one thing wrong with it: the one that says most. */
function codeFor(write: SeenWrite, isThere: boolean, { cut, seenCut, lastThere }: Known): Code | undefined {
  const { outcome, invokedMs, completedMs } = write;
  if (isThere) {
    if (outcome === "refused" || outcome === "failed") return "write-refused-and-there";
    return invokedMs >= cut.toMs ? "write-beyond-cut" : undefined;
  }
  if (outcome !== "ok") return undefined;
  if (completedMs <= cut.fromMs) return "write-lost";
  if ((lastThere.get(write.writer) ?? -1) > write.sequence) return "write-hole";
  return completedMs < seenCut.fromMs ? "write-overtaken" : undefined;
}

function seenCutOf(writes: readonly SeenWrite[], present: readonly boolean[]): Span {
  let fromMs = Number.NEGATIVE_INFINITY;
  let toMs = Number.POSITIVE_INFINITY;
  for (const [index, { outcome, invokedMs, completedMs }] of writes.entries()) {
    if (present[index] === true) fromMs = Math.max(fromMs, invokedMs);
    else if (outcome === "ok") toMs = Math.min(toMs, completedMs);
  }
  return { fromMs, toMs };
}

function lastPresent(writes: readonly SeenWrite[], present: readonly boolean[]): Map<string, number> {
  const last = new Map<string, number>();
  for (const [index, { writer, sequence }] of writes.entries()) {
    if (present[index] === true) last.set(writer, Math.max(sequence, last.get(writer) ?? -1));
  }
  return last;
}

function lossOf(
  writes: readonly SeenWrite[],
  present: readonly boolean[],
  disasterMs: number | undefined,
): CutJudgement["loss"] {
  let lost = 0;
  let firstMs = Number.POSITIVE_INFINITY;
  let lastMs = Number.NEGATIVE_INFINITY;
  for (const [index, { outcome, completedMs }] of writes.entries()) {
    if (outcome !== "ok") continue;
    lastMs = Math.max(lastMs, completedMs);
    if (present[index] === true) continue;
    lost += 1;
    firstMs = Math.min(firstMs, completedMs);
  }
  // An acknowledgement may still arrive after the kill was sent; that write was lost all the same.
  return { writes: lost, spanMs: lost === 0 ? 0 : Math.max(0, (disasterMs ?? lastMs) - firstMs) };
}

function finding(code: Code, group: readonly SeenWrite[], { cut }: CutInput): Finding {
  const [first] = group;
  const others = group.length === 1 ? "" : `; so it is with ${group.length - 1} more`;
  return momentFinding(
    code,
    `${first?.graph}/${first?.writer}/${first?.sequence}`,
    `write ${first?.sequence} of ${first?.writer} ${meanings[code]}${others}`,
    { count: group.length, cut, writes: group.slice(0, samples) },
  );
}

function count<T>(items: readonly T[], is: (item: T) => boolean): number {
  let counted = 0;
  for (const item of items) if (is(item)) counted += 1;
  return counted;
}

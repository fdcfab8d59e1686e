// What became of the writes of a history in a restore: lost, torn, or from after the cut. Pure.
import type { Finding, Judgement } from "../check/check.ts";
import {
  type Cut,
  expectWrites,
  measuredLoss,
  type MessageSource,
  type Presence,
  presenceOf,
  type WriteRef,
} from "./expected-writes.ts";
import type { WriteRecord } from "./history.ts";

/** Plain JSON, stored with a run. */
export interface WritesEvidence {
  /** Undefined for a database that went on running: all acknowledged writes must be there. */
  readonly cut: Cut | null;
  /** When the disaster was, on the clock of the history. */
  readonly disasterMs: number | null;
  /** Uuids of all nodes and relationships found in the writers' graphs. */
  readonly present: readonly string[];
  readonly source: MessageSource;
}

export interface WritesJudgement extends Judgement {
  /** The writes whose content must be there, whole. */
  readonly kept: readonly WriteRef[];
  /** Acknowledged writes that did not come back, and the span from the first of them to the disaster. */
  readonly loss: { readonly writes: number; readonly spanMs: number };
}

export function judgeWrites(all: readonly WriteRecord[], evidence: WritesEvidence): WritesJudgement {
  const history = all.filter(({ kind }) => kind === "episode");
  const { source } = evidence;
  const present = new Set(evidence.present);
  const { must, mustNot, maybe } = expectWrites(history, evidence.cut ?? undefined);
  const due = presenceOf(must, present, source);
  const early = presenceOf(mustNot, present, source);
  const open = presenceOf(maybe, present, source);
  const lost = measuredLoss(history, present, source, evidence.disasterMs ?? undefined);
  const findings = [
    ...due.absent.map((write) => finding("write-lost", write, "was acknowledged before the cut and is not there")),
    ...[due, open, early].flatMap(tornFindings),
    ...early.whole.map((write) =>
      finding("write-beyond-cut", write, "was not acknowledged before the cut and is there all the same"),
    ),
  ];
  return {
    findings,
    witnesses: {
      writesAcknowledgedBeforeCut: must.length,
      writesAcknowledgedAfterCut: mustNot.filter(({ outcome }) => outcome === "ok").length,
    },
    kept: [...due.whole, ...open.whole],
    loss: { writes: lost.lost.length, spanMs: lost.lostMs },
  };
}

function tornFindings({ torn }: Presence): Finding[] {
  return torn.map(({ write, missing, inOrder }) => ({
    ...finding(
      inOrder ? "write-torn" : "write-torn-out-of-order",
      write,
      `came back in part: ${missing.length} of its parts are missing`,
    ),
    evidence: { write, missing: missing.slice(0, 10) },
    hint: inOrder
      ? "The cut fell between two queries of one episode: writes were not drained before it."
      : "A later query of the episode is there without an earlier one: this is no moment that ever was.",
  }));
}

function finding(code: string, write: WriteRef, what: string): Finding {
  return {
    code,
    severity: "error",
    subject: `${write.graph}/${write.uuid}`,
    message: `write ${write.sequence} of ${write.writer} ${what}`,
    evidence: { write },
  };
}

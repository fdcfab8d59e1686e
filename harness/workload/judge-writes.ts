// What became of the writes of a history in a restore: lost, torn, or from after the cut. Pure.
import type { Finding, Judgement } from "../check/check.ts";
import {
  type Cut,
  expectWrites,
  measuredLoss,
  messageOf,
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
  /** The last episode that each saga says it has, by the saga's uuid. */
  readonly sagaEnds?: Readonly<Record<string, string>> | undefined;
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
  const { sagaEnds } = evidence;
  const [due, early, open] = withUnended(
    [must, mustNot, maybe].map((writes) => presenceOf(writes, present, source)),
    {
      source,
      sagaEnds,
    },
  );
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

/**
 * Graphiti's last query of an episode, W8, creates nothing: it only names the episode as its saga's last. An episode that
 * lacks it has all its parts and is torn all the same; it shows in the last episode of each writer.
 */
function withUnended(
  presences: readonly Presence[],
  { source, sagaEnds }: Pick<WritesEvidence, "source" | "sagaEnds">,
): [due: Presence, early: Presence, open: Presence] {
  const last = new Map<string, WriteRef>();
  for (const write of presences.flatMap(({ whole }) => whole)) {
    const known = last.get(write.writer);
    if (known === undefined || known.sequence < write.sequence) last.set(write.writer, write);
  }
  const isUnended = (write: WriteRef): boolean => {
    if (sagaEnds === undefined || last.get(write.writer) !== write) return false;
    const { saga } = messageOf(write, { ...source, dims: 0 });
    return saga !== undefined && sagaEnds[saga.uuid] !== write.uuid;
  };
  const [due, early, open] = presences.map((presence) => {
    const unended = presence.whole.filter(isUnended);
    const torn = unended.map((write) => ({ write, missing: ["Saga.last_episode_uuid"], inOrder: true }));
    const whole = presence.whole.filter((write) => !unended.includes(write));
    return { ...presence, whole, torn: [...presence.torn, ...torn] };
  });
  const none: Presence = { whole: [], absent: [], torn: [] };
  return [due ?? none, early ?? none, open ?? none];
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

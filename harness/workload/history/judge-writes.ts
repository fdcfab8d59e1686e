// The fate of a history's episodes in a restore: lost, torn, or from after the cut. Pure.
import type { FindingCode } from "../../base/findings/finding-codes.ts";
import type { Finding, Judgement } from "../../check/check.ts";
import { judgeCut, type LostWrites } from "../../check/history/cut.ts";
import type { Span } from "../../check/history/moment.ts";
import {
  lossOf,
  episodeOf,
  type MessageSource,
  type Presence,
  presenceOf,
  type TornWrite,
  type WriteRef,
  writesOf,
} from "./expected-writes.ts";
import type { WriteRecord } from "./history.ts";
import { messagesPerSaga, uuidOf } from "../../../generators/writes/episode-message.ts";
import { lastQueryDone, type TornContext } from "./torn.ts";

/** Plain JSON, stored with a run. */
export interface WritesEvidence {
  /** Undefined for a database that kept running: all acknowledged writes must be there. */
  readonly cut: Span | null;
  readonly backup?: Span | null;
  /** When the engine forked, and when the snapshot was transferred; null if unknown. */
  readonly fork?: Span | null;
  readonly transfer?: Span | null;
  /** When the disaster was, on the history clock. */
  readonly disasterMs: number | null;
  /** Graphs of the writers; by default all that the history names. */
  readonly groups?: readonly string[];
  /** True if nothing held the writers at the cut, so that it may lie between two queries of one episode. */
  readonly mayTear?: boolean;
  /** Uuids of all nodes and relationships found in the writers' graphs. */
  readonly present: readonly string[];
  /** Entities found with fewer labels than they list. */
  readonly halfLabelled?: readonly string[];
  readonly source: MessageSource;
  /** The last episode that each saga names, by the saga's uuid. */
  readonly sagaEnds?: Readonly<Record<string, string>> | undefined;
}

export interface WritesJudgement extends Judgement {
  /** The writes whose content is complete. */
  readonly kept: readonly WriteRef[];
  /** Writes torn as a cut between two queries leaves them: their present part is known. */
  readonly torn: readonly WriteRef[];
  /** A write counts as lost if it was not restored completely. */
  readonly loss: LostWrites;
  /** What the writes themselves show about the cut. */
  readonly seenCut: Span;
}

const never: Span = { fromMs: Number.POSITIVE_INFINITY, toMs: Number.POSITIVE_INFINITY };

export function judgeWrites(all: readonly WriteRecord[], evidence: WritesEvidence): WritesJudgement {
  const groups = evidence.groups === undefined ? undefined : new Set(evidence.groups);
  const history = all.filter(({ kind, graph }) => kind === "episode" && groups?.has(graph) !== false);
  const { source, cut } = evidence;
  const present = new Set(evidence.present);
  const writes = writesOf(history);
  const { whole, torn } = withUnended(presenceOf(writes, present, source), evidence);
  const there = new Set([...whole, ...torn.map(({ write }) => write)]);
  const moment = judgeCut(writes, {
    isPresent: (write) => there.has(write as WriteRef),
    cut: cut ?? never,
    backup: evidence.backup ?? cut ?? never,
    fork: evidence.fork ?? null,
    transfer: evidence.transfer ?? null,
    disasterMs: evidence.disasterMs ?? undefined,
  });
  const judged = judgeTorn(torn, whole, evidence);
  const lost = lossOf(writes, { whole, torn }, evidence.disasterMs ?? undefined);
  const twice = repeated(evidence.present, writes, source);
  return {
    findings: [...moment.findings, ...judged.findings, ...twice],
    witnesses: { ...moment.witnesses, episodesTorn: judged.excused },
    kept: whole,
    torn: judged.ordered,
    loss: { writes: lost.lost.length, spanMs: lost.lostMs, beforeCut: moment.loss.beforeCut },
    seenCut: moment.seenCut,
  };
}

/**
 * Graphiti's last query of an episode, W8, creates nothing: it only names the episode as its saga's last. An episode
 * without it has all its parts but is torn nevertheless; this shows in the last episode of each writer.
 */
function withUnended(presence: Presence, { source, sagaEnds }: WritesEvidence): Presence {
  const last = lastOf(presence.whole);
  const isUnended = (write: WriteRef): boolean => {
    if (sagaEnds === undefined || last.get(write.writer) !== write) return false;
    const { saga } = episodeOf(write, { ...source, dims: 0 });
    return saga !== undefined && sagaEnds[saga.uuid] !== write.uuid;
  };
  const unended = new Set(presence.whole.filter(isUnended));
  return {
    ...presence,
    whole: presence.whole.filter((write) => !unended.has(write)),
    torn: [
      ...presence.torn,
      ...[...unended].map((write) => ({ write, missing: ["Saga.last_episode_uuid"], inOrder: true })),
    ],
  };
}

function lastOf(writes: readonly WriteRef[]): Map<string, WriteRef> {
  const last = new Map<string, WriteRef>();
  for (const write of writes) {
    const known = last.get(write.writer);
    if (known === undefined || known.sequence < write.sequence) last.set(write.writer, write);
  }
  return last;
}

interface TornJudgement {
  readonly findings: readonly Finding[];
  readonly ordered: readonly WriteRef[];
  /** Number of torn writes where the cut was allowed to tear. */
  readonly excused: number;
}

function judgeTorn(torn: readonly TornWrite[], whole: readonly WriteRef[], evidence: WritesEvidence): TornJudgement {
  const last = lastOf([...whole, ...torn.map(({ write }) => write)]);
  const contextOf = tornContexts(whole, evidence);
  const ordered: WriteRef[] = [];
  let excused = 0;
  const findings = torn.map(({ write, missing, inOrder }) => {
    const after = lastQueryDone(episodeOf(write, { ...evidence.source, dims: 0 }), contextOf(write));
    const isOrdered = inOrder && after !== undefined;
    const isOpen = write.completedMs > (evidence.cut?.fromMs ?? never.fromMs);
    // A writer has one episode open at a time, so the cut tears only its last one, if any.
    const isExcused = isOrdered && evidence.mayTear === true && isOpen && last.get(write.writer) === write;
    if (isOrdered) ordered.push(write);
    if (isExcused) excused += 1;
    return tornFinding(write, missing, { after: isOrdered ? after : undefined, isExcused });
  });
  return { findings, ordered, excused };
}

function tornContexts(whole: readonly WriteRef[], evidence: WritesEvidence): (write: WriteRef) => TornContext {
  const present = new Set(evidence.present);
  const halfLabelled = new Set(evidence.halfLabelled);
  const { sagaEnds } = evidence;
  const stored = Map.groupBy(whole, ({ writer }) => writer);
  return ({ writer, sequence }) => {
    const earlier = (stored.get(writer) ?? []).filter((write) => write.sequence < sequence);
    const saga = Math.floor(sequence / messagesPerSaga);
    return {
      present,
      halfLabelled,
      sagaEnds,
      hasHub: earlier.length > 0,
      hasSaga: earlier.some((write) => Math.floor(write.sequence / messagesPerSaga) === saga),
      hasPrevious: earlier.some((write) => write.sequence === sequence - 1),
    };
  };
}

function tornFinding(
  write: WriteRef,
  missing: readonly string[],
  { after, isExcused }: { readonly after: string | undefined; readonly isExcused: boolean },
): Finding {
  const where = after === undefined ? "" : `, cut after ${after}`;
  const common = {
    ...finding(
      after === undefined ? "write-torn-out-of-order" : "write-torn",
      write,
      `came back in part${where}: ${missing.length} of its parts are missing`,
    ),
    evidence: { write, after: after ?? null, missing: missing.slice(0, 10) },
  };
  if (isExcused) return { ...common, code: "episode-torn", severity: "info" };
  const hint =
    after === undefined
      ? "A later query of the episode is there without an earlier one: no moment of the history looked like this."
      : "The cut fell between two queries of one episode: writes were not drained before it.";
  return { ...common, hint };
}

/** A duplicated episode has its uuid on two nodes. */
function repeated(present: readonly string[], writes: readonly WriteRef[], source: MessageSource): Finding[] {
  const seen = new Set<string>();
  const again = new Set<string>();
  for (const uuid of present) if (seen.size === seen.add(uuid).size) again.add(uuid);
  if (again.size === 0) return [];
  return writes
    .filter((write) => again.has(write.uuid) || partsOf(write, source).some((uuid) => again.has(uuid)))
    .map((write) => finding("write-twice", write, "is there more than once, in whole or in part"));
}

function partsOf(write: WriteRef, source: MessageSource): string[] {
  const { entities, mentions, facts } = episodeOf(write, { ...source, dims: 0 });
  const properties = [...entities.slice(1), ...mentions].map((part) => part.properties);
  return [...properties, ...facts].map(uuidOf);
}

function finding(code: FindingCode, write: WriteRef, what: string): Finding {
  return {
    code,
    severity: "error",
    subject: `${write.graph}/${write.uuid}`,
    message: `write ${write.sequence} of ${write.writer} ${what}`,
    evidence: { write },
  };
}

export interface JudgedEpisodes {
  readonly through: EpisodeGraphs["through"];
  readonly evidence: WritesEvidence;
  readonly judgement: WritesJudgement;
}

/** Graphs of the writers that used one transport. */
export interface EpisodeGraphs {
  readonly through: "service" | "engine";
  readonly groups: readonly string[];
}

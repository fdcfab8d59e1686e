// Compares the episodes of a history with the restored content: which are complete, partial, or missing, and what a
// disaster cost. Pure: takes history lines and uuids, returns lists of writes.
import { type EpisodeMessage, messageParts, randomMessage } from "../../../generators/writes/episode-message.ts";
import type { WriteOutcome, WriteRecord } from "./history.ts";

/** All attempts at one write. */
export interface WriteRef {
  readonly writer: string;
  readonly sequence: number;
  readonly graph: string;
  readonly uuid: string;
  readonly outcome: WriteOutcome;
  /** The deciding attempt: the acknowledged one, else the last. */
  readonly invokedMs: number;
  readonly completedMs: number;
}

/** The writes of a history, each with its deciding attempt, in order per writer. */
export function writesOf(history: Iterable<WriteRecord>): WriteRef[] {
  const writers = new Map<string, WriteRef[]>();
  for (const record of history) {
    const { writer, sequence, graph, uuid, outcome, invokedMs, completedMs } = record;
    const writes = writers.get(writer) ?? [];
    writers.set(writer, writes);
    // A writer has one write open at a time, so attempts at the same write are adjacent.
    if (writes.at(-1)?.sequence === sequence) writes.pop();
    writes.push({ writer, sequence, graph, uuid, outcome, invokedMs, completedMs });
  }
  return [...writers.values()].flat();
}

export interface MessageSource {
  readonly seed: number;
  readonly dims: number;
  readonly schema: "pre1856" | "post1856";
}

export function episodeOf(write: WriteRef, source: MessageSource): EpisodeMessage {
  return randomMessage({ ...source, writer: write.writer, sequence: write.sequence, groupId: write.graph });
}

export interface TornWrite {
  readonly write: WriteRef;
  /** Missing parts, as `Episodic <uuid>`, `MENTIONS <uuid>`, ... */
  readonly missing: readonly string[];
  /**
   * Whether the present parts are a prefix of Graphiti's sequence of queries, as a cut between two of them leaves it.
   */
  readonly inOrder: boolean;
}

export interface Presence {
  readonly whole: readonly WriteRef[];
  readonly absent: readonly WriteRef[];
  readonly torn: readonly TornWrite[];
}

/** Which writes were restored completely, partly, or not at all. `present`: uuids of all nodes and relationships. */
export function presenceOf(
  writes: readonly WriteRef[],
  present: ReadonlySet<string>,
  source: Omit<MessageSource, "dims">,
): Presence {
  const whole: WriteRef[] = [];
  const absent: WriteRef[] = [];
  const torn: TornWrite[] = [];
  for (const write of writes) {
    const parts = messageParts({ ...source, writer: write.writer, sequence: write.sequence, groupId: write.graph });
    const missing = parts.filter(([, uuid]) => !present.has(uuid));
    if (missing.length === 0) whole.push(write);
    else if (missing.length === parts.length) absent.push(write);
    else {
      const inOrder = isBeginning(parts.map(([kind, uuid]) => [kind, present.has(uuid)]));
      torn.push({ write, missing: missing.map(([kind, uuid]) => `${kind} ${uuid}`), inOrder });
    }
  }
  return { whole, absent, torn };
}

/** Parts come in query order; all mentions of an episode are one query, and so are all its facts. */
function isBeginning(parts: readonly (readonly [kind: string, isThere: boolean])[]): boolean {
  return parts.every(([kind, isThere], index) => {
    const before = parts[index - 1];
    if (before === undefined) return isThere;
    const isSameQuery = kind === before[0] && (kind === "MENTIONS" || kind === "RELATES_TO");
    return isSameQuery ? isThere === before[1] : before[1] || !isThere;
  });
}

export interface MeasuredLoss {
  readonly acknowledged: number;
  /** Acknowledged writes that were not restored completely: the RPO as a number of writes. */
  readonly lost: readonly WriteRef[];
  /** RPO in milliseconds: from the acknowledgement of the first lost write to the disaster. */
  readonly lostMs: number;
  readonly torn: readonly TornWrite[];
}

/** Loss caused by a disaster at `disasterMs`; by default the disaster is at the end of the history. */
export function measuredLoss(
  history: Iterable<WriteRecord>,
  present: ReadonlySet<string>,
  source: Omit<MessageSource, "dims">,
  disasterMs?: number,
): MeasuredLoss {
  const writes = writesOf(history);
  return lossOf(writes, presenceOf(writes, present, source), disasterMs);
}

export function lossOf(
  all: readonly WriteRef[],
  { whole, torn }: Pick<Presence, "whole" | "torn">,
  disasterMs: number | undefined,
): MeasuredLoss {
  const writes = all.filter(({ invokedMs }) => disasterMs === undefined || invokedMs <= disasterMs);
  const kept = new Set(whole);
  const acknowledged = writes.filter(({ outcome }) => outcome === "ok");
  const lost = acknowledged.filter((write) => !kept.has(write));
  let endMs = disasterMs ?? Number.NEGATIVE_INFINITY;
  if (disasterMs === undefined) for (const { completedMs } of acknowledged) endMs = Math.max(endMs, completedMs);
  let firstLostMs = endMs;
  for (const { completedMs } of lost) firstLostMs = Math.min(firstLostMs, completedMs);
  return { acknowledged: acknowledged.length, lost, lostMs: lost.length === 0 ? 0 : endMs - firstLostMs, torn };
}

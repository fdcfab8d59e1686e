// One line of history an attempt at a write: what was asked, when, and how it ended. The judge of what a restore must hold.

/**
 * ok: acknowledged, so it is stored. refused: turned away whole, nothing of it is stored. failed: it never reached the
 * service, or the service said that it was wrong. unknown: nobody can say; it may be stored, in part too.
 */
export const writeOutcomes = ["ok", "refused", "failed", "unknown"] as const;
export type WriteOutcome = (typeof writeOutcomes)[number];

export interface WriteRecord {
  readonly writer: string;
  /** Counts up from 0 within the writer. A refused write is tried again under the same sequence and uuid. */
  readonly sequence: number;
  /** Counts up from 0 within the sequence; each attempt has its own line. */
  readonly attempt: number;
  readonly kind: string;
  /** Milliseconds of one monotonic clock that all writers of a drill share. */
  readonly invokedMs: number;
  readonly completedMs: number;
  readonly outcome: WriteOutcome;
  /** What identifies the write in the graph: the group (graph) and the uuid of its episode. */
  readonly graph: string;
  readonly uuid: string;
}

// One history line per attempt at a write: what was requested, when, and how it ended. It defines what a restore must
// hold.

/**
 * ok: acknowledged, so it is stored. refused: refused whole, nothing of it is stored. failed: it never reached the
 * service, or the service rejected it as invalid. unknown: no answer; it may be stored, completely or in part.
 */
export const writeOutcomes = ["ok", "refused", "failed", "unknown"] as const;
export type WriteOutcome = (typeof writeOutcomes)[number];

export interface WriteRecord {
  readonly writer: string;
  /** Counts up from 0 within the writer. A refused write is retried under the same sequence and uuid. */
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

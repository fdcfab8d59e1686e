// Acknowledged writes a second in four windows: before the backup, during it, after it, and the whole.
import type { WriteRecord } from "./history.ts";

export interface Throughput {
  readonly before: number;
  readonly during: number;
  readonly after: number;
  readonly whole: number;
}

/** `endMs` ends the last window, for example at the disaster; by default it ends with the last acknowledgement. */
export function throughput(
  history: readonly WriteRecord[],
  backup: { readonly fromMs: number; readonly toMs: number },
  endMs?: number,
): Throughput {
  let startMs = Number.POSITIVE_INFINITY;
  let lastMs = Number.NEGATIVE_INFINITY;
  const acks: number[] = [];
  for (const { invokedMs, completedMs, outcome } of history) {
    startMs = Math.min(startMs, invokedMs);
    if (outcome !== "ok" || completedMs > (endMs ?? Number.POSITIVE_INFINITY)) continue;
    lastMs = Math.max(lastMs, completedMs);
    acks.push(completedMs);
  }
  const toMs = endMs ?? lastMs;
  const rate = (from: number, to: number): number => {
    if (!(to > from)) return 0;
    let count = 0;
    for (const at of acks) if (at > from && at <= to) count += 1;
    return (count * 1000) / (to - from);
  };
  return {
    before: rate(startMs, backup.fromMs),
    during: rate(backup.fromMs, backup.toMs),
    after: rate(backup.toMs, toMs),
    whole: rate(startMs, toMs),
  };
}

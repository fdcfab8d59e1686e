// Waiting for writers by what they have achieved, never by time.
import { waitFor } from "../../base/wait.ts";
import type { EngineWriters } from "../../workload/engine-writers.ts";
import type { Drill } from "../drill.ts";

export interface AckTarget {
  readonly more: number;
  readonly what: string;
  readonly timeoutMs: number;
}

/** Waits until so many more writes have been acknowledged than when it was called; in vain, nothing can be judged. */
export async function untilAcknowledged(
  { signal }: Drill,
  running: { readonly acked: number },
  { more, what, timeoutMs }: AckTarget,
): Promise<void> {
  const enough = running.acked + more;
  await waitFor(() => running.acked >= enough || undefined, { what, timeoutMs, signal, exit: "inconclusive" });
}

/** The same for each kind of write. */
export async function untilEachAcknowledged(
  drill: Drill,
  writers: readonly EngineWriters[],
  { more, timeoutMs }: Omit<AckTarget, "what">,
): Promise<void> {
  for (const running of writers) {
    const what = `${more} more acknowledged ${running.kind} writes`;
    await untilAcknowledged(drill, running, { more, what, timeoutMs });
  }
}

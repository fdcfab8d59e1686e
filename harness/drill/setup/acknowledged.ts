// Waits for writers by what they have achieved, never by time.
import { waitFor } from "../../base/wait.ts";
import type { EngineWriters } from "../../workload/engine-writers.ts";
import type { Drill } from "../drill.ts";

export interface AckTarget {
  readonly more: number;
  readonly what: string;
  readonly timeoutMs: number;
}

/** Waits until this many more writes have been acknowledged; on a timeout the scenario is inconclusive. */
export async function untilAcknowledged(
  { signal }: Drill,
  running: { readonly acked: number },
  { more, what, timeoutMs }: AckTarget,
): Promise<void> {
  const enough = running.acked + more;
  await waitFor(() => running.acked >= enough || undefined, { what, timeoutMs, signal, exit: "inconclusive" });
}

/** Waits until this many more writes of each kind have been acknowledged. */
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

// Work that may not end by itself: once its signal is aborted it has a grace period, after which it is abandoned.
import { environmentError } from "./errors.ts";

/**
 * Settles as `work` does. If `signal` is aborted first, `work` has `graceMs` to end and clean up; then this rejects
 * with the signal's reason, whether or not `work` has ended.
 */
export async function endedBy<T>(work: Promise<T>, signal: AbortSignal, graceMs: number): Promise<T> {
  const { promise: givenUp, reject } = Promise.withResolvers<never>();
  let timer: NodeJS.Timeout | undefined;
  const onAbort = (): void => {
    timer ??= setTimeout(() => reject(reasonOf(signal)), graceMs);
  };
  if (signal.aborted) onAbort();
  else signal.addEventListener("abort", onAbort, { once: true });
  try {
    return await Promise.race([work, givenUp]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", onAbort);
  }
}

/** Adds a deadline to a request that has none of its own; the error names what was awaited. */
export async function within<T>(what: string, timeoutMs: number, work: Promise<T>): Promise<T> {
  const deadline = AbortSignal.timeout(timeoutMs);
  return await endedBy(work, deadline, 0).catch((error: unknown) => {
    if (error !== deadline.reason) throw error;
    throw environmentError(`timed out after ${timeoutMs} ms waiting for ${what}`);
  });
}

/** Why a signal was aborted, as an error: its own reason, and not the bare AbortError that Node's functions throw. */
export function reasonOf(signal: AbortSignal): Error {
  return signal.reason instanceof Error ? signal.reason : new Error(String(signal.reason));
}

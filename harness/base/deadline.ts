// Work that may not end by itself: once its signal is aborted it has a grace to end in, and then nobody waits for it.

/**
 * Settles as `work` does. Where `signal` is aborted first, `work` has `graceMs` to end (and to clean up); then this rejects with
 * the signal's reason, whatever becomes of `work`.
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

/** Why a signal was aborted, as an error: its own reason, and not the bare AbortError that Node's functions throw. */
export function reasonOf(signal: AbortSignal): Error {
  return signal.reason instanceof Error ? signal.reason : new Error(String(signal.reason));
}

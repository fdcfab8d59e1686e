// A deadline that does something when it passes. For waiting, see wait.ts: a timer is never used to wait.

/** Calls `action` once after `ms`, unless disposed before. It does not keep the process alive. */
export function startTimer(ms: number, action: () => void): Disposable {
  const timer = setTimeout(action, ms);
  timer.unref();
  return { [Symbol.dispose]: () => clearTimeout(timer) };
}

/** Lets `ms` pass between two steps of paced work; an abort ends it at once. Not for waiting on something: see wait.ts. */
export async function pace(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted || ms <= 0) return;
  await new Promise<void>((resolve) => {
    const timer = setTimeout(done, ms);
    signal.addEventListener("abort", done, { once: true });
    function done(): void {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    }
  });
}

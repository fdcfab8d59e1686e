// A timer that runs an action at a deadline. It is never used to wait: see wait.ts.

/** Node fires a longer timer at once, so longer times are split into slices. */
const sliceMaxMs = 2 ** 31 - 1;

/** Calls `action` once after `ms`, unless disposed before. It does not keep the process alive. */
export function startTimer(ms: number, action: () => void): Disposable {
  return after(ms, action, { keepsAlive: false });
}

/** Pauses for `ms` between two steps of paced work; an abort ends it at once. Not for waiting: see wait.ts. */
export async function pace(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted || ms <= 0) return;
  await new Promise<void>((resolve) => {
    const timer = after(ms, done, { keepsAlive: true });
    signal.addEventListener("abort", done, { once: true });
    function done(): void {
      timer[Symbol.dispose]();
      signal.removeEventListener("abort", done);
      resolve();
    }
  });
}

function after(ms: number, action: () => void, { keepsAlive }: { readonly keepsAlive: boolean }): Disposable {
  let leftMs = ms;
  let timer: NodeJS.Timeout;
  const next = (): void => {
    const sliceMs = Math.min(leftMs, sliceMaxMs);
    leftMs -= sliceMs;
    timer = setTimeout(leftMs > 0 ? next : action, sliceMs);
    if (!keepsAlive) timer.unref();
  };
  next();
  return { [Symbol.dispose]: () => clearTimeout(timer) };
}

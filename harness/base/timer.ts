// A deadline that does something when it passes. For waiting, see wait.ts: a timer is never used to wait.

/** Node fires a longer timer at once, so a longer time passes in slices. */
const sliceMaxMs = 2 ** 31 - 1;

/** Calls `action` once after `ms`, unless disposed before. It does not keep the process alive. */
export function startTimer(ms: number, action: () => void): Disposable {
  return after(ms, action, { keepsAlive: false });
}

/** Lets `ms` pass between two steps of paced work; an abort ends it at once. Not for waiting on something: see wait.ts. */
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

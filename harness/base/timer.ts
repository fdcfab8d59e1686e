// A deadline that does something when it passes. For waiting, see wait.ts: a timer is never used to wait.

/** Calls `action` once after `ms`, unless disposed before. It does not keep the process alive. */
export function startTimer(ms: number, action: () => void): Disposable {
  const timer = setTimeout(action, ms);
  timer.unref();
  return { [Symbol.dispose]: () => clearTimeout(timer) };
}

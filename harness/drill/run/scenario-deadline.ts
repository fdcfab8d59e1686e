// The deadline of a scenario: it ends what hangs. The code that waited for it decides who is at fault.
import { systemClock } from "../../base/clock.ts";
import { DrillError } from "../../base/errors.ts";

export class ScenarioDeadline extends DrillError {
  override readonly name = "ScenarioDeadline";
  readonly limitMs: number;

  constructor(limitMs: number) {
    super(`the scenario did not end within ${Math.round(limitMs) / 1000} s`, {
      exit: "inconclusive",
      code: "assumption-deadline",
      hint: "Was the machine busy? Run it alone; findings and log of the run folder say how far it came.",
    });
    this.limitMs = limitMs;
  }
}

/** A machine slower than this factor proves nothing about a scenario. */
const slownessMax = 4;

/** Aborts after `limitMs`, multiplied by how many times slower than usual the machine has been until then. */
export function startDeadline(limitMs: number, slowness: () => number): Disposable & { readonly signal: AbortSignal } {
  const controller = new AbortController();
  const startedMs = systemClock.monotonicMs();
  // It keeps the process alive: a scenario may hang on something that Node does not wait for.
  const lookIn = (ms: number): NodeJS.Timeout =>
    setTimeout(() => {
      const allowedMs = limitMs * Math.min(slownessMax, slowness());
      const leftMs = allowedMs - (systemClock.monotonicMs() - startedMs);
      if (leftMs > 0) timer = lookIn(Math.ceil(leftMs));
      else controller.abort(new ScenarioDeadline(allowedMs));
    }, ms);
  let timer = lookIn(limitMs);
  return { signal: controller.signal, [Symbol.dispose]: () => clearTimeout(timer) };
}

/**
 * A call that was still running at the deadline counts as hung if it took this share of it: at least two minutes, where
 * a call takes seconds. A shorter one may only have had the time left by earlier steps.
 */
const hungShare = 1 / 5;

/** Returns the deadline error if it ended a call that hung for `tookMs`. */
export function hungUntil(signal: AbortSignal, tookMs: number): ScenarioDeadline | undefined {
  const { reason } = signal as { readonly reason: unknown };
  return reason instanceof ScenarioDeadline && tookMs > reason.limitMs * hungShare ? reason : undefined;
}

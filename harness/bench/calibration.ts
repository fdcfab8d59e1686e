// A yardstick for processor time: work that no change of this program touches, half of it JavaScript and half native code.
// What is a multiple of it on one machine is about the same multiple on another.
import { createHash } from "node:crypto";
import { systemClock } from "../base/clock.ts";

const block = Buffer.alloc(4 * 2 ** 20, "falkordrill");
const steps = 2_000_000;

/** Does the work once and gives how long it took, in ms: some milliseconds. */
export function calibrate(): number {
  const startedMs = systemClock.monotonicMs();
  createHash("sha256").update(block).digest();
  let state = 1;
  for (let step = 0; step < steps; step += 1) state = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + step;
  if (state === Number.MIN_VALUE) throw new Error("never: it keeps the loop from being left out");
  return systemClock.monotonicMs() - startedMs;
}

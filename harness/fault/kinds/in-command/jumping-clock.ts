// Loaded into a command by the faults of the clock: its wall clock jumps, and stays there. The monotonic clock goes on, as
// that of a machine does.
import { sayFired, strengthIn } from "./load-into.ts";

const { number } = strengthIn(import.meta.url);
const jumpMs = number("jumpSeconds") * 1000;
let offsetMs = 0;
const realNow = Date.now.bind(Date);
const now = (): number => realNow() + offsetMs;

class JumpingDate extends Date {
  constructor(...given: [] | [value: string | number | Date]) {
    if (given.length === 0) super(now());
    else super(...given);
  }

  static override now(): number {
    return now();
  }
}
globalThis.Date = JumpingDate as DateConstructor;

setTimeout(() => {
  offsetMs = jumpMs;
  sayFired(`the clock jumped by ${jumpMs} ms`);
}, number("afterMs")).unref();

import { expect, it } from "vitest";
import { StreamClock } from "./stream-clock.ts";

it("follows the wall clock, never goes back, and meets it again after a jump back", () => {
  let wallMs = 1_000_000;
  let monotonicMs = 5;
  const clock = new StreamClock({ nowMs: () => wallMs, monotonicMs: () => monotonicMs }, 900_000);
  const pass = (ms: number): number => {
    wallMs += ms;
    monotonicMs += ms;
    return clock.nowMs();
  };
  expect(pass(10)).toBe(1_000_010);
  wallMs += 3600_000;
  expect(pass(10)).toBe(4_600_020);
  wallMs -= 1000;
  expect([pass(100), pass(100), pass(0)]).toEqual([4_600_070, 4_600_120, 4_600_120]);
  expect(pass(2000)).toBe(wallMs);
});

it("does not begin before the chain ends", () => {
  const clock = new StreamClock({ nowMs: () => 1000, monotonicMs: () => 0 }, 2000);
  expect(clock.nowMs()).toBe(2000);
});

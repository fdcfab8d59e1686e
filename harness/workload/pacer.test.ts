import { expect, test } from "vitest";
import type { Clock } from "../base/clock.ts";
import { SharedPace } from "./pacer.ts";

test("writers do not have to catch up on the time they were held", () => {
  let nowMs = 1000;
  const clock: Clock = { monotonicMs: () => nowMs, nowMs: () => nowMs };
  const shared = new SharedPace({ kind: "constant", perSecond: 100 }, 2, clock);
  nowMs += 990;
  expect(shared.reach(99)).toEqual({ elapsedMs: 990, due: 100, acked: 99 });
  shared.held(0, 400);
  shared.held(1, 600);
  nowMs += 500;
  expect(shared.reach(99)).toEqual({ elapsedMs: 990, due: 100, acked: 99 });
});

test("a writer that is stopped does not wait for its next write", async () => {
  const clock: Clock = { monotonicMs: () => 0, nowMs: () => 0 };
  const shared = new SharedPace({ kind: "constant", perSecond: 0.001 }, 1, clock);
  const stop = new AbortController();
  const due = shared.due(0, 5, stop.signal);
  stop.abort();
  await due;
  expect(stop.signal.aborted).toBe(true);
});

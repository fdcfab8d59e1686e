import { expect, test } from "vitest";
import { checkProfile, dueAt, dueWithin, notReached, type WriteProfile } from "./write-profile.ts";

const first = (profile: WriteProfile, count: number): number[] =>
  Array.from({ length: count }, (_, n) => Math.round(dueAt(profile, n)));

test("each profile schedules its writes", () => {
  expect(first({ kind: "constant", perSecond: 100 }, 4)).toEqual([0, 10, 20, 30]);
  expect(first({ kind: "burst", perSecond: 100, size: 3 }, 7)).toEqual([0, 0, 0, 30, 30, 30, 60]);
  expect(first({ kind: "flat-out" }, 3)).toEqual([0, 0, 0]);
});

test("a ramp goes from the first rate to the second, up or down, and stays there", () => {
  const up = { kind: "ramp", fromPerSecond: 100, toPerSecond: 300, overMs: 1000 } as const;
  expect([dueWithin(up, 500), dueWithin(up, 1000), dueWithin(up, 2000)]).toEqual([76, 201, 501]);
  const down = { kind: "ramp", fromPerSecond: 300, toPerSecond: 100, overMs: 1000 } as const;
  expect([dueWithin(down, 500), dueWithin(down, 1000), dueWithin(down, 2000)]).toEqual([126, 201, 301]);
  const flat = { kind: "ramp", fromPerSecond: 100, toPerSecond: 100, overMs: 1000 } as const;
  expect(first(flat, 3)).toEqual([0, 10, 20]);
});

test("due times never go back", () => {
  const ramp = { kind: "ramp", fromPerSecond: 1, toPerSecond: 5000, overMs: 3000 } as const;
  const times = Array.from({ length: 20_000 }, (_, n) => dueAt(ramp, n));
  expect(times.every((time, n) => n === 0 || time >= (times[n - 1] ?? 0))).toBe(true);
});

test("an unreachable profile is reported with numbers", () => {
  const profile = { kind: "constant", perSecond: 5000 } as const;
  const text =
    "the profile constant asked for 10000 writes in 2.0 s (5000 a second), and 3000 were acknowledged (1500 a second)";
  expect(notReached(profile, { elapsedMs: 2000, due: 10_000, acked: 3000 })).toBe(text);
  expect(notReached(profile, { elapsedMs: 2000, due: 10_000, acked: 9100 })).toBeUndefined();
  expect(notReached({ kind: "flat-out" }, { elapsedMs: 2000, due: undefined, acked: 1 })).toBeUndefined();
});

test("an invalid profile is refused", () => {
  expect(() => checkProfile({ kind: "constant", perSecond: 0 })).toThrow("perSecond is 0");
  expect(() => checkProfile({ kind: "burst", perSecond: 10, size: 1.5 })).toThrow("size is 1.5");
});

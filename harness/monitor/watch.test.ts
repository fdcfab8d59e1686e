// What was found counts while it is young, and no longer.
import { expect, it, vi } from "vitest";
import { environmentError } from "../base/errors.ts";
import { Watch } from "./watch.ts";

function watched<T>(look: (signal: AbortSignal) => Promise<T>): {
  readonly watch: Watch<T>;
  readonly log: readonly string[];
  readonly passes: (ms: number) => void;
} {
  let nowMs = 1_000_000;
  const log: string[] = [];
  const clock = { nowMs: () => nowMs, monotonicMs: () => nowMs };
  const watch = new Watch(look, { name: "it", everyMs: 20, log: (line) => log.push(line), clock });
  return { watch, log, passes: (ms) => void (nowMs += ms) };
}

it("gives what the last look found, and when that began", async () => {
  let looks = 0;
  const { watch } = watched(() => Promise.resolve((looks += 1)));
  await using _ending = watch;
  expect(watch.current).toBeUndefined();
  await watch.first;
  expect(watch.current).toMatchObject({ atMs: 1_000_000 });
  await vi.waitFor(() => expect(watch.current?.facts).toBeGreaterThan(2));
});

it("gives nothing after a look that failed, and says why once", async () => {
  let isBroken = true;
  const { watch, log } = watched(() =>
    isBroken ? Promise.reject(environmentError("the disk is gone", "Mount it.")) : Promise.resolve(7),
  );
  await using _ending = watch;
  await watch.first;
  await vi.waitFor(() => expect(log).toHaveLength(1));
  expect(watch.current).toBeUndefined();
  isBroken = false;
  await vi.waitFor(() => expect(watch.current?.facts).toBe(7));
  expect(log).toEqual([expect.stringMatching(/^it cannot be read: the disk is gone/), "it can be read again"]);
});

it("gives nothing once a look hangs, although the one before was good", async () => {
  let looks = 0;
  const hang = (signal: AbortSignal): Promise<number> =>
    new Promise((_, reject) => signal.addEventListener("abort", () => reject(new Error("ended"))));
  const { watch, log, passes } = watched((signal) => (looks++ === 0 ? Promise.resolve(1) : hang(signal)));
  await using _ending = watch;
  await vi.waitFor(() => expect(looks).toBe(2));
  expect(watch.current?.facts).toBe(1);
  passes(watch.ageMaxMs(0) + 1);
  expect([watch.current, log]).toEqual([undefined, ["it cannot be read: no look has ended for 0 s"]]);
});

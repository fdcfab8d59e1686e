import { expect, it } from "vitest";
import { systemClock } from "../../base/clock.ts";
import { environmentError } from "../../base/errors.ts";
import { pace } from "../../base/timer.ts";
import { keepTrying } from "./keep-trying.ts";

const notes: string[] = [];
const options = { giveUpMs: 60_000, clock: systemClock, note: (line: string) => void notes.push(line) };
const { signal } = new AbortController();

it("reports why the first attempt failed, and ends with the first that works", async () => {
  let attempts = 0;
  const work = (): Promise<void> =>
    ++attempts === 3 ? Promise.resolve() : Promise.reject(environmentError(`full ${attempts}`, "Free some space."));
  await keepTrying("the backup", work, { ...options, signal });
  expect(notes.join()).toMatch(/^full 1\. Free some space\.; trying again for [^,]+$/);
});

it("always awaits an attempt that takes longer than the retry interval", async () => {
  let hasEnded = false;
  const work = async (): Promise<void> => {
    await pace(30, signal);
    hasEnded = true;
  };
  await keepTrying("the backup", work, { ...options, giveUpMs: 1, signal });
  expect(hasEnded).toBe(true);
});

it("gives up with the last failure", async () => {
  const work = (): Promise<void> => Promise.reject(new Error("refused"));
  const tried = keepTrying("the backup", work, { ...options, giveUpMs: 0, signal });
  await expect(tried).rejects.toThrow(/^the backup did not succeed within .*: refused$/);
});

it("does not retry a programming error", async () => {
  let attempts = 0;
  const work = (): Promise<void> => {
    attempts++;
    return Promise.reject(new TypeError("x is not a function"));
  };
  await expect(keepTrying("the backup", work, { ...options, signal })).rejects.toThrow(TypeError);
  expect(attempts).toBe(1);
});

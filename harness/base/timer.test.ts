import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { pace, startTimer } from "./timer.ts";

const dayMs = 86_400_000;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it("a pace of 30 days lasts 30 days, though no timer of Node does", async () => {
  let isOver = false;
  const paced = pace(30 * dayMs, new AbortController().signal).then(() => (isOver = true));
  await vi.advanceTimersByTimeAsync(30 * dayMs - 1);
  expect(isOver).toBe(false);
  await vi.advanceTimersByTimeAsync(1);
  await paced;
});

it("a timer of 60 days acts after 60 days, and not at all once disposed", async () => {
  const fired: string[] = [];
  startTimer(60 * dayMs, () => fired.push("kept"));
  const disposed = startTimer(60 * dayMs, () => fired.push("disposed"));
  await vi.advanceTimersByTimeAsync(59 * dayMs);
  expect(fired).toEqual([]);
  disposed[Symbol.dispose]();
  await vi.advanceTimersByTimeAsync(dayMs);
  expect(fired).toEqual(["kept"]);
});

it("an abort ends a pace in any slice", async () => {
  const controller = new AbortController();
  const paced = pace(60 * dayMs, controller.signal);
  await vi.advanceTimersByTimeAsync(40 * dayMs);
  controller.abort();
  await paced;
  expect(vi.getTimerCount()).toBe(0);
});

import { expect, it, vi } from "vitest";
import { systemClock } from "../../base/clock.ts";
import { throttled } from "./throttle.ts";
import type { PartSource } from "./write-parts.ts";

const block = Buffer.alloc(1000);
const { signal } = new AbortController();

/** Yields parts of these sizes, each after its own delay in milliseconds. */
function parts(sizes: readonly number[], tookMs = 0): PartSource {
  let number = 0;
  let bytes = 0;
  return {
    get bytes() {
      return bytes;
    },
    read: async () => {
      vi.advanceTimersByTime(tookMs);
      const size = sizes[number++] ?? 0;
      bytes += size;
      return size;
    },
  };
}

async function timeToRead(source: PartSource, bytesPerSecond: number | undefined): Promise<number> {
  vi.useFakeTimers();
  try {
    const startMs = systemClock.monotonicMs();
    const reader = throttled(source, bytesPerSecond === undefined ? undefined : { bytesPerSecond, signal });
    const all = (async () => {
      while ((await reader.read(block)) > 0);
      return systemClock.monotonicMs() - startMs;
    })();
    await vi.runAllTimersAsync();
    return await all;
  } finally {
    vi.useRealTimers();
  }
}

it("takes as long as the rate asks for", async () => {
  const source = parts([1000, 1000, 500]);
  expect(await timeToRead(source, 1000)).toBeCloseTo(2500, -1);
  expect(source.bytes).toBe(2500);
});

it("does not hold back a source that is slower than the rate", async () => {
  expect(await timeToRead(parts([1000, 1000], 3000), 1000)).toBeCloseTo(9000, -1);
});

it("does not hold back without a rate", async () => {
  expect(await timeToRead(parts([1000, 1000, 500]), undefined)).toBe(0);
});

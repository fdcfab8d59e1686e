import { describe, expect, it, vi } from "vitest";
import { systemClock } from "../../base/clock.ts";
import { parseRate } from "../../base/units.ts";
import { Calendar } from "../retention/calendar.ts";
import { noLimit, parseWindow, rateAt, RateLimit } from "./rate-limit.ts";
import type { PartSource } from "./write-parts.ts";

const { signal } = new AbortController();

describe("limits by the time of day", () => {
  const plan = {
    bytesPerSecond: 9,
    windows: [parseWindow("08:00-18:00=5KiB"), parseWindow("22:00-06:00=none")],
    calendar: new Calendar("Europe/Berlin"),
  };
  it.each([
    ["2026-07-01T06:00:00Z", 5120],
    ["2026-07-01T15:59:59Z", 5120],
    ["2026-07-01T16:00:00Z", 9],
    ["2026-12-01T21:00:00Z", undefined],
    ["2026-12-01T04:59:00Z", undefined],
    ["2026-12-01T05:00:00Z", 9],
  ])("at %s: %s bytes a second", (at, rate) => expect(rateAt(plan, Date.parse(at))).toBe(rate));

  it.each(["8-18=5MiB", "08:00-18:00", "08:00-08:00=1MiB", "25:00-26:00=1MiB", "08:00-24:30=1KiB"])(
    "refuses %s",
    (text) => expect(() => parseWindow(text)).toThrow(`"${text}" is not a limit for a time of day`),
  );
  it("refuses to send nothing", () => expect(() => parseRate("0KiB")).toThrow("would never end"));

  it("lets no more through than that", async () => {
    const waited = await advancing(async () => {
      const limit = new RateLimit({ ...noLimit, bytesPerSecond: 1000 });
      await Promise.all([10, 20, 30].map((bytes) => limit.admit(bytes, signal)));
    });
    expect(waited).toBeCloseTo(30, 0);
  });
});

/** How many milliseconds of simulated time the work takes. */
async function advancing(work: () => Promise<void>): Promise<number> {
  vi.useFakeTimers();
  try {
    const startMs = systemClock.monotonicMs();
    const done = work().then(() => systemClock.monotonicMs() - startMs);
    await vi.runAllTimersAsync();
    return await done;
  } finally {
    vi.useRealTimers();
  }
}

const block = Buffer.alloc(1000);

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
  return await advancing(async () => {
    const plan = bytesPerSecond === undefined ? noLimit : { ...noLimit, bytesPerSecond };
    const reader = new RateLimit(plan).slowed(source, signal);
    while ((await reader.read(block)) > 0);
  });
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

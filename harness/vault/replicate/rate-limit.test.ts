import { describe, expect, it } from "vitest";
import { systemClock } from "../../base/clock.ts";
import { parseRate } from "../../base/units.ts";
import { Calendar } from "../retention/calendar.ts";
import { noLimit, parseWindow, rateAt, RateLimit } from "./rate-limit.ts";

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
    const limit = new RateLimit({ ...noLimit, bytesPerSecond: 1000 });
    const startMs = systemClock.monotonicMs();
    await Promise.all([10, 20, 30].map((bytes) => limit.admit(bytes, new AbortController().signal)));
    expect(systemClock.monotonicMs() - startMs).toBeGreaterThanOrEqual(29);
  });
});

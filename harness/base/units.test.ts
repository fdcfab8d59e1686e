import { describe, expect, it } from "vitest";
import { formatBytes, formatDuration, parseBytes, parseCount, parseDuration } from "./units.ts";

describe("units", () => {
  it("are read as people write them", () => {
    expect([parseCount("500"), parseCount("10k"), parseCount("1.5M")]).toEqual([500, 10_000, 1_500_000]);
    expect([parseBytes("512MiB"), parseBytes("1 GB"), parseBytes("7b")]).toEqual([2 ** 29, 1e9, 7]);
    expect([parseDuration("250ms"), parseDuration("30s"), parseDuration("5m")]).toEqual([250, 30_000, 300_000]);
  });
  it.each(["", "k", "1kk", "-1", "1e3", "0.5", "10 parsecs"])("refuse %j and say what is expected", (text) => {
    expect(() => parseCount(text)).toThrow(/is not a count such as 500, 10k or 1m/);
  });
  it("are written for people", () => {
    expect([formatBytes(12), formatBytes(2048), formatBytes(3 * 2 ** 30)]).toEqual(["12 B", "2.0 KiB", "3.00 GiB"]);
    expect(formatDuration(999.7)).toBe("1.00 s");
    expect([formatDuration(3.21), formatDuration(450), formatDuration(4500), formatDuration(180e3)]).toEqual([
      "3.2 ms",
      "450 ms",
      "4.50 s",
      "3.0 min",
    ]);
    expect([119.5, 150, 1440, 10_080].map((minutes) => formatDuration(minutes * 60e3))).toEqual([
      "119.5 min",
      "2.5 h",
      "24.0 h",
      "7.0 days",
    ]);
  });
});

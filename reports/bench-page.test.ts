import { describe, expect, it } from "vitest";
import { benchPage, type BenchFigure } from "./bench-page.ts";

const chart = "restore";
const at = (line: string, x: number, value: number, more: Partial<BenchFigure> = {}): BenchFigure => ({
  name: `${line} ${x}`,
  unit: "ms",
  value,
  runs: [value, value * 2],
  curve: { chart, line, x },
  ...more,
});
const page = (rows: readonly BenchFigure[]): string =>
  benchPage([{ name: "chain", title: "increments", rows }], "here");

describe("the page of benchmarks", () => {
  it("draws a line for each curve, with a point for each size, and says the figures in words", () => {
    const text = page([at("chain", 24, 3000), at("chain", 1, 1000), at("full", 1, 900), at("full", 24, 900)]);
    expect(text.match(/<path class="tone-(?:accent|second)"/g)).toHaveLength(2);
    expect(text.match(/<circle class="point/g)).toHaveLength(4);
    expect(text).toContain(
      '<desc id="bench-chain-0-d">chain: 1.00 s at 1, 3.00 s at 24; full: 900 ms at 1, 900 ms at 24.</desc>',
    );
    expect(text).toContain("3.00 s to 6.00 s");
  });
  it("draws the target of a point, and says whether it is met", () => {
    const target = { bound: "at most", value: 1.5 } as const;
    expect(page([at("of full", 24, 1.4, { unit: "x", target })])).toMatch(/class="met">met/);
    const missed = page([at("of full", 24, 1.6, { unit: "x", target })]);
    expect(missed).toMatch(/class="missed">missed/);
    expect(missed).toContain("at most 1.50x at 24");
  });
  it("shows what has no curve in the table alone", () => {
    const text = page([{ name: "rate", unit: "per s", value: 5, runs: [5] }]);
    expect(text).not.toContain("<svg");
    expect(text).toMatch(/<th scope="row">rate<\/th>\s*<td>5\/s<\/td>/);
  });
  it("loads nothing, runs nothing, and lets no name become markup", () => {
    const text = page([at("<i>", 1, 1)]);
    expect(text).not.toMatch(/<script|https?:\/\/|url\(|<i>/);
  });
});

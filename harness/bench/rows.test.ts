import { describe, expect, it } from "vitest";
import { isMet, ratios, row } from "./rows.ts";

describe("benchmark rows", () => {
  it("take the middle run", () => {
    const middle = (...runs: number[]) => row("r", "ms", runs).value;
    expect([middle(3, 1, 2), middle(4, 1, 2, 3), middle(7)]).toEqual([2, 2.5, 7]);
    expect(middle()).toBeNaN();
  });
  it("pair each run with the adjacent one", () => {
    expect(ratios([2, 9], [1, 3])).toEqual([2, 3]);
  });
  it("are held to their target, and never to one that they do not have", () => {
    const held = (value: number, bound: "at most" | "at least") =>
      row("r", "x", [value], { target: { bound, value: 1 } });
    expect([isMet(held(1, "at most")), isMet(held(1.1, "at most"))]).toEqual([true, false]);
    expect([isMet(held(1, "at least")), isMet(held(0.9, "at least"))]).toEqual([true, false]);
    expect(isMet(row("r", "x", [1]))).toBeUndefined();
  });
  it("do not meet a target without a single run", () => {
    expect(isMet(row("r", "x", [], { target: { bound: "at most", value: 1 } }))).toBe(false);
  });
});

import { describe, expect, it } from "vitest";
import { benchmarks, chosenBenchmarks } from "./registry.ts";

describe("the benchmarks", () => {
  const names = benchmarks.map(({ name }) => name);
  it("have a name of their own and a title", () => {
    expect(new Set(names).size).toBe(benchmarks.length);
    expect(benchmarks.filter(({ name, title }) => !/^[a-z-]+$/.test(name) || title.length < 20)).toEqual([]);
  });
  it("run in their own order, whatever the order in which they are asked for", () => {
    expect(chosenBenchmarks(["cycle", "pieces"]).map(({ name }) => name)).toEqual(["pieces", "cycle"]);
    expect(chosenBenchmarks([])).toEqual(benchmarks);
  });
  it("refuse an unknown name", () => {
    expect(() => chosenBenchmarks(["cycles"])).toThrow(
      "bench cycles is not known; it takes pieces, counts, load, cycle",
    );
  });
});

import { globSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { metricMeasure, witnessMeasure } from "./measures.ts";
import { countedWitness } from "./metrics.ts";

const sources = globSync(["harness/**/*.ts", "scenarios/**/*.ts"])
  .filter((path) => !path.endsWith(".test.ts"))
  .map((path) => readFileSync(path, "utf8"));

/** Names that the source gives as texts of their own. */
function named(pattern: RegExp): string[] {
  return [...new Set(sources.flatMap((text) => [...text.matchAll(pattern)].map(([, name]) => name ?? "")))].toSorted();
}

describe("the registry of metrics and witnesses", () => {
  const metrics = named(/\.metric\(\s*"(\w+)"/g);
  const witnesses = [
    ...named(/\.witness\(\s*"(\w+)"/g),
    ...named(/witnesses\["(\w+)"\]/g),
    ...named(/witnesses\.(\w+) /g),
  ];

  it("names everything that scenarios record, with a sentence", () => {
    expect(metrics.length).toBeGreaterThan(30);
    expect(witnesses.length).toBeGreaterThan(50);
    expect(metrics.filter((name) => metricMeasure(name) === undefined)).toEqual([]);
    expect(witnesses.filter((name) => witnessMeasure(name) === undefined)).toEqual([]);
    for (const name of metrics) expect(metricMeasure(name)?.means).toMatch(/^[A-Z0-9].*\.$/);
  });

  it("names measures that have a window, a quantile or a disaster in their name", () => {
    expect(metricMeasure("ackedPerSecondDuring")?.label).toBe("acknowledged writes, during the backup");
    expect(metricMeasure("writeLatencyP99ForkMs")?.label).toBe("write latency across the fork, 99th percentile");
    expect(metricMeasure("powerLossRtoMs")?.means).toBe("RTO, page cache lost.");
    expect(metricMeasure("toString")).toBeUndefined();
  });
});

it("counts one thing in the singular", () => {
  const labels = ["graphsCompared", "propertiesCompared", "indexesCompared", "searchesCompared"];
  expect(labels.map((name) => countedWitness(name, 1))).toEqual([
    "1 graph compared",
    "1 property compared",
    "1 index compared",
    "1 Graphiti search compared",
  ]);
  expect(countedWitness("graphsCompared", 2000)).toBe("2,000 graphs compared");
});

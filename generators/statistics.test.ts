import { expect, test } from "vitest";
import { dataset } from "./dataset.ts";
import { datasetStatistics, Histogram } from "./statistics.ts";

test("a histogram knows its quantiles, its mean and its maximum", () => {
  const histogram = new Histogram();
  for (const value of [5, 1, 1, 2, 9]) histogram.add(value);
  expect([0.1, 0.4, 0.5, 0.9, 1].map((share) => histogram.quantile(share))).toEqual([1, 1, 2, 9, 9]);
  expect(histogram.mean).toBe(3.6);
  expect(histogram.max).toBe(9);
  expect(histogram.of(1)).toBe(2);
  expect(new Histogram().quantile(0.5)).toBe(0);
});

test("everything is counted once", () => {
  const content = dataset({ seed: 1, nodes: 4000, shape: "team", variant: "clean", dims: 0, schema: "post1856" });
  const s = datasetStatistics(content);
  const plans = [...content.graphs()];
  expect(s.graphs).toBe(plans.length);
  expect(s.emptyGraphs).toBe(1);
  const { Episodic = 0, Entity = 0, Community = 0, Saga = 0 } = s.labels;
  expect(Episodic + Entity + Community + Saga).toBe(4000);
  const edges = Object.values(s.types).reduce((sum, count) => sum + count, 0);
  expect(edges).toBe(plans.reduce((sum, { counts }) => sum + counts.edges, 0));
  expect(s.mentionsPerEpisode.sum).toBe(s.types["MENTIONS"]);
  expect(s.mentionsPerEntity.sum).toBe(s.types["MENTIONS"]);
  expect(s.factDegree.sum).toBe(2 * (s.types["RELATES_TO"] ?? 0));
  expect(s.factLength.count).toBe(s.types["RELATES_TO"]);
});

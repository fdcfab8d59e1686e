import { expect, test } from "vitest";
import { dataset, datasetVersion } from "./dataset.ts";
import { datasetDigest, planDigest } from "./digest.ts";
import type { DatasetOptions, GraphPlan } from "./model.ts";
import { datasetStatistics } from "./statistics.ts";

const base: DatasetOptions = { seed: 1, nodes: 1500, shape: "personal", variant: "clean", dims: 0, schema: "post1856" };

// Changed bytes are a new version: raise datasetVersion together with these.
const pinned: readonly (readonly [options: Partial<DatasetOptions>, digest: string])[] = [
  [{}, "b58f83fa3fd3653a545f09243023ae88b9bf7fc21ef3323f06e7e212e68173ba"],
  [{ schema: "pre1856", dims: 8 }, "73a0d0f77693497cf5a48661b5360d07b74cd7dcbb8961f9c967060c026ddf72"],
  [{ seed: 4294967295 }, "2989843b5d570693defa2bd892c9affaa3b730efbdc7e5d91292fa62f5be3767"],
  [{ nodes: 60000, shape: "large" }, "52da3a8e831900e9fd0b627a124314f83aad11c45d54289fb6ab2a214341c286"],
  [{ shape: "team", nodes: 5000 }, "1cfcbb4b8a502ef914f2127de46ca18e310b3557d4401c119b71224a325df811"],
  [{ shape: "tenants" }, "6ba2a7ee7eec2d50c2ea82733fbc4a948dd0d74b2dc1ca7c7e950e9f1c9cfbd3"],
  [{ variant: "dirty" }, "7b4e2f944c07a9893848239727aece8830c6800b2bc216ef9d68705aa20a9c1b"],
  [
    { variant: "dirty", schema: "pre1856", shape: "team" },
    "4016db5ffccef1a44e8adc33083b4b063ad09e63d6f3d09401598108fec45321",
  ],
  [{ variant: "edge-values" }, "7682af034adca4de9957d54cb9777ef96e099a2203349c76d752a9d9af011236"],
];

test.each(pinned)("the content is pinned: %o", (options, digest) => {
  expect(datasetVersion).toBe(3);
  expect(datasetDigest(dataset({ ...base, ...options }))).toBe(digest);
});

test("the same options give the same bytes; seed, size and schema matter", () => {
  const digest = (options: Partial<DatasetOptions>): string => datasetDigest(dataset({ ...base, ...options }));
  expect(digest({})).toBe(digest({}));
  const all = [
    {},
    { seed: 2 },
    { nodes: 1501 },
    { schema: "pre1856" as const },
    { dims: 3 },
    { variant: "dirty" as const },
  ];
  expect(new Set(all.map(digest)).size).toBe(all.length);
});

test.each([
  { shape: "personal", variant: "clean" },
  { shape: "personal", variant: "dirty" },
  { shape: "team", variant: "clean" },
  { shape: "personal", variant: "edge-values" },
] as const)("any chunking gives the same bytes: %o", (options) => {
  for (const plan of dataset({ ...base, ...options, dims: 2 }).graphs()) {
    const walked = planDigest(plan, plan.nodes(), plan.edges());
    expect(planDigest(plan, oneByOne(plan), plan.edges())).toBe(walked);
    expect(planDigest(plan, backwards(plan).toReversed(), plan.edges())).toBe(walked);
    // Another walk of the same plan in between, which must not disturb the first.
    expect(planDigest(plan, disturbed(plan), plan.edges())).toBe(walked);
  }
});

test("a look-up outside the graph is refused", () => {
  for (const variant of ["clean", "dirty", "edge-values"] as const) {
    for (const plan of dataset({ ...base, variant }).graphs()) {
      for (const id of [-1, plan.counts.nodes, 0.5]) expect(() => plan.node(id)).toThrow(RangeError);
    }
  }
});

test("the shape team has a graph for each group, and the empty default graph", () => {
  const plans = [...dataset({ ...base, shape: "team", nodes: 9000 }).graphs()];
  expect(plans.map(({ name }) => name)).toEqual([
    "default_db",
    "support-desk",
    "platform-eng",
    "sales_emea",
    "research",
  ]);
  expect(plans.map(({ counts }) => counts.nodes)).toEqual([0, 900, 1800, 2700, 3600]);
  expect(plans[0]?.indexes).toHaveLength(9);
});

test("the shape tenants is nearly all empty graphs", () => {
  const plans = [...dataset({ ...base, shape: "tenants", nodes: 10_000 }).graphs()];
  expect(plans).toHaveLength(2000);
  expect(plans.filter(({ counts }) => counts.nodes === 0)).toHaveLength(1980);
  expect(plans.reduce((sum, { counts }) => sum + counts.nodes, 0)).toBe(10_000);
  expect(new Set(plans.map(({ name }) => name)).size).toBe(2000);
});

test("the shape of a personal memory is that of the measured ones", () => {
  const s = datasetStatistics(dataset({ ...base, nodes: 10_000 }));
  const within = (value: number, low: number, high: number): void => {
    expect(value).toBeGreaterThanOrEqual(low);
    expect(value).toBeLessThanOrEqual(high);
  };
  const facts = s.types["RELATES_TO"] ?? 0;
  within(s.factDegree.of(0) / s.factDegree.count, 0.1, 0.45);
  within(s.expiredFacts / facts, 0.05, 0.2);
  within(s.endedFacts / facts, 0.005, 0.02);
  within(s.validFacts / facts, 0.48, 0.95);
  within(s.episodesPerFact.mean, 1.05, 1.3);
  within(s.hubShare, 0.1, 0.25);
  within(facts / (s.labels["Entity"] ?? 1), 1, 1.8);
  within(s.contentLength.quantile(0.5), 1500, 2000);
  within(s.summaryLength.quantile(0.5), 594, 765);
  within(s.factLength.quantile(0.5), 57, 80);
  within(s.entityNameLength.quantile(0.5), 8, 16);
});

test("a million nodes are counted at once, with about two edges each", () => {
  const [plan] = dataset({ ...base, shape: "large", nodes: 1_000_000 }).graphs();
  expect(plan?.counts.nodes).toBe(1_000_000);
  expect((plan?.counts.edges ?? 0) / 1e6).toBeCloseTo(2, 0);
});

function* oneByOne(plan: GraphPlan): Generator<ReturnType<GraphPlan["node"]>> {
  for (let id = 0; id < plan.counts.nodes; id++) yield plan.node(id);
}

function backwards(plan: GraphPlan): ReturnType<GraphPlan["node"]>[] {
  return Array.from({ length: plan.counts.nodes }, (_, k) => plan.node(plan.counts.nodes - 1 - k));
}

function* disturbed(plan: GraphPlan): Generator<ReturnType<GraphPlan["node"]>> {
  const other = plan.edges()[Symbol.iterator]();
  for (const node of plan.nodes()) {
    other.next();
    plan.node((node.id * 7919) % plan.counts.nodes);
    yield node;
  }
}

import { expect, test } from "vitest";
import { dataset } from "../../../generators/dataset.ts";
import type { DatasetOptions, GraphPlan } from "../../../generators/model.ts";
import type { BulkBatch } from "./bulk-encoder.ts";
import { encodeHere } from "./bulk-load.ts";
import { encodeGraph } from "./encode-graph.ts";

const options: DatasetOptions = {
  seed: 1,
  nodes: 40_000,
  shape: "large",
  variant: "clean",
  dims: 0,
  schema: "post1856",
};

function planOf(change: Partial<DatasetOptions> = {}): GraphPlan {
  const [plan] = dataset({ ...options, ...change }).graphs();
  if (plan === undefined) throw new Error("no plan");
  return plan;
}

function hashed(batches: string[]): (batch: BulkBatch) => Promise<void> {
  return async ({ nodeTokens, edgeTokens }) => {
    await Promise.resolve();
    batches.push(...[...nodeTokens, ...edgeTokens].map((token) => token.toString("latin1")));
  };
}

test.each([
  ["here", encodeHere],
  ["where it likes, which is a thread", encodeGraph],
] as const)("no more than three buffers are in use, however slow the other side is: %s", async (_, encode) => {
  let inUse = 0;
  let most = 0;
  const encoded = await encode(planOf(), async () => {
    most = Math.max(most, ++inUse);
    for (let turn = 0; turn < 50; turn++) await new Promise(setImmediate);
    inUse--;
  });
  expect(encoded.nodes).toBe(40_000);
  expect(encoded.edges).toBe(planOf().counts.edges);
  expect(encoded.batches).toBeGreaterThan(6);
  expect(most).toBeLessThanOrEqual(3);
});

test("a thread gives the same bytes in the same order", async () => {
  const here: string[] = [];
  const there: string[] = [];
  await encodeHere(planOf(), hashed(here));
  await encodeGraph(planOf(), hashed(there));
  expect(there.length).toBe(here.length);
  expect(there.every((bytes, k) => bytes === here[k])).toBe(true);
});

test.each([
  ["here", encodeHere],
  ["in a thread", encodeGraph],
] as const)("a sink that fails ends the work with its error: %s", async (_, encode) => {
  let calls = 0;
  const failing = async (): Promise<void> => {
    await Promise.resolve();
    if (++calls === 2) throw new Error("the engine has gone");
  };
  await expect(encode(planOf(), failing)).rejects.toThrow("the engine has gone");
  expect(calls).toBeLessThan(7);
});

test.each([
  ["here", encodeHere],
  ["in a thread", encodeGraph],
] as const)("an abort ends the work: %s", async (_, encode) => {
  const controller = new AbortController();
  const sink = async (): Promise<void> => {
    await Promise.resolve();
    controller.abort(new Error("interrupted"));
  };
  await expect(encode(planOf(), sink, { signal: controller.signal })).rejects.toThrow("interrupted");
});

test("vectors are announced with their place, their dimension and their number", async () => {
  const plan = planOf({ nodes: 500, dims: 7, shape: "personal" });
  const announced: { property: string; dims: number; count: number }[] = [];
  await encodeHere(plan, () => Promise.resolve(), {
    vectors: async (pending) => {
      await Promise.resolve();
      announced.push(...pending);
    },
  });
  const sum = (property: string): number =>
    announced.reduce((total, each) => total + (each.property === property ? each.count : 0), 0);
  const withVector = [...plan.nodes()].filter(({ properties }) => "name_embedding" in properties);
  expect(sum("name_embedding")).toBe(withVector.length);
  expect(sum("fact_embedding")).toBe([...plan.edges()].filter(({ type }) => type === "RELATES_TO").length);
  expect(new Set(announced.map(({ dims }) => dims))).toEqual(new Set([7]));
});

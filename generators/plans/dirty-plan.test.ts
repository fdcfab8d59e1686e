import { expect, test } from "vitest";
import { dataset } from "../dataset.ts";
import { dirtyWitnesses, soilCodes } from "./dirty-witnesses.ts";
import type { DatasetOptions } from "../model.ts";

const base: DatasetOptions = { seed: 1, nodes: 2000, shape: "personal", variant: "dirty", dims: 0, schema: "post1856" };

test.each(["pre1856", "post1856"] as const)("a dirty graph has every kind of soil, a clean one none: %s", (schema) => {
  const [dirty] = dataset({ ...base, schema }).graphs();
  const [clean] = dataset({ ...base, schema, variant: "clean" }).graphs();
  const [found, none] = [dirty, clean].map((plan) => (plan === undefined ? undefined : dirtyWitnesses(plan)));
  expect(soilCodes.filter((code) => (found?.[code] ?? 0) === 0)).toEqual([]);
  expect(soilCodes.filter((code) => (none?.[code] ?? 0) > 0)).toEqual([]);
});

test.each([1, 12, 500, 3000])("counts are exact and uuids unique: %i nodes", (nodes) => {
  for (const plan of dataset({ ...base, nodes }).graphs()) {
    const found = [...plan.nodes()];
    const edges = [...plan.edges()];
    expect({ nodes: found.length, edges: edges.length }).toEqual(plan.counts);
    const uuids = new Set([...found, ...edges].map(({ properties }) => properties["uuid"]));
    expect(uuids.size).toBe(found.length + edges.length);
  }
});

test("the ends that facts name are their real ends", () => {
  const [plan] = dataset(base).graphs();
  const nodes = [...(plan?.nodes() ?? [])];
  for (const { type, source, target, properties } of plan?.edges() ?? []) {
    if (type !== "RELATES_TO") continue;
    expect(properties["source_node_uuid"]).toBe(nodes[source]?.properties["uuid"]);
    expect(properties["target_node_uuid"]).toBe(nodes[target]?.properties["uuid"]);
  }
});

test("as many parallel edges as were seen in a real graph", () => {
  const [plan] = dataset(base).graphs();
  const pairs = new Map<string, number>();
  for (const { type, source, target } of plan?.edges() ?? []) {
    const pair = `${type} ${source} ${target}`;
    pairs.set(pair, (pairs.get(pair) ?? 0) + 1);
  }
  const most = (type: string): number =>
    Math.max(...[...pairs].flatMap(([pair, n]) => (pair.startsWith(type) ? [n] : [])));
  expect(most("MENTIONS")).toBe(34);
  expect(most("RELATES_TO")).toBeGreaterThanOrEqual(12);
});

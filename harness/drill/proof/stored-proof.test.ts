import { expect, it } from "vitest";
import { dataset } from "../../../generators/dataset.ts";
import { needlesOf } from "./stored-proof.ts";

it("searches for the content of nodes, and not for names of graphs, which a manifest may contain", () => {
  const tenants = dataset({ seed: 1, nodes: 2000, shape: "tenants", variant: "clean", dims: 0, schema: "post1856" });
  const names = [...tenants.graphs()].map(({ name }) => name);
  const searched = needlesOf(tenants).map(({ bytes }) => bytes.toString());
  expect(names.some((name) => name.length >= 16)).toBe(true);
  expect(searched.filter((text) => names.includes(text))).toEqual([]);
  expect(searched.length).toBeGreaterThan(20);
});

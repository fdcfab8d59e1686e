import { expect, test } from "vitest";
import { dataset } from "../../../generators/dataset.ts";
import { type Dataset, type DatasetOptions, Double, type GraphPlan } from "../../../generators/model.ts";
import { expectedContent } from "./expected.ts";
import { requiredWitnesses } from "../judge.ts";

const options: DatasetOptions = {
  seed: 3,
  nodes: 400,
  shape: "personal",
  variant: "clean",
  dims: 8,
  schema: "pre1856",
};

/** The same records, but only as objects. */
function asObjects(source: Dataset): Dataset {
  return {
    ...source,
    *graphs() {
      for (const plan of source.graphs()) {
        const { name, groupId, indexes, counts, afterLoad } = plan;
        const slow: GraphPlan = {
          name,
          groupId,
          indexes,
          counts,
          afterLoad,
          nodes: () => plan.nodes(),
          edges: () => plan.edges(),
          node: (id) => plan.node(id),
        };
        yield slow;
      }
    },
  };
}

test.each(["clean", "dirty"] as const)("%s records as bytes and as objects are the same content", async (variant) => {
  const content = dataset({ ...options, variant });
  expect(await expectedContent(asObjects(content))).toEqual(await expectedContent(content));
});

test("another seed, another schema, another graph", async () => {
  const sums = await Promise.all(
    [options, { ...options, seed: 4 }, { ...options, schema: "post1856" as const }, { ...options, dims: 0 }].map(
      async (other) => JSON.stringify((await expectedContent(dataset(other))).graphs[0]?.fingerprint),
    ),
  );
  expect(new Set(sums).size).toBe(4);
});

test("every part of a full graph is expected, and witnesses are required for it", async () => {
  const expectation = await expectedContent(dataset(options));
  expect(requiredWitnesses(expectation)).toEqual([
    "graphsCompared",
    "nodesCompared",
    "edgesCompared",
    "indexesCompared",
    "invariantsChecked",
    "indexLookupsWithRows",
    "indexesUsed",
    "wordsFound",
    "doublesCompared",
    "vectorsProbed",
    "vectorsComparedByBytes",
  ]);
});

test("the last bit of a double is expected, also inside a list", async () => {
  const holding = (value: number): Dataset => {
    const node = { id: 0, labels: ["A"], properties: { uuid: "a", list: ["text", new Double(value)] } };
    const counts = { nodes: 1, edges: 0 };
    const plan = { name: "main", groupId: "main", indexes: [], counts, afterLoad: [] };
    return { options, version: 1, graphs: () => [{ ...plan, nodes: () => [node], edges: () => [], node: () => node }] };
  };
  const doublesOf = async (value: number) => (await expectedContent(holding(value))).graphs[0]?.doubles;
  expect(await doublesOf(1 / 3)).not.toEqual(await doublesOf(1 / 3 + 2 ** -54));
});

test("thousands of empty tenants stay small", async () => {
  const tenants = await expectedContent(dataset({ ...options, shape: "tenants", nodes: 5000, dims: 0 }));
  const empty = tenants.graphs.filter(({ fingerprint }) => fingerprint.nodes.count === 0);
  expect(empty.length).toBeGreaterThan(900);
  expect(JSON.stringify(empty).length / empty.length).toBeLessThan(500);
});

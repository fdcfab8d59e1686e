// A test's set-up survives the hang of FalkorDB in a bulk load, and no other failure.
import { expect, test } from "vitest";
import { dataset } from "../../../generators/dataset.ts";
import { connect } from "../client/connection.ts";
import { loadedEngine } from "./loaded-engine.ts";

const content = dataset({ seed: 5, nodes: 200, shape: "personal", variant: "clean", dims: 0, schema: "post1856" });

test("an engine that hangs in the load is replaced by a fresh one, once", async () => {
  let loads = 0;
  await using engine = await loadedEngine("hangs-once", content, (started, step) => {
    if (!step.startsWith("load ")) return;
    loads += 1;
    if (loads === 1) void started.pause();
  });
  expect(loads).toBe(2);
  await using connection = await connect(engine.endpoint);
  expect(await connection.graphs()).toEqual([...content.graphs()].map(({ name }) => name));
});

test("another failure is thrown at once", async () => {
  let loads = 0;
  const loading = loadedEngine("fails", content, (_, step) => {
    if (!step.startsWith("load ")) return;
    loads += 1;
    throw new Error("out of paper");
  });
  await expect(loading).rejects.toThrow("out of paper");
  expect(loads).toBe(1);
});

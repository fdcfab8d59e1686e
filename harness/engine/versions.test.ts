import { expect, test } from "vitest";
import { defaultVersion, encverOf, graphModuleVersion, moduleVersionText, publishedImage } from "./versions.ts";

test.each([
  [40200, 15],
  [40400, 16],
  [40811, 16],
  [41003, 17],
  [41200, 18],
  [41603, 18],
  [41800, 19],
  [42004, 19],
  [40000, undefined],
  [999999, undefined],
])("module %d writes encoding %s", (module, encver) => {
  expect(encverOf(module)).toBe(encver);
});

test("the default version agrees with the table and with its image", () => {
  expect(encverOf(defaultVersion.module)).toBe(defaultVersion.encver);
  expect(defaultVersion.image).toMatch(new RegExp(`:v${moduleVersionText(defaultVersion.module)}$`));
  expect(publishedImage({ ...defaultVersion, digest: "sha256:0123" })).toBe(`${defaultVersion.image}@sha256:0123`);
  expect(publishedImage({ ...defaultVersion, digest: undefined })).toBe(defaultVersion.image);
});

test("the graph module among others in MODULE LIST", () => {
  const vectors = ["name", "vectorset", "ver", 1, "path", "", "args", []];
  const graph = ["name", "graph", "ver", 41603, "path", "/falkordb.so", "args", []];
  expect(graphModuleVersion([vectors, graph])).toBe(41603);
  expect(graphModuleVersion([vectors])).toBeUndefined();
});

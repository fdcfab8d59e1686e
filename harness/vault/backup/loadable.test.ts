import { expect, it } from "vitest";
import type { Manifest } from "../store/manifest.ts";
import { whyNotLoadable } from "./loadable.ts";

it("names a graph whose name is not UTF-8, for every version, as no query reaches it", () => {
  const named = (bytes: number[]): ReturnType<typeof whyNotLoadable> => {
    const graphs = [{ name: Buffer.from(bytes).toString("utf8"), nodes: 1, edges: 0, schema: 0 }];
    const content = { graphs, schemas: [], udfLibraries: [], otherKeyCount: 0 };
    return whyNotLoadable({ content, source: { module: 41_800 } as Manifest["source"] });
  };
  expect(named([0x62, 0xff])).toEqual([expect.stringContaining('the name of the graph "b\u{FFFD}" is not UTF-8')]);
  expect(named([0xc3, 0xbc])).toEqual([]);
});

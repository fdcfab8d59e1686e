import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { controlsMapping } from "./controls.ts";

it("the mapping of the documentation is the one in every bundle", () => {
  const readme = readFileSync(new URL("README.md", import.meta.url), "utf8");
  expect(readme).toContain(controlsMapping());
  expect(controlsMapping().match(/Not shown: /g)).toHaveLength(5);
});

import { globSync } from "node:fs";
import { expect, it } from "vitest";
import { packageRoot } from "../harness/base/package.ts";
import { nightly } from "../vitest.config.ts";

it("each entry of the nightly tests names exactly one file", () => {
  const folders = "{harness,reports,fixtures,test,scenarios}";
  const found = nightly.map((entry) => globSync(entry.replace("**/", `${folders}/**/`), { cwd: packageRoot() }).length);
  expect(found).toEqual(nightly.map(() => 1));
});

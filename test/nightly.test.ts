import { globSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { describe, expect, it } from "vitest";
import { packageRoot } from "../harness/base/package.ts";
import { nightly } from "../vitest.config.ts";

describe("the nightly tests", () => {
  it("are named by entries that match one file each", () => {
    const folders = "{harness,reports,fixtures,test,scenarios}";
    const found = nightly.map(
      (entry) => globSync(entry.replace("**/", `${folders}/**/`), { cwd: packageRoot() }).length,
    );
    expect(found).toEqual(nightly.map(() => 1));
  });

  it("are in CONTRIBUTING.md, with what of them `npm test` runs", () => {
    const page = readFileSync(join(packageRoot(), "CONTRIBUTING.md"), "utf8");
    const rows = page.split("\n").filter((line) => line.startsWith("| `"));
    const nameOf = (entry: string): string =>
      entry.startsWith("scenarios/") ? entry.slice("scenarios/".length, -".scenario.ts".length) : basename(entry);
    expect(nightly.filter((entry) => !rows.some((row) => row.includes(`\`${nameOf(entry)}\``)))).toEqual([]);
  });
});

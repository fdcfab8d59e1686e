import { globSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { describe, expect, it } from "vitest";
import { packageRoot } from "../harness/base/package.ts";
import { nightly, partlyNightly } from "../vitest.config.ts";

const cwd = packageRoot();
const folders = "{harness,reports,fixtures,test}";
const read = (path: string): string => readFileSync(join(cwd, path), "utf8");

describe("the nightly tests", () => {
  it("are named by entries that match one file each", () => {
    const entries = [...nightly, ...partlyNightly];
    const found = entries.map((entry) => globSync(entry.replace("**/", `${folders}/**/`), { cwd }).length);
    expect(found).toEqual(entries.map(() => 1));
  });

  it("are in CONTRIBUTING.md, with what of them `npm test` runs", () => {
    const rows = read("CONTRIBUTING.md")
      .split("\n")
      .filter((line) => line.startsWith("| "));
    const isNamed = (entry: string): boolean => rows.some((row) => row.includes(basename(entry)));
    expect([...nightly, ...partlyNightly].filter((entry) => !isNamed(entry))).toEqual([]);
  });

  it("within a file are in a file that the night runs", () => {
    const asks = (path: string): boolean => read(path).includes("isNightly");
    const testFiles = globSync(`${folders}/**/*.test.ts`, { cwd, exclude: ["test/nightly.test.ts"] }).filter(asks);
    const ofKits = partlyNightly.filter((path) => path.includes("engine/embedded."));
    expect([...testFiles, ...ofKits].toSorted()).toEqual(partlyNightly.toSorted());
  });
});

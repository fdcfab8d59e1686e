// What would be packed. packed.integration.test.ts builds, installs and runs the package every night; `npm run types`
// checks a team's files in fixtures/example-team/ against our sources.
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { packageRoot } from "../harness/base/package.ts";
import { isTest } from "./sources.ts";

const root = packageRoot();

it("packs what runs and what is read, and no test", () => {
  const args = ["pack", "--dry-run", "--ignore-scripts", "--json"];
  const listed: unknown = JSON.parse(execFileSync("npm", args, { cwd: root, encoding: "utf8", stdio: "pipe" }));
  const [packed] = Object.values(listed as Record<string, { readonly files: readonly { readonly path: string }[] }>);
  const paths = packed?.files.map(({ path }) => path) ?? [];
  expect(paths).toEqual(
    expect.arrayContaining([
      "bin/falkordrill.js",
      "docs/glossary.md",
      "fixtures/image/build.sh",
      "schemas/policy.schema.json",
      "README.md",
      "CHANGELOG.md",
    ]),
  );
  expect(paths.filter((path) => isTest(path) || !existsSync(join(root, path)))).toEqual([]);
});

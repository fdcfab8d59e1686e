import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { writeWhole } from "./write-whole.ts";

const folder = mkdtempSync(join(tmpdir(), "falkordrill-whole-"));
afterAll(() => rmSync(folder, { recursive: true }));

it("syncs a file before it gets its name, and the folder after that", () => {
  const path = join(folder, "seen.json");
  const synced: (readonly string[])[] = [];
  const sync = (): void =>
    void synced.push(readdirSync(folder).map((name) => `${name} ${readFileSync(join(folder, name), "utf8")}`));
  writeWhole(path, "new", { sync });
  expect(synced).toEqual([[expect.stringMatching(/^seen\.json\.[0-9a-f]{12}\.partial new$/)], ["seen.json new"]]);
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

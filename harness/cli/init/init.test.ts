import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { loadConfig } from "../../drill/run/config.ts";
import { main } from "../main.ts";

let folder: string;
let printed: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "falkordrill-init-"));
  printed = "";
  vi.spyOn(process.stdout, "write").mockImplementation((text) => {
    printed += String(text);
    return true;
  });
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true });
});

it.each(["yaml", "json"])(
  "writes a configuration in %s that a drill takes, and programs that can be run",
  async (format) => {
    expect(await main(["init", folder, "--format", format])).toBe(0);
    const loaded = await loadConfig(join(folder, `falkordrill.config.${format}`));
    expect(loaded?.config.systems).toMatchObject({
      nightly: { backup: "./ops/backup.sh", restore: "./ops/restore.sh" },
    });
    expect(statSync(join(folder, "ops/backup.sh")).mode & 0o777).toBe(0o755);
    expect(printed).toContain("falkordrill.js run --dry-run");
  },
);

it("changes nothing that is there, and says so", async () => {
  const path = join(folder, "falkordrill.config.yaml");
  writeFileSync(path, "systems: {}\n");
  expect(await main(["init", folder, "--format", "yaml", "--json"])).toBe(0);
  expect(readFileSync(path, "utf8")).toBe("systems: {}\n");
  expect(JSON.parse(printed)).toMatchObject({ kept: ["falkordrill.config.yaml"] });
});

it("takes yaml where falkordrill is not installed, and names the formats for another one", async () => {
  vi.spyOn(process.stderr, "write").mockReturnValue(true);
  expect(await main(["init", folder, "--json"])).toBe(0);
  expect(printed).toContain("falkordrill.config.yaml");
  expect(await main(["init", folder, "--format", "toml"])).toBe(2);
});

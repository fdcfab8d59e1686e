import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";

const script = fileURLToPath(new URL("../scripts/licences.ts", import.meta.url));

async function checked(components: readonly object[]): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "falkordrill-licences-"));
  try {
    const file = join(folder, "sbom.cdx.json");
    await writeFile(file, JSON.stringify({ components }));
    const { stdout } = await promisify(execFile)(process.execPath, [script, file]);
    return stdout;
  } finally {
    await rm(folder, { recursive: true });
  }
}

const mit = { name: "good", version: "1.0.0", licenses: [{ license: { id: "MIT" } }] };

describe("licences of what is shipped", () => {
  it("accepts permissive ones, and counts them", async () => {
    expect(await checked([mit])).toContain("1 packages");
  });

  it.each([
    ["copyleft", [mit, { name: "other", version: "2.0.0", licenses: [{ license: { id: "GPL-3.0" } }] }], "other 2.0.0"],
    ["none", [{ name: "silent", version: "1.0.0" }], "no licence"],
    ["no component at all", [], "names no component"],
  ])("refuses: %s", async (_, components, message) => {
    await expect(checked(components)).rejects.toThrow(message);
  });
});

// A real other version: this commit once more, in a worktree of its own.
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { packageCommit, packageRoot } from "../../base/package.ts";
import { silentProgress } from "../../base/progress.ts";
import { otherVersion } from "./other-version.ts";
import { takeSample } from "./sample.ts";

const preparing = { progress: silentProgress, signal: AbortSignal.timeout(110_000) };

describe("another version", () => {
  it("is checked out, gives samples, and is gone afterwards", async () => {
    let root = "";
    {
      await using version = await otherVersion("HEAD", preparing);
      root = version.root;
      expect(version).toMatchObject({ label: "HEAD", commit: packageCommit() });
      const rows = await takeSample(root, {
        args: ["counts", "--nodes", "500", "--runs", "1"],
        timeoutMs: 100_000,
        signal: preparing.signal,
      });
      expect(rows.find(({ name }) => name === "bytes stored")?.value).toBeGreaterThan(1000);
    }
    expect(existsSync(root)).toBe(false);
    const worktrees = execFileSync("git", ["worktree", "list"], { cwd: packageRoot() }).toString();
    expect(worktrees).not.toContain(root);
  });

  it.each(["nothing-by-this-name", "--upload-pack=x", "1.2", "gone.tgz"])("called %s is refused", async (label) => {
    await expect(otherVersion(label, preparing)).rejects.toThrow(`--against ${label} is neither`);
  });
});

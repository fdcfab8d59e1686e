import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { initVault } from "./vault.ts";

const root = await mkdtemp(join(tmpdir(), "falkordrill-vault-"));
afterAll(() => rm(root, { recursive: true }));

it("a vault is not made within another one, however deep", async () => {
  await initVault(join(root, "one"));
  for (const within of ["two", "backups", "segments/deep/er"])
    await expect(initVault(join(root, "one", within))).rejects.toMatchObject({
      exit: "usage",
      message: `${join(root, "one")} is a vault, and another one cannot be within it`,
    });
  await expect(initVault(join(root, "one-more"))).resolves.toMatchObject({ where: join(root, "one-more") });
});

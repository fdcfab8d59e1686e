import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { idTimeMs, initVault, isBackupId, newBackupId } from "./vault.ts";

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

it("ids of backups sort by time, also within a second, and two of one moment differ", () => {
  const startMs = Date.parse("2026-12-01T12:28:49.000Z");
  const ids = Array.from({ length: 2000 }, (_, ms) => newBackupId(new Date(startMs + ms).toISOString()));
  expect(ids.filter((id) => !isBackupId(id))).toEqual([]);
  expect(ids.toSorted()).toEqual(ids);
  expect(ids.map((id) => idTimeMs(id) - startMs)).toEqual(ids.map((_, ms) => Math.floor(ms / 1000) * 1000));
  expect(newBackupId("2026-12-01T12:28:49Z").slice(0, 20)).toBe("20261201T122849Z-000");
  const moment = new Date(startMs).toISOString();
  expect(new Set(Array.from({ length: 20 }, () => newBackupId(moment))).size).toBe(20);
});

// Clear text and keys are kept out of every vault, also by a path through a symbolic link.
import { mkdir, readdir, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { type PrivateFolder, privateFolder } from "../../base/process/reaper.ts";
import { silentProgress } from "../../base/progress.ts";
import { RunDirectory } from "../../record/run-directory.ts";
import { initVault, openVault } from "../store/vault.ts";
import { writeRdb } from "../restore/write-rdb.ts";
import { Keyring } from "./keyring.ts";
import { isWithin } from "./outside-vaults.ts";

let root: PrivateFolder;
let vault: string;
let link: string;
const refusal = {
  exit: "usage",
  message: expect.stringMatching(/would be in the vault .*vault, and whoever/) as string,
};

beforeEach(async () => {
  root = await privateFolder("outside");
  [vault, link] = [join(root.path, "vault"), join(root.path, "link")];
  await initVault(vault);
  await mkdir(join(vault, "deep"));
  await symlink(join(vault, "deep"), link);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await root[Symbol.asyncDispose]();
});

it.each(["vault", "vault/deep", "link", "link/new/er"])("nothing is written into %s", async (place) => {
  const folder = join(root.path, place);
  const before = await readdir(vault, { recursive: true });
  const keyring = new Keyring(folder);
  await expect(keyring.generate("recipient", "interop", "interop")).rejects.toMatchObject(refusal);
  const { armor } = await key();
  await expect(keyring.import("recipient", "interop", armor)).rejects.toMatchObject(refusal);
  const context = { store: await openVault(vault), keyring };
  const request = { point: "latest", progress: silentProgress, signal: new AbortController().signal };
  await expect(writeRdb(context, request, join(folder, "dump.rdb"))).rejects.toMatchObject(refusal);
  expect(() => RunDirectory.create(folder)).toThrow("the run directory");
  expect(() => RunDirectory.mustBeFree(folder)).toThrow("the run directory");
  expect(await readdir(vault, { recursive: true })).toEqual(before);
});

it("no command opens a vault whose folder would hold its temporary files", async () => {
  vi.stubEnv("TMPDIR", link);
  expect(tmpdir()).toBe(link);
  await expect(openVault(vault)).rejects.toMatchObject({
    ...refusal,
    hint: expect.stringContaining("TMPDIR") as string,
  });
});

it("no vault is made within another one, also behind a link", async () => {
  await expect(initVault(join(link, "second"))).rejects.toMatchObject({ exit: "usage" });
});

it("what is beside a vault is not in it", async () => {
  expect(isWithin(`${vault}-keys`, vault)).toBe(false);
  expect(isWithin(join(link, "keys"), vault)).toBe(true);
  await new Keyring(`${vault}-keys`).generate("recipient", "interop", "interop");
});

async function key(): Promise<{ readonly armor: string }> {
  const ring = new Keyring(join(root.path, "elsewhere"));
  await ring.generate("recipient", "other", "interop");
  return { armor: await ring.export("recipient", "other", false) };
}

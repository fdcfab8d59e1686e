// A vault that is not what the key ring knows of it, or not its own.
import { cp, rm } from "node:fs/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { silentProgress } from "../../base/progress.ts";
import { Keyring } from "../keys/keyring.ts";
import { listBackupIds } from "../store/vault.ts";
import { type TestSource, testSource } from "../testing/test-source.ts";
import { createBackup } from "./backup.ts";

let source: TestSource;
beforeAll(async () => {
  source = await testSource();
});
afterAll(() => source[Symbol.asyncDispose]());

it("a backup into a vault that was put back to an older state is made, and names what is missing", async () => {
  const context = await source.newVault();
  const { signal } = new AbortController();
  const notes: string[] = [];
  const progress = { ...silentProgress, note: (line: string) => void notes.push(line) };
  const backUp = async (): Promise<string> =>
    (await createBackup(context, { source: source.source, coordinator: undefined, progress, signal })).point.id;
  await backUp();
  const { where } = context.store;
  await cp(where, `${where}-earlier`, { recursive: true });
  const lost = await backUp();
  expect(notes).toEqual([]);
  await rm(where, { recursive: true });
  await cp(`${where}-earlier`, where, { recursive: true });
  const made = await backUp();
  expect(notes).toEqual([
    expect.stringMatching(/^PROBLEM: .* was put back to an older state/),
    expect.stringContaining(`PROBLEM: ${lost} is missing`),
  ]);
  expect(await listBackupIds(context.store)).toContain(made);
});

it("a backup with a key ring that trusts nothing in the vault is refused, and adds nothing", async () => {
  const context = await source.newVault();
  const stranger = new Keyring(`${context.store.where}-stranger`);
  await stranger.generate("signer", "s", "interop");
  await stranger.generate("recipient", "r", "interop");
  const { signal } = new AbortController();
  const asked = { source: source.source, coordinator: undefined, progress: silentProgress, signal };
  await createBackup(context, asked);
  const before = await listBackupIds(context.store);
  await expect(createBackup({ ...context, keyring: stranger }, asked)).rejects.toMatchObject({
    exit: "usage",
    message: expect.stringContaining("trusts nothing in"),
  });
  expect(await listBackupIds(context.store)).toEqual(before);
});

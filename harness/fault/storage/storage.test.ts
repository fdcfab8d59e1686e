// Commands of a vault on a disk that fails: a sample of all operations and errors; `fault/storage` tries each of them.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import type { VaultCommand } from "../power-cut/power-cut.ts";
import { makeKeys, makeVault, pinAndUnpin, pruneTo, recordVerify } from "../power-cut/vault-commands.ts";
import { faultVault } from "../testing/fault-vault.ts";
import { failEverywhere } from "./fail-everywhere.ts";
import type { StorageKind } from "./failing-files.ts";

const { signal } = new AbortController();
const vault = await faultVault("storage");
const empty = join(vault.root, "empty");
mkdirSync(empty);
let copies = 0;

afterAll(() => vault[Symbol.asyncDispose]());

it.each<[VaultCommand, StorageKind]>([
  [vault.appendSegment, "ENOSPC"],
  [recordVerify, "EROFS"],
  [pruneTo(1), "EIO"],
  [pinAndUnpin, "EACCES"],
  [makeVault, "short-write"],
  [makeKeys, "EIO"],
])(
  "$name leaves the old or the new state on a disk that fails, says so, and succeeds afterwards",
  async (command, kind) => {
    const from = command === makeVault || command === makeKeys ? empty : vault.template;
    const folder = join(vault.root, `copy-${copies++}`);
    const runs = await failEverywhere(command, { from, folder, signal, kinds: [kind], every: 50 });
    expect(runs.length).toBeGreaterThan(0);
    expect(runs.filter(({ problems }) => problems.length > 0)).toEqual([]);
  },
);

// Commands of a vault on a disk that fails: a sample of all operations and errors; `fault/storage` tries each of them.
import { randomBytes } from "node:crypto";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type PrivateFolder, privateFolder } from "../../base/process/reaper.ts";
import { PartWorkers } from "../../vault/parts/part-workers.ts";
import { readBase, readChain } from "../../vault/chain/segments.ts";
import { nodeFiles } from "../../vault/store/file-operations.ts";
import { initVault, openVault } from "../../vault/store/vault.ts";
import { storeTestSegment } from "../../vault/testing/test-segments.ts";
import { storeTestChain } from "../../vault/testing/test-vault.ts";
import type { VaultCommand } from "../power-cut/power-cut.ts";
import {
  makeKeys,
  makeVault,
  pinAndUnpin,
  pruneTo,
  recordedKeyring,
  recordVerify,
} from "../power-cut/vault-commands.ts";
import { failEverywhere } from "./fail-everywhere.ts";
import type { StorageKind } from "./failing-files.ts";

const { signal } = new AbortController();
const workers = new PartWorkers();
let root: PrivateFolder;
let template: string;
let empty: string;
let base: string;
let copies = 0;

beforeAll(async () => {
  root = await privateFolder("storage");
  template = join(root.path, "template");
  empty = join(root.path, "empty");
  mkdirSync(empty);
  const place = {
    folder: template,
    vault: join(template, "vault"),
    files: nodeFiles,
    returned: () => Promise.resolve(),
  };
  await makeKeys.run(place);
  const store = await initVault(place.vault);
  base = await storeTestChain(store, recordedKeyring(place), "2026-11-20T12:00:00.000Z", { increments: 1 });
  await storeTestChain(store, recordedKeyring(place), "2026-11-21T12:00:00.000Z");
});
afterAll(async () => {
  await root[Symbol.asyncDispose]();
  await workers[Symbol.asyncDispose]();
});

const appendSegment: VaultCommand = {
  name: "segment",
  run: async (place) => {
    const store = await openVault(place.vault, place.files);
    let head = await readBase(store, base, recordedKeyring(place));
    for await (const segment of readChain(store, base, recordedKeyring(place))) head = segment.head;
    await storeTestSegment(store, recordedKeyring(place), head, randomBytes(300), {}, "interop", workers);
  },
};

it.each<[VaultCommand, StorageKind]>([
  [appendSegment, "ENOSPC"],
  [recordVerify, "EROFS"],
  [pruneTo(1), "EIO"],
  [pinAndUnpin, "EACCES"],
  [makeVault, "short-write"],
  [makeKeys, "EIO"],
])(
  "$name leaves the old or the new state on a disk that fails, says so, and succeeds afterwards",
  async (command, kind) => {
    const from = command === makeVault || command === makeKeys ? empty : template;
    const folder = join(root.path, `copy-${copies++}`);
    const runs = await failEverywhere(command, { from, folder, signal, kinds: [kind], first: 1, every: 50 });
    expect(runs.length).toBeGreaterThan(0);
    expect(runs.filter(({ problems }) => problems.length > 0)).toEqual([]);
  },
);

// The vault on which the tests try power cuts and disks that fail: a backup with an increment, and a newer backup.
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { privateFolder } from "../../base/process/reaper.ts";
import { readBase, readChain } from "../../vault/chain/segments.ts";
import { nodeFiles } from "../../vault/store/file-operations.ts";
import { initVault, openVault } from "../../vault/store/vault.ts";
import { storeTestSegment } from "../../vault/testing/test-segments.ts";
import { storeTestChain } from "../../vault/testing/test-vault.ts";
import { type VaultCommand, vaultOf } from "../power-cut/power-cut.ts";
import { makeKeys, recordedKeyring } from "../power-cut/vault-commands.ts";

export interface FaultVault extends AsyncDisposable {
  /** Folder for the test; it is removed with all that is in it. */
  readonly root: string;
  /** Folder in it with the vault and its keys, to be copied. */
  readonly template: string;
  /** Adds an increment to the older backup. */
  readonly appendSegment: VaultCommand;
}

export async function faultVault(name: string): Promise<FaultVault> {
  await using resources = new AsyncDisposableStack();
  const root = resources.use(await privateFolder(name)).path;
  const template = join(root, "template");
  const returned = (): Promise<void> => Promise.resolve();
  const place = { folder: template, vault: vaultOf(template), files: nodeFiles, returned };
  await makeKeys.run(place);
  const store = await initVault(place.vault);
  const base = await storeTestChain(store, recordedKeyring(place), "2026-11-20T12:00:00.000Z", { increments: 1 });
  await storeTestChain(store, recordedKeyring(place), "2026-11-21T12:00:00.000Z");
  const owned = resources.move();
  return {
    root,
    template,
    appendSegment: {
      name: "segment",
      run: async ({ folder, vault, files }) => {
        const appended = await openVault(vault, files);
        const keyring = recordedKeyring({ folder, files });
        let head = await readBase(appended, base, keyring);
        for await (const segment of readChain(appended, base, keyring)) head = segment.head;
        await storeTestSegment(appended, keyring, head, randomBytes(300));
      },
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

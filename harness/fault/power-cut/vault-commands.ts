// The commands that change a vault and need no server, each as a family of operations for a power cut.
import { join } from "node:path";
import { silentProgress } from "../../base/progress.ts";
import { Keyring } from "../../vault/keys/keyring.ts";
import { lockVault, useBackups } from "../../vault/locks/vault-lock.ts";
import { remember } from "../../vault/restore/verify.ts";
import { prune } from "../../vault/retention/prune.ts";
import { pin, unpin } from "../../vault/store/pin.ts";
import type { Store } from "../../vault/store/store.ts";
import { backupFolder, initVault, listBackupIds, openVault } from "../../vault/store/vault.ts";
import { cleanUp } from "./next-run.ts";
import type { CommandPlace, VaultCommand } from "./power-cut.ts";
import { keysName } from "./vault-state.ts";

const { signal } = new AbortController();

export function recordedKeyring({ folder, files }: Pick<CommandPlace, "folder" | "files">): Keyring {
  return new Keyring(join(folder, keysName), undefined, files);
}

export const makeKeys: VaultCommand = {
  name: "keys",
  run: async (place) => {
    const keyring = recordedKeyring(place);
    await keyring.generate("signer", "vault", "interop");
    await place.returned();
    await keyring.generate("recipient", "interop", "interop");
    await place.returned();
    // Replaces a public key by a pair, as on a machine that restores.
    const other = new Keyring(join(place.folder, "elsewhere"));
    await other.generate("recipient", "other", "interop");
    await keyring.import("recipient", "other", await other.export("recipient", "other", false));
    await place.returned();
    await keyring.import("recipient", "other", await other.export("recipient", "other", true));
  },
};

export const makeVault: VaultCommand = {
  name: "init",
  run: async ({ vault, files }) => void (await initVault(vault, files)),
};

/** A first record, and the one of a second verify in its place. */
export const recordVerify: VaultCommand = {
  name: "verify's record",
  run: async (place) => {
    const store = await opened(place);
    const point = await oldest(store);
    const record = async (ok: boolean): Promise<void> => {
      const found = { at: "2026-11-29T00:00:00.000Z", ok, problems: ok ? [] : ["it differs"], phases: [] };
      await remember({ store, keyring: recordedKeyring(place) }, point, found, signal);
    };
    await record(false);
    await place.returned();
    await record(true);
  },
};

export const pinAndUnpin: VaultCommand = {
  name: "pin",
  run: async (place) => {
    const store = await opened(place);
    const folder = backupFolder(await oldest(store));
    await pin(store, folder, "for the auditors", signal);
    await place.returned();
    await unpin(store, folder, signal);
  },
};

export const takeLocks: VaultCommand = {
  name: "locks",
  run: async (place) => {
    const store = await opened(place);
    {
      await using lock = await lockVault(store, "backup");
      await lock.renew();
      await using _lease = await useBackups(store, "restore", [await oldest(store)]);
    }
    await place.returned();
    await using _lease = await useBackups(store, "archive", [await oldest(store)]);
  },
};

export function pruneTo(last: number): VaultCommand {
  return {
    name: "prune",
    run: async (place) => {
      const request = { rules: { last }, zone: "UTC", dryRun: false, progress: silentProgress, signal };
      await prune({ store: await opened(place), keyring: recordedKeyring(place) }, request);
    },
  };
}

/** Removes what a crash left, and nothing else. */
export const cleanUpVault: VaultCommand = {
  name: "clean-up",
  run: async ({ folder, vault, files }) =>
    await cleanUp(await openVault(vault, files), recordedKeyring({ folder, files })),
};

function opened({ vault, files }: CommandPlace): Promise<Store> {
  return openVault(vault, files);
}

async function oldest(store: Store): Promise<string> {
  const [id] = await listBackupIds(store);
  if (id === undefined) throw new Error(`${store.where} has no backup`);
  return id;
}

// Rights on the vault: a user who may only read it, or only write to it, and a folder that belongs to somebody else or
// that everybody may write to.
import { chmod, chown, readdir } from "node:fs/promises";
import { join } from "node:path";
import { failingFiles } from "../storage/failing-files.ts";
import { nodeFiles } from "../../vault/store/file-operations.ts";
import { folderStore } from "../../vault/store/store-folder.ts";
import { explainStoreError } from "../../vault/store/store-folder-errors.ts";
import type { Store } from "../../vault/store/store.ts";
import { type Place, recovered, refused, type VaultAttack } from "./attack.ts";

const lost = "operator who lost a key" as const;
const storage = "malicious storage" as const;
const denied = refused(/the vault .* cannot be written or read: (?:EACCES|EROFS)/);

function readOnly({ store: { where } }: Place, kind: "EACCES" | "EROFS"): Promise<Pick<Place, "store">> {
  const { files } = failingFiles(nodeFiles, { kind, at: 1, lasts: true });
  return Promise.resolve({ store: folderStore(where, files) });
}

function writeOnly({ store }: Place): Promise<Pick<Place, "store">> {
  const refuse = async (path: string): Promise<never> => {
    const error = Object.assign(new Error("EACCES: permission denied"), { code: "EACCES" });
    throw await explainStoreError(store.where, Object.assign(error, { path: join(store.where, path) }));
  };
  const blind: Store = { ...store, get: refuse, list: refuse, listUnfinished: () => refuse("") };
  return Promise.resolve({ store: blind });
}

async function everything({ store: { where } }: Place, change: (path: string) => Promise<void>): Promise<void> {
  for (const name of ["", ...(await readdir(where, { recursive: true }))]) await change(join(where, name));
}

/** Only the superuser may make this so. */
const ofAnotherUser: readonly VaultAttack[] = [
  {
    role: storage,
    does: "owns the folder of the vault, as another user",
    prepare: (place) => everything(place, (path) => chown(path, 65_534, 65_534)),
    on: { list: recovered, audit: recovered, "restore latest": recovered, prune: recovered },
  },
];

export const accessAttacks: readonly VaultAttack[] = [
  {
    role: lost,
    does: "the right to write to the vault",
    prepare: (place) => readOnly(place, "EACCES"),
    on: {
      list: recovered,
      audit: recovered,
      verify: recovered,
      "restore by id": recovered,
      "restore latest": recovered,
      "restore a moment": recovered,
      "rdb-out": recovered,
      "keys drill": recovered,
      backup: denied,
      prune: denied,
      pin: denied,
      discard: denied,
      "keys rotate": denied,
    },
  },
  {
    role: lost,
    does: "all but a copy of the vault on a medium that cannot be written to",
    prepare: (place) => readOnly(place, "EROFS"),
    on: {
      list: recovered,
      verify: recovered,
      "restore latest": recovered,
      "restore a moment": recovered,
      prune: denied,
    },
  },
  {
    role: lost,
    does: "the right to read the vault",
    prepare: writeOnly,
    on: {
      list: denied,
      audit: denied,
      verify: denied,
      "restore by id": denied,
      "restore latest": denied,
      "rdb-out": denied,
      backup: denied,
      prune: denied,
      compact: denied,
      archive: denied,
      unlock: denied,
      "keys rotate": denied,
    },
  },
  {
    role: storage,
    does: "lets everybody write to the folder of the vault",
    prepare: (place) => everything(place, (path) => chmod(path, 0o777)),
    on: { list: recovered, audit: recovered, "restore latest": recovered, backup: recovered },
  },
  ...(process.getuid?.() === 0 ? ofAnotherUser : []),
];

// An operator who leaves, with copies of keys.
import { chown, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { silentProgress } from "../../base/progress.ts";
import { appendEntry } from "../../vault/catalogue/append.ts";
import { checkVault } from "../../vault/catalogue/check-vault.ts";
import { revokeKey } from "../../vault/keys/change-keys.ts";
import { Keyring, type KeyRole } from "../../vault/keys/keyring.ts";
import { reencrypt } from "../../vault/rotate/rotate.ts";
import { readManifest, writeManifest } from "../../vault/store/vault.ts";
import { detected, type Place, recovered, refused, undefended, type VaultAttack } from "./attack.ts";
import { copyAll, putBack } from "./change-vault.ts";

const { signal } = new AbortController();
const leaves = "operator who leaves" as const;

/** The owner takes out what the leaver had a copy of; the leaver's copy is `old-keys`. */
async function rotated(place: Place, role: KeyRole): Promise<Keyring> {
  const { store, keyring, folder } = place;
  const name = role === "signer" ? "s" : "a";
  const copy = new Keyring(join(folder, "old-keys"));
  await copy.import("recipient", "a", await keyring.export("recipient", "a", true));
  await copy.import("signer", "s", await keyring.export("signer", "s", true));
  await keyring.generate(role, "new", "interop");
  await keyring.retire(await keyring.held(role, name));
  await appendEntry({ store, keyring }, () => [{ does: "keys", why: `retired the ${role} ${name}` }]);
  await reencrypt({ store, keyring }, { progress: silentProgress, signal });
  await checkVault({ store, keyring });
  return copy;
}

export const leaverAttacks: readonly VaultAttack[] = [
  {
    role: leaves,
    does: "keeps a copy of a recipient's secret key; every backup was encrypted anew",
    prepare: (place) => rotated(place, "recipient"),
    on: {
      list: detected(/sees .* for the first time/),
      "restore latest": refused(/holds no secret key of this backup's recipients/),
      "rdb-out": refused(/holds no secret key of this backup's recipients/),
      "keys drill": detected(/was not tried: its secret key is not here/),
    },
  },
  {
    role: leaves,
    does: "keeps a copy of a recipient's secret key and of the vault as it was",
    prepare: async (place) => {
      const ring = await rotated(place, "recipient");
      await putBack(place.store, place.earlier);
      return ring;
    },
    on: { "restore latest": undefended("A stolen secret key of a recipient") },
  },
  {
    role: leaves,
    does: "keeps a copy of a recipient's secret key, which was only taken out of use",
    prepare: async (place) => {
      const { keyring, folder } = place;
      const copy = new Keyring(join(folder, "old-keys"));
      for (const held of ["signer", "recipient"] as const)
        await copy.import(held, "x", await keyring.export(held, held === "signer" ? "s" : "a", held === "recipient"));
      await keyring.retire(await keyring.held("recipient", "a"));
      return copy;
    },
    on: { "restore latest": undefended("old ones are safe only when they are") },
  },
  {
    role: leaves,
    does: "signs a backup of its own with a retired signer",
    prepare: async (place) => {
      const { store, keyring, newest } = place;
      const copy = await rotated(place, "signer");
      const [id = ""] = (await store.list("backups/")).flatMap(({ path }) =>
        path.endsWith("manifest.json") ? [path.split("/")[1] ?? ""] : [],
      );
      await copyAll(store, `backups/${id}/part-`, store, `backups/${newest}/part-`);
      const manifest = await readManifest(store, id, keyring);
      await writeManifest(store, { ...manifest, id: newest }, await copy.signer());
    },
    on: {
      list: detected(/is not in the catalogue|not signed/),
      "restore latest": refused(/is not in the catalogue|not signed/),
      prune: refused(/is not in the catalogue|not signed/),
    },
  },
  {
    role: leaves,
    does: "records in the catalogue with a retired signer",
    once: "list",
    prepare: async (place) => {
      const copy = await rotated(place, "signer");
      await copy.import("signer", "new", await place.keyring.export("signer", "new", false));
      const { store } = place;
      await appendEntry({ store, keyring: copy, signer: await copy.signer() }, () => [
        { does: "keys", why: "all is well" },
      ]);
    },
    on: {
      list: detected(/signed by a key that is out of use/),
      audit: detected(/signed by a key that is out of use/),
      "restore latest": refused(/signed by a key that is out of use/),
      prune: refused(/signed by a key that is out of use/),
    },
  },
  {
    role: leaves,
    does: "goes on making backups with a signer that was revoked",
    prepare: async (place) => {
      await revokeKey(place.keyring, "signer", "s", "its owner left");
    },
    on: {
      backup: refused(/signer key s .* cannot be used: it is revoked/),
      prune: refused(/is not signed by a key of the key ring/),
      "keys rotate": refused(/cannot be used: it is revoked/),
    },
  },
  {
    role: leaves,
    does: "leaves a key of a recipient that was revoked in the key ring",
    prepare: async (place) => {
      await revokeKey(place.keyring, "recipient", "b", "its owner left");
    },
    on: { backup: refused(/recipient key b .* cannot be used: it is revoked/), "restore latest": recovered },
  },
  {
    role: leaves,
    does: "put a signer of its own into the key ring before it left, as another user",
    once: "list",
    prepare: async (place) => {
      const own = new Keyring(join(place.folder, "own"));
      await own.generate("signer", "mine", "interop");
      const file = join(place.keyring.folder, "signer-mine.public.asc");
      await writeFile(file, await readFile(join(own.folder, "signer-mine.public.asc")), { mode: 0o600 });
      await chown(file, 12_345, 12_345);
    },
    on: {
      list: refused(/belongs to another user/),
      "restore latest": refused(/belongs to another user/),
      backup: refused(/belongs to another user/),
    },
  },
  {
    role: leaves,
    does: "exchanged the key ring for a link to a folder of its own",
    prepare: async (place) => {
      const own = new Keyring(join(place.folder, "own"));
      await own.generate("signer", "s", "interop");
      await chown(own.folder, 12_345, 12_345);
      await rm(place.keyring.folder, { recursive: true });
      await symlink(own.folder, place.keyring.folder);
    },
    on: {
      list: refused(/belongs to another user/),
      keys: refused(/belongs to another user/),
    },
  },
];

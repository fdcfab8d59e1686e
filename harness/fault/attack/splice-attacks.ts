// Malicious storage, which holds no key: it exchanges and changes what is there.
import { join } from "node:path";
import { Keyring } from "../../vault/keys/keyring.ts";
import { readManifest, writeManifest } from "../../vault/store/vault.ts";
import { detected, recovered, refused, type VaultAttack } from "./attack.ts";
import { flip, rewrite, segment, swap } from "./change-vault.ts";

const role = "malicious storage";
const part = "part-00000.zst.pgp";

export const spliceAttacks: readonly VaultAttack[] = [
  {
    role,
    does: "gives the newest backup under the name of the older one",
    prepare: async ({ store, older, newest }) => {
      for (const name of ["manifest.json", "manifest.json.asc"])
        await store.put(`backups/${older}/${name}`, (await store.get(`backups/${newest}/${name}`)) ?? Buffer.alloc(0));
    },
    on: {
      list: detected(/is the manifest of/),
      audit: detected(/is not the one that the catalogue records/),
      "restore an older one": refused(/is not the one that the catalogue records|is the manifest of/),
      "restore by id": recovered,
      "keys drill": refused(/is the manifest of/),
    },
  },
  {
    role,
    does: "swaps the parts of two backups",
    prepare: ({ store, older, newest }) => swap(store, `backups/${older}/${part}`, `backups/${newest}/${part}`),
    on: {
      verify: detected(/is not the part that the manifest signs for/),
      "restore by id": refused(/is not the part that the manifest signs for/),
      "restore an older one": refused(/is not the part that the manifest signs for/),
      "rdb-out": refused(/is not the part that the manifest signs for/),
      "keys rotate": refused(/is not the part that the manifest signs for/),
      "keys drill": detected(/is not the part that the manifest signs for|cannot be decrypted/),
    },
  },
  {
    role,
    does: "swaps two increments",
    prepare: async ({ store, newest }) => {
      for (const name of ["manifest.json", "manifest.json.asc", part])
        await swap(store, segment(newest, 2, name), segment(newest, 3, name));
    },
    on: {
      list: detected(/it is the manifest of segment 3/),
      verify: detected(/it is the manifest of segment 3/),
      "restore a moment": refused(/it is the manifest of segment 3|is not the one that the catalogue/),
      compact: refused(/it is the manifest of segment 3/),
      archive: refused(/it is the manifest of segment 2/),
    },
  },
  {
    role,
    does: "gives an increment of the older backup to the newest",
    prepare: async ({ store, older, newest }) => {
      for (const name of ["manifest.json", "manifest.json.asc", part])
        await store.put(segment(newest, 1, name), (await store.get(segment(older, 1, name))) ?? Buffer.alloc(0));
    },
    on: {
      list: detected(/it is the manifest of segment 1 of/),
      verify: detected(/it is the manifest of segment 1 of/),
      "restore a moment": refused(/it is the manifest of segment 1 of/),
      "restore by id": recovered,
    },
  },
  {
    role,
    does: "flips one bit in the last increment",
    prepare: ({ store, newest }) => rewrite(store, segment(newest, 3, part), flip),
    on: {
      verify: detected(/is not the part that the manifest signs for/),
      compact: refused(/is not the part that the manifest signs for/),
      "keys rotate": refused(/is not the part that the manifest signs for/),
    },
  },
  {
    role,
    does: "signs a changed manifest with a key of its own",
    prepare: async ({ store, keyring, folder, newest }) => {
      const own = new Keyring(join(folder, "own"));
      await own.generate("signer", "s", "interop");
      const manifest = await readManifest(store, newest, keyring);
      await writeManifest(store, { ...manifest, tool: "changed" }, await own.signer());
    },
    on: {
      list: detected(/is not signed by a key of the key ring/),
      verify: detected(/is not signed by a key of the key ring/),
      "restore latest": refused(/is not signed by a key of the key ring/),
      prune: detected(/is not signed by a key of the key ring/),
      archive: refused(/is not signed by a key of the key ring/),
    },
  },
];

// Stolen backup credentials (the signer's secret key, and the public keys of the recipients), and a thief of the vault.
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { appendEntry } from "../../vault/catalogue/append.ts";
import { changePassphrase } from "../../vault/keys/change-keys.ts";
import { Keyring, type KeyRole } from "../../vault/keys/keyring.ts";
import { readManifest, writeManifest } from "../../vault/store/vault.ts";
import { detected, noKeyring, type Place, recovered, refused, undefended, type VaultAttack } from "./attack.ts";
import { copyAll } from "./change-vault.ts";

interface Held {
  readonly role: KeyRole;
  readonly name: string;
  readonly secret: boolean;
}

/** A key ring of another machine, with some of the owner's keys. */
async function ringOf({ folder, keyring }: Place, keys: readonly Held[], passphrase?: string): Promise<Keyring> {
  const ring = new Keyring(join(folder, "other-keys"), passphrase);
  for (const { role, name, secret } of keys) await ring.import(role, name, await keyring.export(role, name, secret));
  return ring;
}

const hostKeys: readonly Held[] = [
  { role: "signer", name: "s", secret: true },
  { role: "recipient", name: "a", secret: false },
  { role: "recipient", name: "b", secret: false },
];
const noSecret = /holds no secret key of this backup's recipients/;
const wrongKeyring = /trusts nothing in .* may be the wrong one/;
const future = "20990101T000000Z-0badc0de";

/** A copy of the newest backup under another name, signed by the owner's signer. */
async function forge({ store, keyring, newest }: Place): Promise<string> {
  await copyAll(store, `backups/${newest}/part-`, store, `backups/${future}/part-`);
  const manifest = await readManifest(store, newest, keyring);
  const cut = { ...manifest.cut, at: "2099-01-01T00:00:00.000Z" };
  return await writeManifest(store, { ...manifest, id: future, createdAt: cut.at, cut }, await keyring.signer());
}

const credentials: readonly VaultAttack[] = [
  {
    role: "stolen backup credentials",
    does: "reads with the keys of the machine that makes backups",
    prepare: (place) => ringOf(place, hostKeys),
    on: {
      verify: refused(noSecret),
      "restore by id": refused(noSecret),
      "restore an older one": refused(noSecret),
      "restore latest": refused(noSecret),
      "restore a moment": refused(noSecret),
      "rdb-out": refused(noSecret),
      compact: refused(noSecret),
      "keys rotate": refused(noSecret),
      "keys drill": detected(/was not tried: its secret key is not here/),
    },
  },
  {
    role: "stolen backup credentials",
    does: "adds its own key to the recipients to read what is there",
    prepare: async (place) => {
      const ring = await ringOf(place, hostKeys);
      await ring.generate("recipient", "thief", "interop");
      return ring;
    },
    on: {
      "restore latest": refused(noSecret),
      "keys rotate": refused(/cannot be decrypted|holds no secret key/),
      "keys drill": detected(/was not tried/),
    },
  },
  {
    role: "stolen backup credentials",
    does: "signs a backup of the year 2099 and does not touch the catalogue",
    prepare: async (place) => void (await forge(place)),
    on: {
      list: detected(/is not in the catalogue: it was brought here from elsewhere/),
      audit: detected(/is not in the catalogue/),
      "restore latest": refused(/is not in the catalogue/),
      "restore a moment": refused(/is not in the catalogue/),
      "rdb-out": refused(/is not in the catalogue/),
      prune: refused(/is not in the catalogue/),
      "keys rotate": refused(/is not in the catalogue/),
      "restore by id": recovered,
    },
  },
  {
    role: "stolen backup credentials",
    does: "signs a backup of the year 2099 and records it in the catalogue",
    once: "restore latest",
    prepare: async (place) => {
      const sha256 = await forge(place);
      const ring = await ringOf(place, hostKeys);
      await appendEntry({ store: place.store, keyring: ring }, () => [{ does: "added", point: future, sha256 }]);
    },
    on: {
      list: detected(/lies in the future/),
      audit: detected(/lies in the future/),
      "restore latest": refused(/lies in the future/),
      "rdb-out": refused(/lies in the future/),
      prune: detected(/lies in the future/),
      "restore by id": recovered,
    },
  },
  {
    role: "stolen backup credentials",
    does: "removes the newest backup and records that as its own prune",
    prepare: async (place) => {
      const ring = await ringOf(place, hostKeys);
      for (const kind of ["backups", "segments"])
        for (const { path } of await place.store.list(`${kind}/${place.newest}/`)) await place.store.delete(path);
      await appendEntry({ store: place.store, keyring: ring }, () => [{ does: "removed", point: place.newest }]);
    },
    on: { list: undefended("Deletion of the vault"), "restore by id": refused(/has no backup/) },
  },
  {
    role: "stolen backup credentials",
    does: "is locked out: its signer was taken out of the key ring, and it signs on",
    prepare: async (place) => {
      await forge(place);
      await place.keyring.generate("signer", "new", "interop");
      for (const kind of ["public", "secret"]) await rm(join(place.keyring.folder, `signer-s.${kind}.asc`));
    },
    on: {
      list: detected(/is not signed by a key of the key ring/),
      "restore latest": refused(/is not signed by a key of the key ring/),
      prune: refused(/is not signed by a key of the key ring|cannot be trusted/),
    },
  },
];

const thief = "thief of the vault" as const;
const thieves: readonly VaultAttack[] = [
  {
    role: thief,
    does: "has every byte, and no key",
    prepare: ({ folder }) => Promise.resolve(new Keyring(join(folder, "nothing"))),
    on: {
      list: refused(noKeyring),
      verify: refused(noKeyring),
      "restore by id": refused(noKeyring),
      "restore latest": refused(noKeyring),
      "rdb-out": refused(noKeyring),
      compact: refused(noKeyring),
      "keys drill": refused(noKeyring),
    },
  },
  {
    role: thief,
    does: "makes keys of its own",
    prepare: async ({ folder }) => {
      const ring = new Keyring(join(folder, "thief"));
      await ring.generate("signer", "s", "interop");
      for (const name of ["a", "b"]) await ring.generate("recipient", name, "interop");
      return ring;
    },
    on: {
      list: refused(wrongKeyring),
      audit: refused(wrongKeyring),
      verify: detected(/is not signed by a key of the key ring/),
      "restore latest": refused(wrongKeyring),
      "restore a moment": refused(wrongKeyring),
      prune: refused(wrongKeyring),
      "keys rotate": refused(wrongKeyring),
      archive: refused(/is not signed/),
      "keys drill": refused(/is not signed/),
    },
  },
  {
    role: thief,
    does: "finds the public keys of the owner as well",
    prepare: (place) =>
      ringOf(
        place,
        hostKeys.map(({ role, name }) => ({ role, name, secret: false })),
      ),
    on: {
      verify: refused(noSecret),
      "restore latest": refused(noSecret),
      "rdb-out": refused(noSecret),
      prune: refused(/has no secret key to sign manifests with/),
      backup: refused(/has no secret key to sign manifests with/),
    },
  },
  {
    role: thief,
    does: "steals the key ring as well, and does not know its passphrase",
    prepare: async (place) => {
      const { keyring } = place;
      await changePassphrase(keyring, new Keyring(keyring.folder, "correct"), "correct");
      return new Keyring(keyring.folder, "guessed");
    },
    on: {
      verify: refused(/the passphrase does not open/),
      "restore latest": refused(/the passphrase does not open/),
      "restore a moment": refused(/the passphrase does not open/),
      "rdb-out": refused(/the passphrase does not open/),
      backup: refused(/the passphrase does not open/),
      "keys drill": refused(/the passphrase does not open/),
    },
  },
];

export const credentialAttacks: readonly VaultAttack[] = [...credentials, ...thieves];

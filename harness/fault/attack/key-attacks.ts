// Attacks in which keys are stolen, lost, or kept by somebody who left.
import { chmod, chown, readdir, readFile, rm, symlink, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { appendEntry } from "../../vault/catalogue/append.ts";
import { checkVault } from "../../vault/catalogue/check-vault.ts";
import { changePassphrase, revokeKey } from "../../vault/keys/change-keys.ts";
import { Keyring, type KeyRole } from "../../vault/keys/keyring.ts";
import { reencrypt } from "../../vault/rotate/rotate.ts";
import { silentProgress } from "../../base/progress.ts";
import { readManifest, writeManifest } from "../../vault/store/vault.ts";
import { detected, type Place, recovered, refused, undefended, type VaultAttack } from "./attack.ts";
import { copyAll, putBack } from "./change-vault.ts";

const { signal } = new AbortController();

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

const nothingTrusted = /has no public key to check manifests with/;
const thief = "thief of the vault" as const;
const thieves: readonly VaultAttack[] = [
  {
    role: thief,
    does: "has every byte, and no key",
    prepare: ({ folder }) => Promise.resolve(new Keyring(join(folder, "nothing"))),
    on: {
      list: refused(nothingTrusted),
      verify: detected(/is not signed by a key of the key ring|no public key/),
      "restore by id": refused(/cannot be trusted|no public key|not signed/),
      "restore latest": refused(/cannot be trusted|no public key|not signed/),
      "rdb-out": refused(/cannot be trusted|no public key|not signed/),
      compact: refused(/not signed|no public key/),
      "keys drill": refused(/not signed|no public key/),
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
      list: detected(/is not signed by a key of the key ring/),
      audit: detected(/cannot be trusted/),
      verify: detected(/is not signed by a key of the key ring/),
      "restore latest": refused(/cannot be trusted|is not signed/),
      "restore a moment": refused(/cannot be trusted|is not signed/),
      prune: refused(/cannot be trusted/),
      "keys rotate": refused(/cannot be trusted/),
      archive: refused(/is not signed/),
      "keys drill": refused(/is not signed/),
    },
  },
  {
    role: thief,
    does: "finds the public keys of the owner as well",
    prepare: (place) => ringOf(place, hostKeys.map((key) => ({ ...key, secret: false }))),
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

const lost = "operator who lost a key" as const;
const remove = async ({ keyring }: Place, ...names: readonly string[]): Promise<void> => {
  for (const name of names) await rm(join(keyring.folder, name));
};

const losses: readonly VaultAttack[] = [
  {
    role: lost,
    does: "the secret key of one recipient of two",
    prepare: (place) => remove(place, "recipient-a.secret.asc"),
    on: {
      verify: recovered,
      "restore latest": recovered,
      "restore a moment": recovered,
      "rdb-out": recovered,
      backup: recovered,
      "keys drill": detected(/that a \(.*\) opens .* was not tried/),
    },
  },
  {
    role: lost,
    does: "the secret keys of all recipients",
    prepare: (place) => remove(place, "recipient-a.secret.asc", "recipient-b.secret.asc"),
    on: {
      list: recovered,
      verify: refused(noSecret),
      "restore latest": refused(noSecret),
      "rdb-out": refused(noSecret),
      backup: recovered,
    },
  },
  {
    role: lost,
    does: "the secret key of the signer",
    prepare: (place) => remove(place, "signer-s.secret.asc"),
    on: {
      "restore latest": recovered,
      verify: recovered,
      backup: refused(/has no secret key to sign manifests with/),
      prune: refused(/has no secret key to sign manifests with/),
      "keys rotate": refused(/has no secret key to sign manifests with/),
    },
  },
  {
    role: lost,
    does: "the signer's public key, on a machine that restores",
    prepare: (place) => remove(place, "signer-s.secret.asc", "signer-s.public.asc"),
    on: {
      list: refused(nothingTrusted),
      "restore latest": refused(/cannot be trusted|no public key|not signed/),
      discard: refused(/trusts nothing in .* may be the wrong one|is missing|no public key/),
    },
  },
  {
    role: lost,
    does: "the passphrase",
    prepare: async ({ keyring }) => {
      await changePassphrase(keyring, new Keyring(keyring.folder, "forgotten"), "forgotten");
    },
    on: {
      list: recovered,
      "restore latest": refused(/needs its passphrase/),
      backup: refused(/needs its passphrase/),
      verify: refused(/needs its passphrase/),
    },
  },
  {
    role: lost,
    does: "the whole key ring, with what it remembers",
    prepare: ({ keyring }) => rm(keyring.folder, { recursive: true }),
    on: {
      list: refused(nothingTrusted),
      "restore latest": refused(/no public key|cannot be trusted|not signed/),
      backup: refused(/has no secret key to sign manifests with/),
    },
  },
  {
    role: lost,
    does: "only what the key ring remembers",
    prepare: async ({ keyring }) => {
      for (const name of await readdir(keyring.folder))
        if (name.startsWith("seen-")) await rm(join(keyring.folder, name));
    },
    on: { "restore latest": detected(/sees .* for the first time/), list: detected(/sees .* for the first time/) },
  },
  {
    role: lost,
    does: "what the key ring remembers, and the vault was put back",
    prepare: async ({ keyring, store, earlier }) => {
      for (const name of await readdir(keyring.folder))
        if (name.startsWith("seen-")) await rm(join(keyring.folder, name));
      await putBack(store, earlier);
    },
    on: {
      list: undefended("A rollback on a machine without memory"),
      "restore latest": detected(/sees .* for the first time, so there is nothing to compare/),
    },
  },
  {
    role: lost,
    does: "half of the file of a secret key",
    prepare: ({ keyring }) => truncate(join(keyring.folder, "recipient-a.secret.asc"), 200),
    on: {
      list: recovered,
      "restore latest": refused(/recipient-a.secret.asc is not an armored OpenPGP secret key/),
    },
  },
  {
    role: lost,
    does: "the file of a public key, which holds something else now",
    prepare: ({ keyring }) => writeFile(join(keyring.folder, "recipient-a.public.asc"), "something else"),
    on: {
      list: refused(/recipient-a.public.asc is not an OpenPGP key/),
      "restore latest": refused(/recipient-a.public.asc is not an OpenPGP key/),
      keys: refused(/recipient-a.public.asc is not an OpenPGP key/),
    },
  },
  {
    role: lost,
    does: "the modes of the key ring: others may write to it",
    prepare: ({ keyring }) => chmod(keyring.folder, 0o777),
    on: {
      list: refused(/others may write to the key ring/),
      "restore latest": refused(/others may write to the key ring/),
      backup: refused(/others may write to the key ring/),
      keys: refused(/others may write to the key ring/),
    },
  },
  {
    role: lost,
    does: "the modes of a secret key: others may read it",
    prepare: async ({ keyring }) => {
      for (const name of ["recipient-a", "recipient-b", "signer-s"])
        await chmod(join(keyring.folder, `${name}.secret.asc`), 0o644);
    },
    on: {
      "restore latest": refused(/others may read the secret key/),
      backup: refused(/others may read the secret key/),
    },
  },
];

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

const leavers: readonly VaultAttack[] = [
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
    prepare: async (place) => {
      const copy = await rotated(place, "signer");
      await copy.import("signer", "new", await place.keyring.export("signer", "new", false));
      const { store } = place;
      await appendEntry({ store, keyring: copy, signer: await copy.signer() }, () => [{ does: "keys", why: "all is well" }]);
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

export const keyAttacks: readonly VaultAttack[] = [...credentials, ...thieves, ...losses, ...leavers];

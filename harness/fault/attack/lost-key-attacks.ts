// Losses of an operator: keys, passphrases, modes, and what the key ring remembers.
import { chmod, readdir, rm, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { changePassphrase } from "../../vault/keys/change-keys.ts";
import { Keyring } from "../../vault/keys/keyring.ts";
import { detected, noKeyring, type Place, recovered, refused, undefended, type VaultAttack } from "./attack.ts";
import { putBack } from "./change-vault.ts";

const noSecret = /holds no secret key of this backup's recipients/;
const nothingTrusted = /has no public key to check manifests with/;
const lost = "operator who lost a key" as const;
const remove = async ({ keyring }: Place, ...names: readonly string[]): Promise<void> => {
  for (const name of names) await rm(join(keyring.folder, name));
};

export const lostKeyAttacks: readonly VaultAttack[] = [
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
      list: refused(noKeyring),
      "restore latest": refused(noKeyring),
      backup: refused(noKeyring),
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
    once: "restore latest",
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

// The keys of a vault, in a folder of their own outside of it: who can read or change the vault must not thereby be
// able to read a backup or to forge one. Secret keys are 0600. A machine that only backs up needs the public keys of
// the recipients and the secret key of the signer; one that restores, the secret key of a recipient and the public key
// of the signer.
import { mkdir, open, readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import * as openpgp from "openpgp";
import { DrillError, environmentError, messageOf, usageError } from "../../base/errors.ts";
import type { EncryptionProfile } from "./manifest.ts";
import { profileOfKey, sealConfig } from "./seal.ts";

export type KeyRole = "recipient" | "signer";

export interface KeyEntry {
  readonly role: KeyRole;
  readonly name: string;
  readonly fingerprint: string;
  readonly profile: EncryptionProfile;
  readonly hasSecret: boolean;
  readonly publicKey: openpgp.PublicKey;
}

const fileName = /^(recipient|signer)-([\w.-]+)\.(public|secret)\.asc$/;
const nameOk = /^[\w.-]{1,64}$/;
const fileMode = 0o600;

export class Keyring {
  readonly folder: string;
  readonly #passphrase: string | undefined;

  constructor(folder: string, passphrase?: string) {
    this.folder = folder;
    this.#passphrase = passphrase;
  }

  async list(): Promise<readonly KeyEntry[]> {
    const names = await readdir(this.folder).catch((): string[] => []);
    const entries: KeyEntry[] = [];
    for (const file of names.sort()) {
      const [, role, name, kind] = fileName.exec(file) ?? [];
      if (kind !== "public" || name === undefined) continue;
      const publicKey = await readPublic(join(this.folder, file));
      entries.push({
        role: role as KeyRole,
        name,
        fingerprint: publicKey.getFingerprint(),
        profile: await profileOfKey(publicKey),
        hasSecret: names.includes(`${role}-${name}.secret.asc`),
        publicKey,
      });
    }
    return entries;
  }

  async generate(role: KeyRole, name: string, profile: EncryptionProfile): Promise<KeyEntry> {
    checkName(name);
    const { privateKey, publicKey } = await openpgp.generateKey({
      userIDs: [{ name: `falkordrill ${role} ${name}` }],
      format: "object",
      ...(this.#passphrase === undefined ? {} : { passphrase: this.#passphrase }),
      // GnuPG 2.2 reads the older curve encodings and version 4 keys only.
      ...(profile === "interop"
        ? { type: "ecc", curve: role === "signer" ? "ed25519Legacy" : "curve25519Legacy" }
        : { type: "curve25519", config: { ...sealConfig, v6Keys: true, aeadProtect: true } }),
    });
    await this.#write(`${role}-${name}.secret.asc`, privateKey.armor());
    await this.#write(`${role}-${name}.public.asc`, publicKey.armor());
    return { role, name, fingerprint: publicKey.getFingerprint(), profile, hasSecret: true, publicKey };
  }

  /** Takes over a key from an armored file: a public key, or a secret one, which brings its public key with it. */
  async import(role: KeyRole, name: string, armored: string): Promise<KeyEntry> {
    checkName(name);
    const key = await openpgp.readKey({ armoredKey: armored }).catch((error: unknown) => {
      throw usageError(`the key to import is not an armored OpenPGP key: ${String(error)}`);
    });
    const publicKey = key.toPublic();
    if (role === "recipient") await publicKey.getEncryptionKey().catch(notFit("encrypt to"));
    else await publicKey.getSigningKey().catch(notFit("check signatures with"));
    if (key.isPrivate()) await this.#write(`${role}-${name}.secret.asc`, key.armor());
    await this.#write(`${role}-${name}.public.asc`, publicKey.armor());
    const fingerprint = publicKey.getFingerprint();
    return { role, name, fingerprint, profile: await profileOfKey(publicKey), hasSecret: key.isPrivate(), publicKey };
  }

  async export(role: KeyRole, name: string, secret: boolean): Promise<string> {
    checkName(name);
    const file = join(this.folder, `${role}-${name}.${secret ? "secret" : "public"}.asc`);
    return readFile(file, "utf8").catch((error: unknown) => {
      throw usageError(`the key ring has no such key: ${messageOf(error)}`, "See: falkordrill vault keys list");
    });
  }

  async recipients(profile: EncryptionProfile): Promise<readonly KeyEntry[]> {
    const found = (await this.list()).filter((entry) => entry.role === "recipient" && entry.profile === profile);
    if (found.length > 0) return found;
    throw usageError(
      `the key ring ${this.folder} has no recipient for the profile ${profile}`,
      `Make one with: falkordrill vault keys generate --profile ${profile}`,
    );
  }

  /** Every secret key that could open a backup for these recipients, unlocked. */
  async openers(fingerprints: readonly string[]): Promise<readonly openpgp.PrivateKey[]> {
    const held = (await this.list()).filter((entry) => entry.role === "recipient" && entry.hasSecret);
    const fit = held.filter((entry) => fingerprints.includes(entry.fingerprint));
    if (fit.length === 0)
      throw new DrillError(
        `the key ring ${this.folder} holds no secret key of this backup's recipients (${fingerprints.join(", ")})`,
        { exit: "environment", hint: "Import the secret key with: falkordrill vault keys import <file>" },
      );
    return Promise.all(fit.map((entry) => this.#unlocked("recipient", entry.name)));
  }

  async signer(): Promise<openpgp.PrivateKey> {
    const entry = (await this.list()).find((held) => held.role === "signer" && held.hasSecret);
    if (entry === undefined)
      throw usageError(
        `the key ring ${this.folder} has no secret key to sign manifests with`,
        "Make one with: falkordrill vault keys generate --role signer",
      );
    return this.#unlocked("signer", entry.name);
  }

  async verifiers(): Promise<readonly openpgp.PublicKey[]> {
    const found = (await this.list()).filter((entry) => entry.role === "signer").map((entry) => entry.publicKey);
    if (found.length > 0) return found;
    throw usageError(
      `the key ring ${this.folder} has no public key to check manifests with`,
      "Import the signer's public key with: falkordrill vault keys import --role signer <file>",
    );
  }

  async #unlocked(role: KeyRole, name: string): Promise<openpgp.PrivateKey> {
    return unlockKeyFile(join(this.folder, `${role}-${name}.secret.asc`), this.#passphrase);
  }

  async #write(file: string, text: string): Promise<void> {
    await mkdir(this.folder, { recursive: true, mode: 0o700 });
    const handle = await open(join(this.folder, file), "wx", fileMode).catch((error: unknown) => {
      throw usageError(`the key ring ${this.folder} already has ${file}: ${String(error)}`, "Choose another name.");
    });
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
  }
}

/** The secret key in a file that only its owner may read. */
export async function unlockKeyFile(file: string, passphrase: string | undefined): Promise<openpgp.PrivateKey> {
  const { mode } = await stat(file).catch((error: unknown) => {
    throw usageError(`the secret key cannot be read: ${messageOf(error)}`);
  });
  if ((mode & 0o077) !== 0) throw environmentError(`others may read the secret key ${file}`, `Run: chmod 600 ${file}`);
  return unlockKey(await readFile(file, "utf8"), passphrase, `the secret key ${file}`);
}

/** `what` names the key in errors; its text never stands there. */
export async function unlockKey(
  armored: string,
  passphrase: string | undefined,
  what: string,
): Promise<openpgp.PrivateKey> {
  const privateKey = await openpgp.readPrivateKey({ armoredKey: armored }).catch((error: unknown) => {
    throw new DrillError(`${what} is not an armored OpenPGP secret key`, { exit: "usage", cause: error });
  });
  if (privateKey.isDecrypted()) return privateKey;
  if (passphrase === undefined)
    throw usageError(`${what} needs its passphrase`, "Give --passphrase-file or --passphrase-fd.");
  return openpgp.decryptKey({ privateKey, passphrase }).catch((error: unknown) => {
    throw new DrillError(`the passphrase does not open ${what}`, { exit: "usage", cause: error });
  });
}

async function readPublic(file: string): Promise<openpgp.PublicKey> {
  try {
    return await openpgp.readKey({ armoredKey: await readFile(file, "utf8") });
  } catch (error) {
    throw new DrillError(`${file} is not an OpenPGP public key`, { exit: "environment", cause: error });
  }
}

function checkName(name: string): void {
  if (!nameOk.test(name)) throw usageError(`"${name}" is not a key name: letters, digits, dot, dash, at most 64`);
}

function notFit(purpose: string): (error: unknown) => never {
  return (error) => {
    throw usageError(`the key to import cannot be used to ${purpose}: ${String(error)}`);
  };
}

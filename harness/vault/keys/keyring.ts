// The keys of a vault, in a folder outside of it: read or write access to the vault must not be enough to read a backup
// or to forge one. Secret keys are 0600. A machine that only backs up needs the public keys of the recipients and the
// secret key of the signer; one that restores needs the secret key of a recipient and the public key of the signer.
import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import * as openpgp from "openpgp";
import { systemClock } from "../../base/clock.ts";
import { DrillError, environmentError, errorMessage, usageError } from "../../base/errors.ts";
import { lacksKey, othersMayWrite, readPublic, refuseMode, unlockKeyFile, unusableKey } from "./key-files.ts";
import { refuseRingInVault } from "./outside-vaults.ts";
import { checkSignature, whyUnusable } from "./key-use.ts";
import type { EncryptionProfile } from "../store/manifest.ts";
import { profileOfKey, sealConfig } from "../parts/seal.ts";
import { type FileOperations, nodeFiles } from "../store/file-operations.ts";
import { type DurableDisk, isTemporary, writeDurably } from "../store/write-durably.ts";

export type KeyRole = "recipient" | "signer";

export interface KeyEntry {
  readonly role: KeyRole;
  readonly name: string;
  readonly fingerprint: string;
  readonly profile: EncryptionProfile;
  readonly hasSecret: boolean;
  /** Opens backups or checks signatures, and nothing new is encrypted to it or signed by it. */
  readonly retired?: true;
  readonly publicKey: openpgp.PublicKey;
}

const fileName = /^(retired-)?(recipient|signer)-([\w.-]+)\.(public|secret)\.asc$/;
const nameOk = /^[\w.-]{1,64}$/;
/** Another process may be writing a younger file. */
const unfinishedMinMs = 600_000;

export class Keyring {
  readonly folder: string;
  readonly #passphrase: string | undefined;
  readonly #disk: DurableDisk;

  constructor(folder: string, passphrase?: string, files: FileOperations = nodeFiles) {
    this.folder = folder;
    this.#passphrase = passphrase;
    this.#disk = { files, anchored: new Set() };
  }

  async list(): Promise<readonly KeyEntry[]> {
    const names = new Set(await this.#files());
    const entries: KeyEntry[] = [];
    for (const file of [...names].sort()) {
      const [, prefix = "", role, name, kind] = fileName.exec(file) ?? [];
      if (name === undefined) continue;
      // A secret key holds its public half, whose own file may be missing.
      if (kind === "secret" && names.has(`${prefix}${role}-${name}.public.asc`)) continue;
      const publicKey = await readPublic(join(this.folder, file));
      entries.push({
        role: role as KeyRole,
        name,
        fingerprint: publicKey.getFingerprint(),
        profile: await profileOfKey(publicKey),
        hasSecret: names.has(`${prefix}${role}-${name}.secret.asc`),
        ...(prefix === "" ? {} : { retired: true }),
        publicKey,
      });
    }
    return entries;
  }

  async generate(
    role: KeyRole,
    name: string,
    profile: EncryptionProfile,
    { validMs }: { readonly validMs?: number } = {},
  ): Promise<KeyEntry> {
    checkName(name);
    await this.#removeLeft();
    await this.#mustBeNew(role, name);
    const { privateKey, publicKey } = await openpgp.generateKey({
      userIDs: [{ name: `falkordrill ${role} ${name}` }],
      format: "object",
      ...(this.#passphrase === undefined ? {} : { passphrase: this.#passphrase }),
      ...(validMs === undefined ? {} : { keyExpirationTime: Math.ceil(validMs / 1000) }),
      // GnuPG 2.2 reads the older curve encodings and version 4 keys only.
      ...(profile === "interop"
        ? { type: "ecc", curve: role === "signer" ? "ed25519Legacy" : "curve25519Legacy" }
        : { type: "curve25519", config: { ...sealConfig, v6Keys: true, aeadProtect: true } }),
    });
    await this.#write(`${role}-${name}.secret.asc`, privateKey.armor());
    await this.#write(`${role}-${name}.public.asc`, publicKey.armor());
    return { role, name, fingerprint: publicKey.getFingerprint(), profile, hasSecret: true, publicKey };
  }

  /** Imports a key from an armored file: a public key, or a secret one, which brings its public key with it. */
  async import(role: KeyRole, name: string, armored: string): Promise<KeyEntry> {
    checkName(name);
    await this.#removeLeft();
    const key = await openpgp.readKey({ armoredKey: armored }).catch((error: unknown) => {
      throw usageError(`the key to import is not an armored OpenPGP key: ${errorMessage(error)}`);
    });
    const updated = await this.#updated(role, name, key);
    if (updated !== undefined) return updated;
    const publicKey = key.toPublic();
    if (role === "recipient") await publicKey.getEncryptionKey().catch(notFit("encrypt to"));
    else await publicKey.getSigningKey().catch(notFit("check signatures with"));
    const fingerprint = publicKey.getFingerprint();
    const held = (await this.list()).find((entry) => entry.role === role && entry.name === name);
    const addsItsSecret = held?.fingerprint === fingerprint && !held.hasSecret && key.isPrivate();
    if (!addsItsSecret) await this.#mustBeNew(role, name);
    if (key.isPrivate()) await this.#write(`${role}-${name}.secret.asc`, key.armor());
    if (!addsItsSecret) await this.#write(`${role}-${name}.public.asc`, publicKey.armor());
    return { role, name, fingerprint, profile: await profileOfKey(publicKey), hasSecret: key.isPrivate(), publicKey };
  }

  /** A revocation, or a longer validity, of a key that is there. */
  async #updated(role: KeyRole, name: string, key: openpgp.Key): Promise<KeyEntry | undefined> {
    const held = (await this.list()).find((entry) => entry.role === role && entry.name === name);
    if (held === undefined || key.isPrivate() || held.fingerprint !== key.getFingerprint()) return undefined;
    const publicKey = await held.publicKey.update(key.toPublic());
    if (publicKey.armor() === held.publicKey.armor()) return undefined;
    await writeDurably(this.#disk, join(this.folder, fileOf(held, "public")), publicKey.armor(), "rename");
    return { ...held, publicKey };
  }

  async export(role: KeyRole, name: string, secret: boolean): Promise<string> {
    checkName(name);
    const held = (await this.list()).find((entry) => entry.role === role && entry.name === name);
    if (held === undefined || (secret && !held.hasSecret)) {
      const which = `${secret ? "secret" : "public"} key ${name} of a ${role}`;
      throw usageError(`the key ring ${this.folder} has no ${which}`, "See: falkordrill vault keys list");
    }
    return secret ? readFile(this.#secretFile(held), "utf8") : held.publicKey.armor();
  }

  async recipients(profile: EncryptionProfile): Promise<readonly KeyEntry[]> {
    const found = (await this.list()).filter(
      (entry) => entry.role === "recipient" && entry.profile === profile && entry.retired !== true,
    );
    for (const { name, publicKey } of found) {
      const why = await whyUnusable(publicKey, "recipient");
      // If it were skipped silently, its owner could not open the backup when it is needed.
      if (why !== undefined) throw unusableKey(this.folder, "recipient", name, why);
    }
    if (found.length > 0) return found;
    throw await lacksKey(
      this.folder,
      `has no recipient for the profile ${profile}`,
      `Make one with: falkordrill vault keys generate --profile ${profile}`,
    );
  }

  /** Every secret key that could open a backup for these recipients, unlocked. */
  async openers(fingerprints: readonly string[]): Promise<readonly openpgp.PrivateKey[]> {
    const held = (await this.list()).filter((entry) => entry.role === "recipient" && entry.hasSecret);
    const fit = held.filter((entry) => fingerprints.includes(entry.fingerprint));
    if (fit.length === 0)
      throw await lacksKey(
        this.folder,
        `holds no secret key of this backup's recipients (${fingerprints.join(", ")})`,
        "Import the secret key with: falkordrill vault keys import <file>",
        "environment",
      );
    return Promise.all(fit.map((entry) => this.unlocked(entry)));
  }

  async signer(): Promise<openpgp.PrivateKey> {
    const held = (await this.list()).filter(
      (entry) => entry.role === "signer" && entry.hasSecret && entry.retired !== true,
    );
    let refusal: DrillError | undefined;
    for (const entry of held) {
      const why = await whyUnusable(entry.publicKey, "signer");
      if (why === undefined) return this.unlocked(entry);
      refusal ??= unusableKey(this.folder, "signer", entry.name, why);
    }
    throw (
      refusal ??
      (await lacksKey(
        this.folder,
        "has no secret key to sign manifests with",
        "Is it the right one (--keys)? If it is, make one with: falkordrill vault keys generate --role signer",
      ))
    );
  }

  async verifiers(): Promise<readonly openpgp.PublicKey[]> {
    const found = (await this.list()).filter((entry) => entry.role === "signer").map((entry) => entry.publicKey);
    if (found.length > 0) return found;
    throw await lacksKey(
      this.folder,
      "has no public key to check manifests with",
      "Import the signer's public key with: falkordrill vault keys import --role signer <file>",
    );
  }

  /** Throws unless a key that this key ring trusts has signed exactly these bytes. */
  async mustHaveSigned(bytes: Uint8Array, signature: string): Promise<void> {
    await checkSignature(await this.verifiers(), bytes, signature);
  }

  /** The secret key of one entry. */
  unlocked(entry: KeyEntry): Promise<openpgp.PrivateKey> {
    return unlockKeyFile(this.#secretFile(entry), this.#passphrase);
  }

  #secretFile(entry: KeyEntry): string {
    return join(this.folder, fileOf(entry, "secret"));
  }

  /** The key with this name that is in use; throws where there is none. */
  async held(role: KeyRole, name: string): Promise<KeyEntry> {
    const found = (await this.list()).find(
      (entry) => entry.role === role && entry.name === name && entry.retired !== true,
    );
    if (found !== undefined) return found;
    throw usageError(`the key ring ${this.folder} has no ${role} ${name} in use`, "See: falkordrill vault keys list");
  }

  /** Keeps a key for what it encrypted or signed, and takes it out of use. */
  async retire(entry: KeyEntry): Promise<void> {
    const retired = { ...entry, retired: true } as const;
    // Copies first: a crash must never lose a secret key.
    if (entry.hasSecret) await this.#write(fileOf(retired, "secret"), await readFile(this.#secretFile(entry), "utf8"));
    await this.#write(fileOf(retired, "public"), entry.publicKey.armor());
    for (const kind of ["public", "secret"] as const)
      await this.#disk.files.unlink(join(this.folder, fileOf(entry, kind))).catch(() => {});
    await this.#disk.files.syncFolder(this.folder);
  }

  /** Stores another form of the same key: revoked, or with another passphrase. */
  async replace(entry: KeyEntry, key: openpgp.Key): Promise<void> {
    if (key.isPrivate()) await writeDurably(this.#disk, this.#secretFile(entry), key.armor(), "rename");
    await writeDurably(this.#disk, join(this.folder, fileOf(entry, "public")), key.toPublic().armor(), "rename");
  }

  /** Two keys under one name would be the public half of one and the secret half of the other. */
  async #mustBeNew(role: KeyRole, name: string): Promise<void> {
    if ((await this.list()).some((entry) => entry.role === role && entry.name === name))
      throw usageError(`the key ring ${this.folder} already has a ${role} ${name}`, "Choose another name.");
  }

  /** Names of the files in the folder, which only its owner may change. */
  async #files(): Promise<readonly string[]> {
    try {
      const names = await readdir(this.folder);
      await refuseMode(this.folder, othersMayWrite, `others may write to the key ring ${this.folder}`, "700");
      return names;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
      throw error instanceof DrillError
        ? error
        : environmentError(
            `the key ring ${this.folder} cannot be read: ${errorMessage(error)}`,
            "Give this user read permission there, and check its disk.",
            error,
          );
    }
  }

  /** When this returns, the file survives a power cut: a backup may be encrypted to it from now on. */
  async #write(file: string, text: string): Promise<void> {
    refuseRingInVault(this.folder);
    try {
      await writeDurably(this.#disk, join(this.folder, file), text, "link");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "EEXIST")
        throw usageError(`the key ring ${this.folder} already has ${file}`, "Choose another name.");
      throw environmentError(
        `the key ring ${this.folder} cannot be written to: ${errorMessage(error)}`,
        "Make room and give this user write permission there, then run it again.",
        error,
      );
    }
  }

  /** Removes the half-written keys of crashed runs. */
  async #removeLeft(): Promise<void> {
    for (const name of (await this.#files()).filter(isTemporary)) {
      const path = join(this.folder, name);
      const entry = await stat(path).catch(() => undefined);
      const isLeft = entry !== undefined && entry.mtimeMs < systemClock.nowMs() - unfinishedMinMs;
      if (isLeft) await this.#disk.files.unlink(path).catch(() => {});
    }
  }
}

function fileOf(
  { role, name, retired }: Pick<KeyEntry, "role" | "name" | "retired">,
  kind: "public" | "secret",
): string {
  return `${retired === true ? "retired-" : ""}${role}-${name}.${kind}.asc`;
}

function checkName(name: string): void {
  if (!nameOk.test(name)) throw usageError(`"${name}" is not a key name: letters, digits, dot, dash, at most 64`);
}

function notFit(purpose: string): (error: unknown) => never {
  return (error) => {
    throw usageError(`the key to import cannot be used to ${purpose}: ${errorMessage(error)}`);
  };
}

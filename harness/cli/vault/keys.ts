// `vault keys`: the key ring of a vault. A machine that backs up needs only public keys of recipients and the secret
// key of the signer; keep the secret keys of recipients where backups are restored.
import { resolve } from "node:path";
import { readFile } from "node:fs/promises";
import type { Command } from "commander";
import { errorMessage, usageError } from "../../base/errors.ts";
import { whyUnusable } from "../../vault/keys/key-use.ts";
import type { KeyEntry } from "../../vault/keys/keyring.ts";
import { parseAge } from "../../vault/retention/retention.ts";
import { registerVaultKeyChanges } from "./key-changes.ts";
import { keyringOf, print, profileOf, roleOf, vaultCommand, type VaultFlags } from "./options.ts";

const dayMs = 86_400_000;

interface KeyFlags extends VaultFlags {
  readonly role: string;
  readonly name?: string;
  readonly profile: string;
  readonly secret?: boolean;
  readonly valid?: string;
}

export function registerVaultKeys(vault: Command): void {
  const keys = vault.command("keys").description("the keys of a vault");
  vaultCommand(keys, "list", "list the keys").action(listKeys);
  vaultCommand(keys, "generate", "make a key pair; with a passphrase the secret key is locked with it")
    .option(
      "--role <role>",
      "recipient (backups are encrypted to it), signer (manifests are signed by it)",
      "recipient",
    )
    .option("--name <name>", "name in the key ring (default: the profile)")
    .option("--profile <name>", "interop, modern", "interop")
    .option("--valid <age>", "the key expires after this time, such as 52w; by default never")
    .action(generateKey);
  registerVaultKeyChanges(keys);
  vaultCommand(keys, "import <file>", "take over an armored OpenPGP key; each backup goes to every recipient")
    .option("--role <role>", "recipient, signer", "recipient")
    .requiredOption("--name <name>", "name in the key ring")
    .action(importKey);
  vaultCommand(keys, "export <name>", "print an armored key")
    .option("--role <role>", "recipient, signer", "recipient")
    .option("--secret", "the secret key, as it is stored (locked, if it has a passphrase)")
    .action(exportKey);
}

async function listKeys(flags: KeyFlags): Promise<void> {
  const keys = await Promise.all((await (await keyringOf(flags)).list()).map(described));
  const lines = keys.length === 0 ? ["no keys yet"] : keys.map((key) => key.line);
  print(flags, { keys: keys.map(({ document }) => document) }, lines);
}

async function described(entry: KeyEntry): Promise<{ readonly document: object; readonly line: string }> {
  const unusable = await whyUnusable(entry.publicKey, entry.role);
  const warning = unusable === undefined ? "" : `  CANNOT BE USED: ${unusable}`;
  return { document: { ...shown(entry), unusable }, line: `${line(entry)}${warning}` };
}

async function generateKey(flags: KeyFlags): Promise<void> {
  const profile = profileOf(flags.profile);
  const valid = flags.valid === undefined ? {} : { validMs: ageMs(flags.valid) };
  const entry = await (await keyringOf(flags)).generate(roleOf(flags.role), flags.name ?? profile, profile, valid);
  print(flags, shown(entry), [line(entry)]);
}

async function importKey(file: string, flags: KeyFlags): Promise<void> {
  const armored = await readFile(resolve(file), "utf8").catch((error: unknown) => {
    throw usageError(`cannot read the key: ${errorMessage(error)}`);
  });
  const entry = await (await keyringOf(flags)).import(roleOf(flags.role), flags.name ?? "", armored);
  print(flags, shown(entry), [line(entry)]);
}

async function exportKey(name: string, flags: KeyFlags): Promise<void> {
  const armored = await (await keyringOf(flags)).export(roleOf(flags.role), name, flags.secret === true);
  // Line by line, as it is imported again.
  print(flags, { key: armored }, armored.trimEnd().split(/\r?\n/));
}

function ageMs(text: string): number {
  const { days, ms } = parseAge(text);
  return days * dayMs + ms;
}

function shown({ publicKey: _publicKey, ...rest }: KeyEntry): Omit<KeyEntry, "publicKey"> {
  return rest;
}

function line({ role, name, profile, fingerprint, hasSecret, retired }: KeyEntry): string {
  return `${role.padEnd(9)}  ${name.padEnd(16)}  ${profile.padEnd(7)}  ${fingerprint}  ${hasSecret ? "secret key here" : "public only"}${retired === true ? ", retired" : ""}`;
}

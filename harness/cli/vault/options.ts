// What all `vault` commands have in common: the vault, its key ring, and a passphrase that never appears in argv.
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import type { Command } from "commander";
import { environment } from "../../base/environment.ts";
import { errorMessage, usageError } from "../../base/errors.ts";
import { pasteable } from "../../base/invocation.ts";
import { paintedLine } from "../../base/one-line.ts";
import type { BackupContext } from "../../vault/backup/backup.ts";
import { encryptionProfiles, type EncryptionProfile } from "../../vault/store/manifest.ts";
import { type KeyRole, Keyring } from "../../vault/keys/keyring.ts";
import { readSecretFile } from "../../base/files/secret-file.ts";
import { keyringBeside } from "../../system/reference/reference.ts";
import { isS3Url, parseS3Url, type VaultSide, withFlagsOf } from "../../vault/store/s3/s3-place.ts";
import { openVault, type VaultPlace } from "../../vault/store/vault.ts";
import { partBytesDefault } from "../../vault/parts/write-parts.ts";

export interface VaultFlags {
  readonly vault?: string | undefined;
  readonly endpoint?: string | undefined;
  readonly region?: string | undefined;
  /** Which vault it is, where a command has several. */
  readonly side?: VaultSide;
  /** Name of an AWS profile, where a command has two vaults. */
  readonly awsProfile?: string | undefined;
  readonly keys?: string;
  readonly passphraseFile?: string;
  readonly passphraseFd?: string;
  readonly json?: boolean;
}

export function vaultCommand(parent: Command, nameAndArgs: string, description: string): Command {
  return parent
    .command(nameAndArgs)
    .description(description)
    .requiredOption("--vault <place>", "folder of the vault, or s3://bucket/prefix")
    .option("--endpoint <url>", "address of an S3 store that is not Amazon's (default: AWS_ENDPOINT_URL)")
    .option("--region <name>", "region of the bucket (default: AWS_REGION, or what the AWS profile says)")
    .option("--keys <dir>", "folder of the key ring (default: <vault>-keys; needed for s3://)")
    .option("--passphrase-file <file>", "file that holds the passphrase of the secret keys")
    .option("--passphrase-fd <n>", "file descriptor to read that passphrase from, e.g. 3 with 3< <(pass show backup)")
    .option("--json", "print one JSON document on stdout");
}

export function givenVault(flags: VaultFlags): VaultPlace {
  const { vault, endpoint = environment().s3Endpoint, region, awsProfile: profile, side } = flags;
  if (vault === undefined)
    throw usageError("no vault is named", "Give --vault <folder> or --vault s3://bucket/prefix.");
  if (isS3Url(vault)) return parseS3Url(vault, { endpoint, region, profile, side });
  const stray = withFlagsOf(side, flags.endpoint === undefined ? "--region" : "--endpoint");
  if (flags.endpoint !== undefined || region !== undefined)
    throw usageError(
      `${stray} goes with a vault on S3, and ${vault} is a folder`,
      withFlagsOf(side, "Give --vault s3://bucket/prefix."),
    );
  return resolve(vault);
}

export async function keyringOf(flags: VaultFlags): Promise<Keyring> {
  const folder = resolve(flags.keys ?? keyringBeside(givenVault(flags)));
  return new Keyring(folder, await passphraseOf(flags));
}

export async function passphraseOf(
  flags: Pick<VaultFlags, "passphraseFile" | "passphraseFd">,
): Promise<string | undefined> {
  const { passphraseFile: file, passphraseFd: fd } = flags;
  if (file !== undefined && fd !== undefined) throw usageError("give --passphrase-file or --passphrase-fd, not both");
  if (file === undefined && fd === undefined) return undefined;
  const text = file === undefined ? readDescriptor(fd ?? "") : await readSecretFile(file);
  const passphrase = text.replace(/\r?\n$/, "");
  if (passphrase === "") throw usageError("the passphrase is empty");
  return passphrase;
}

/** What a backup and an archive write with. */
export async function backupContextOf(flags: VaultFlags & { readonly profile: string }): Promise<BackupContext> {
  const store = await openVault(givenVault(flags));
  const [keyring, profile] = [await keyringOf(flags), profileOf(flags.profile)];
  return { store, keyring, profile, partBytes: partBytesDefault };
}

function readDescriptor(text: string): string {
  if (!/^\d+$/.test(text)) throw usageError(`--passphrase-fd "${text}" is not a number`);
  try {
    return readFileSync(Number(text), "utf8");
  } catch (error) {
    throw usageError(`cannot read the passphrase from file descriptor ${text}: ${errorMessage(error)}`);
  }
}

export function profileOf(text: string): EncryptionProfile {
  const found = encryptionProfiles.find((profile) => profile === text);
  if (found === undefined) throw usageError(`--profile "${text}" is not one of ${encryptionProfiles.join(", ")}`);
  return found;
}

export function roleOf(text: string): KeyRole {
  if (text === "recipient" || text === "signer") return text;
  throw usageError(`--role "${text}" is not one of recipient, signer`);
}

/** stdout is for results: one JSON document, or lines for people. */
export function print(flags: VaultFlags, document: unknown, lines: readonly string[]): void {
  process.stdout.write(
    flags.json === true
      ? `${JSON.stringify(document, undefined, 2)}\n`
      : `${lines.map((line) => paintedLine(pasteable(line))).join("\n")}\n`,
  );
}

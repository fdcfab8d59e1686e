// `vault keys rotate`, `revoke`, `passphrase` and `drill`: the life of the keys after they were made.
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import type { Command } from "commander";
import { systemClock } from "../../base/clock.ts";
import { errorMessage, exitCodes, usageError } from "../../base/errors.ts";
import { writeWhole } from "../../base/files/write-whole.ts";
import { appendEntry } from "../../vault/catalogue/append.ts";
import { mustBeComplete } from "../../vault/catalogue/check-vault.ts";
import { changePassphrase, revokeKey } from "../../vault/keys/change-keys.ts";
import { Keyring } from "../../vault/keys/keyring.ts";
import { namingWrongKeyring } from "../../vault/catalogue/wrong-keyring.ts";
import { drillKeys, type KeyProof, keyReportSchema } from "../../vault/rotate/drill.ts";
import { reencrypt, type Rotated } from "../../vault/rotate/rotate.ts";
import { openVault } from "../../vault/store/vault.ts";
import { keyringOf, passphraseOf, print, roleOf, vaultCommand, givenVault, type VaultFlags } from "./options.ts";
import { linePrinter, stoppable } from "./progress.ts";

interface RotateFlags extends VaultFlags {
  readonly role: string;
  readonly retire?: string;
  readonly generate?: string;
  readonly reEncrypt?: boolean;
}

interface RevokeFlags extends VaultFlags {
  readonly role: string;
  readonly why: string;
}

interface PassphraseFlags extends VaultFlags {
  readonly newPassphraseFile?: string;
  readonly none?: boolean;
}

interface DrillFlags extends VaultFlags {
  readonly report?: string;
  readonly reports?: readonly string[];
}

const roleHelp = "recipient, signer";

export function registerVaultKeyChanges(keys: Command): void {
  vaultCommand(keys, "rotate", "take a key out of use, and with --re-encrypt lock it out of the backups that are there")
    .option("--role <role>", roleHelp, "recipient")
    .option("--retire <name>", "this key: it still opens, or checks, what it did before")
    .option("--generate <name>", "make a new key of the same profile in its place")
    .option("--re-encrypt", "copy every backup for the recipients and the signer in use, and remove the old ones")
    .action(rotate);
  vaultCommand(keys, "revoke <name>", "mark a key as revoked, for good; run it where its secret key is")
    .option("--role <role>", roleHelp, "recipient")
    .requiredOption("--why <text>", "the reason, which is written into the key")
    .action(revoke);
  vaultCommand(keys, "passphrase", "lock the secret keys with another passphrase")
    .option("--new-passphrase-file <file>", "file that holds the new passphrase")
    .option("--none", "without a passphrase from now on")
    .action(passphrase);
  vaultCommand(keys, "drill", "prove that each recipient alone opens the newest and the oldest backup")
    .option("--report <file>", "write what was found here, for the machine that collects")
    .option("--reports <files...>", "reports of machines that hold other secret keys")
    .action(drill);
}

async function rotate(flags: RotateFlags): Promise<void> {
  if (flags.retire === undefined && flags.reEncrypt !== true)
    throw usageError("nothing is to be rotated", "Give --retire <name>, or --re-encrypt, or both.");
  if (flags.generate !== undefined && flags.retire === undefined) throw usageError("--generate goes with --retire");
  const store = await openVault(givenVault(flags));
  const keyring = await keyringOf(flags);
  if (flags.retire !== undefined) {
    await keyring.signer();
    // What a signer recorded until now is remembered; what it records from now on is a problem.
    await mustBeComplete({ store, keyring }, "Look at it with falkordrill vault audit before a key is retired.");
  }
  const lines: string[] = [];
  if (flags.retire !== undefined) {
    lines.push(...(await replaceKey(keyring, flags, flags.retire)));
    await appendEntry({ store, keyring }, () => [{ does: "keys", why: lines.join("; ") }]);
  }
  const rotated = flags.reEncrypt === true ? await reencryptAll({ store, keyring }) : undefined;
  if (rotated !== undefined && rotated.inUse.length > 0) process.exitCode = exitCodes.inconclusive;
  print(flags, { retired: flags.retire ?? null, generated: flags.generate ?? null, ...rotated }, [
    ...lines,
    ...(rotated === undefined ? [] : linesOf(rotated)),
    ...(flags.retire === undefined ? [] : ["A running archiver takes the keys that it began with: restart it."]),
  ]);
}

/** The new key first: a vault must never be without one. */
async function replaceKey(keyring: Keyring, flags: RotateFlags, name: string): Promise<readonly string[]> {
  const { generate } = flags;
  const role = roleOf(flags.role);
  const old = await keyring.held(role, name);
  if (generate !== undefined) await keyring.generate(role, generate, old.profile);
  const others = (await keyring.list()).filter(
    (entry) => entry.role === role && entry.retired !== true && entry.name !== name && entry.profile === old.profile,
  );
  if (!others.some((entry) => role === "recipient" || entry.hasSecret))
    throw usageError(
      `${name} is the only ${role} of the profile ${old.profile}, so it cannot be retired`,
      "Import another one first (falkordrill vault keys import), or make one: --generate <name>.",
    );
  await keyring.retire(old);
  return [...(generate === undefined ? [] : [`made the ${role} ${generate}`]), `retired the ${role} ${name}`];
}

function reencryptAll(context: Parameters<typeof reencrypt>[0]): Promise<Rotated> {
  return stoppable((signal) => reencrypt(context, { progress: linePrinter(), signal }));
}

function linesOf({ copied, current, inUse }: Rotated): readonly string[] {
  return [
    ...copied.map(({ from, to, increments }) => `${from} is now ${to}, with ${increments} increments`),
    ...current.map((id) => `${id} is as it should be`),
    ...inUse.map(({ id, why }) => `NOT DONE: ${id} is in use (${why}); end that, or wait for it, and run this again`),
  ];
}

async function revoke(name: string, flags: RevokeFlags): Promise<void> {
  const { fingerprint } = await revokeKey(await keyringOf(flags), roleOf(flags.role), name, flags.why);
  print(flags, { revoked: name, fingerprint }, [
    `revoked ${name} (${fingerprint})`,
    "Export its public key, and import it under the same name in every other key ring.",
  ]);
}

async function passphrase(flags: PassphraseFlags): Promise<void> {
  const { newPassphraseFile: file, none } = flags;
  if ((file === undefined) === (none !== true)) throw usageError("give one of --new-passphrase-file and --none");
  const next = file === undefined ? undefined : await passphraseOf({ passphraseFile: file });
  const keyring = await keyringOf(flags);
  const changed = await changePassphrase(keyring, new Keyring(keyring.folder, next), next);
  print(flags, { changed }, [`${changed} secret keys have the new passphrase`]);
}

async function drill(flags: DrillFlags): Promise<void> {
  const store = await openVault(givenVault(flags));
  const reports = (await Promise.all((flags.reports ?? []).map(readReport))).flat();
  const request = { reports, at: new Date(systemClock.nowMs()) };
  const keyring = await keyringOf(flags);
  const { proofs, unproven } = await namingWrongKeyring({ store, keyring }, () =>
    stoppable((signal) => drillKeys({ store, keyring }, { ...request, signal })),
  );
  if (flags.report !== undefined) writeWhole(resolve(flags.report), `${JSON.stringify({ proofs }, undefined, 2)}\n`);
  // Who reports proves the own keys; those of others are proven where the reports are collected.
  const isReport = flags.report !== undefined && proofs.length > 0;
  if (unproven.length > 0 && !isReport) process.exitCode = exitCodes.inconclusive;
  if (proofs.some(({ problem }) => problem !== undefined)) process.exitCode = exitCodes.dataWrong;
  print(flags, { proofs, unproven }, [
    ...proofs.map(proofLine),
    ...unproven.map((line) => `${isReport ? "left to its owner" : "NOT PROVEN"}: ${line}`),
    ...(unproven.length > 0 && !isReport ? [collectHint] : []),
  ]);
}

const collectHint =
  "next: each owner runs `falkordrill vault keys drill --report <file>` where the secret key is; give those files to --reports here.";

function proofLine({ recipient, backup, at, problem }: KeyProof): string {
  return problem === undefined
    ? `${recipient} opens ${backup} and its increments, alone, at ${at}`
    : `FAILED: ${recipient} does not open ${backup}: ${problem}`;
}

async function readReport(file: string): Promise<readonly KeyProof[]> {
  const hint = "Give the files that `falkordrill vault keys drill --report <file>` wrote where the secret keys are.";
  const text = await readFile(resolve(file), "utf8").catch((error: unknown) => {
    throw usageError(`the report ${file} could not be read: ${errorMessage(error)}`, hint);
  });
  try {
    return keyReportSchema.parse(JSON.parse(text)).proofs;
  } catch (error) {
    throw usageError(`${file} is not a report of falkordrill vault keys drill: ${errorMessage(error)}`, hint);
  }
}

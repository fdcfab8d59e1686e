// `gate verify` and `gate keygen`: evidence is checked offline, with nothing but the bundle and a public key.
import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { Command } from "commander";
import { exitCodes, errorMessage, usageError } from "../../base/errors.ts";
import { counted } from "../../../reports/findings/finding-groups.ts";
import { headline } from "../../../reports/gate/words.ts";
import { paintOut } from "../terminal/style.ts";
import { passphraseOf, print } from "../vault/options.ts";

interface VerifyFlags {
  readonly key?: readonly string[];
  readonly json?: boolean;
}

interface KeygenFlags {
  readonly keys: string;
  readonly name: string;
  readonly passphraseFile?: string;
  readonly passphraseFd?: string;
  readonly json?: boolean;
}

export function registerGateVerify(gate: Command): void {
  gate
    .command("verify")
    .description("check a bundle offline: signatures, every file, and the decision again")
    .argument("<bundle>", "the folder that `gate --evidence` wrote")
    .requiredOption("--key <file...>", "armored public keys of those who may have signed")
    .option("--json", "print one JSON document on stdout")
    .action(verify);
}

export function registerGateKeygen(gate: Command): void {
  gate
    .command("keygen")
    .description("make a key pair to sign evidence with")
    .requiredOption("--keys <dir>", "folder of the key ring")
    .option("--name <name>", "name in the key ring", "gate")
    .option("--passphrase-file <file>", "file that holds a passphrase; the secret key is locked with it")
    .option("--passphrase-fd <n>", "file descriptor to read that passphrase from")
    .option("--json", "print one JSON document on stdout")
    .action(keygen);
}

async function verify(bundle: string, flags: VerifyFlags): Promise<void> {
  const { verifyBundle } = await import("../../evidence/verify-bundle.ts");
  const { readKey } = await import("openpgp");
  const keys = [];
  for (const file of flags.key ?? []) {
    const armoredKey = await readFile(file, "utf8").catch((error: unknown) => {
      throw usageError(
        `the public key could not be read: ${errorMessage(error)}`,
        "Give the signer-<name>.public.asc that `falkordrill gate keygen` made.",
      );
    });
    const key = await readKey({ armoredKey }).catch((error: unknown) => {
      throw usageError(
        `${file} is not an armored OpenPGP key: ${errorMessage(error)}`,
        "Give the signer-<name>.public.asc that `falkordrill gate keygen` made.",
      );
    });
    keys.push(key.toPublic());
  }
  const { decision, ...check } = await verifyBundle(resolve(bundle), keys);
  process.exitCode = check.problems.length === 0 ? exitCodes.pass : exitCodes.dataWrong;
  const verified = check.problems.length === 0;
  if (flags.json === true) return print(flags, { verified, ...check, decision }, []);
  if (!verified || decision === undefined) {
    const lines = check.problems.map((problem) => `  ${problem}`);
    return print(flags, undefined, [paintOut("red", `REFUSED  ${bundle} is not what was signed`), ...lines]);
  }
  print(flags, undefined, [
    paintOut("green", `VERIFIED  ${counted(check.files, "file")}, signed by ${check.signedBy.join(", ")}`),
    `the decision follows from the runs: ${headline(decision)}, decided at ${decision.decidedAt}`,
  ]);
}

async function keygen(flags: KeygenFlags): Promise<void> {
  const { Keyring } = await import("../../vault/keys/keyring.ts");
  const folder = resolve(flags.keys);
  const ring = new Keyring(folder, await passphraseOf(flags));
  const { fingerprint, name } = await ring.generate("signer", flags.name, "interop");
  const secretKey = join(folder, `signer-${name}.secret.asc`);
  const publicKey = join(folder, `signer-${name}.public.asc`);
  print(flags, { fingerprint, secretKey, publicKey }, [
    fingerprint,
    `secret key  ${secretKey}  (sign: gate --evidence <dir> --sign-key <this>; keep it)`,
    `public key  ${publicKey}  (verify: gate verify <dir> --key <this>; publish it)`,
  ]);
}

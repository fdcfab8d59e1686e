// Key files are read only where their modes keep others out, and secret keys only with their passphrase.
import { readFile, stat } from "node:fs/promises";
import * as openpgp from "openpgp";
import { DrillError, environmentError, errorMessage, usageError } from "../../base/errors.ts";

/** Write access to this folder is enough to add a signer, which this program then trusts. */
export const othersMayWrite = 0o022;
const othersMayUse = 0o077;
const keyBytesMax = 2 ** 20;

export async function refuseMode(path: string, refused: number, what: string, mode: string): Promise<void> {
  const entry = await stat(path);
  if (entry.uid !== 0 && entry.uid !== process.getuid?.())
    throw usageError(
      `${path} belongs to another user (uid ${entry.uid}), who may change it`,
      `If it is yours, run: chown $(id -u) ${path}`,
    );
  if ((entry.mode & refused) === 0) return;
  throw usageError(`${what} (mode ${(entry.mode & 0o777).toString(8)})`, `Run: chmod ${mode} ${path}`);
}

/** The secret key in a file that only its owner may read. */
export async function unlockKeyFile(file: string, passphrase: string | undefined): Promise<openpgp.PrivateKey> {
  await refuseMode(file, othersMayUse, `others may read the secret key ${file}`, "600").catch((error: unknown) => {
    throw error instanceof DrillError ? error : usageError(`the secret key cannot be read: ${errorMessage(error)}`);
  });
  return unlockKey(await readFile(file, "utf8"), passphrase, `the secret key ${file}`);
}

/** `what` names the key in errors, which never contain its text. */
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

/** The public half of a key file, which only its owner may change. */
export async function readPublic(file: string): Promise<openpgp.PublicKey> {
  try {
    const { size } = await stat(file);
    if (size > keyBytesMax) throw new RangeError(`it has ${size} bytes`);
    const key = await openpgp.readKey({ armoredKey: await readFile(file, "utf8") });
    await refuseMode(file, othersMayWrite, `others may write to the key ${file}`, "600");
    return key.toPublic();
  } catch (error) {
    if (error instanceof DrillError) throw error;
    const hint = "Nothing was touched. Take that file out of the key ring, and import the key again.";
    throw environmentError(`${file} is not an OpenPGP key: ${errorMessage(error)}`, hint, error);
  }
}

/** The error where a key ring has no key for something. A folder that is not there is a path that was mistyped. */
export async function lacksKey(
  folder: string,
  what: string,
  hint: string,
  exit: "usage" | "environment" = "usage",
): Promise<DrillError> {
  if ((await stat(folder).catch(() => undefined)) !== undefined)
    return new DrillError(`the key ring ${folder} ${what}`, { exit, hint });
  const right = "Give by --keys the folder that `vault init` made (<vault>-keys), or a copy of it.";
  return usageError(`there is no key ring ${folder}`, right);
}

export function unusableKey(folder: string, role: string, name: string, why: string): DrillError {
  return usageError(
    `the ${role} key ${name} in the key ring ${folder} cannot be used: ${why}`,
    `Nothing was touched. Import or generate another ${role}, then: falkordrill vault keys rotate --role ${role} --retire ${name}.`,
  );
}

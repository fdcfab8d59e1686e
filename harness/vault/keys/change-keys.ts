// Changes of keys that are in a key ring: another passphrase, and the end of their use.
import * as openpgp from "openpgp";
import { DrillError, usageError } from "../../base/errors.ts";
import type { KeyEntry, Keyring, KeyRole } from "./keyring.ts";

/**
 * Locks every secret key with another passphrase, or with none. A run that was interrupted is repeated: what has the
 * new passphrase already stays. Returns how many were changed.
 */
export async function changePassphrase(from: Keyring, to: Keyring, passphrase: string | undefined): Promise<number> {
  const held = (await from.list()).filter(({ hasSecret }) => hasSecret);
  if (held.length === 0) throw usageError(`the key ring ${from.folder} holds no secret key`);
  const open: { readonly entry: KeyEntry; readonly key: openpgp.PrivateKey }[] = [];
  for (const entry of held) {
    const key = await from.unlocked(entry).catch(async (error: unknown) => {
      if (await opens(to, entry)) return undefined;
      throw error;
    });
    if (key !== undefined) open.push({ entry, key });
  }
  for (const { entry, key } of open)
    await from.replace(entry, passphrase === undefined ? key : await locked(key, passphrase));
  return open.length;
}

async function opens(keyring: Keyring, entry: KeyEntry): Promise<boolean> {
  return await keyring.unlocked(entry).then(
    () => true,
    (error: unknown) => {
      if (error instanceof DrillError) return false;
      throw error;
    },
  );
}

function locked(key: openpgp.PrivateKey, passphrase: string): Promise<openpgp.PrivateKey> {
  return openpgp.encryptKey({ privateKey: key, passphrase });
}

/**
 * Marks a key as revoked, which needs its secret half and cannot be undone. Other key rings take that over when the
 * public key is imported there again.
 */
export async function revokeKey(keyring: Keyring, role: KeyRole, name: string, why: string): Promise<KeyEntry> {
  const entry = (await keyring.list()).find((held) => held.role === role && held.name === name);
  if (entry?.hasSecret !== true)
    throw usageError(
      `the key ring ${keyring.folder} has no secret key ${name} of a ${role}, which a revocation needs`,
      "Run it where that key is.",
    );
  const { publicKey } = await openpgp.revokeKey({
    key: await keyring.unlocked(entry),
    reasonForRevocation: { string: why },
    format: "object",
  });
  await keyring.replace(entry, publicKey);
  return { ...entry, publicKey };
}

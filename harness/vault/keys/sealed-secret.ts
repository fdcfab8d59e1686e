// A short secret that lies where others may read it, for the time in which a kill would lose it: sealed to every recipient of
// the key ring that may be encrypted to, so that whoever can restore a backup can put it back.
import { seal, unseal } from "../parts/seal.ts";
import { whyUnusable } from "./key-use.ts";
import type { KeyEntry, Keyring } from "./keyring.ts";

/** Returns base64; undefined where the key ring has no key for it. */
export async function sealSecret(keyring: Keyring, secret: string): Promise<string | undefined> {
  const usable: KeyEntry[] = [];
  for (const entry of await keyring.list())
    if (entry.role === "recipient" && (await whyUnusable(entry.publicKey, "recipient")) === undefined)
      usable.push(entry);
  if (usable.length === 0) return undefined;
  const keys = usable.map(({ publicKey }) => publicKey);
  return Buffer.from(await seal(Buffer.from(secret), keys)).toString("base64");
}

/** Undefined where no secret key of the key ring opens it. */
export async function openSecret(keyring: Keyring, sealed: string): Promise<string | undefined> {
  const message = Buffer.from(sealed, "base64");
  for (const entry of (await keyring.list()).filter(({ role, hasSecret }) => role === "recipient" && hasSecret)) {
    const opened = await keyring
      .unlocked(entry)
      .then((key) => unseal(message, [key], "a setting"))
      .catch(() => undefined);
    if (opened !== undefined) return Buffer.from(opened).toString("utf8");
  }
  return undefined;
}

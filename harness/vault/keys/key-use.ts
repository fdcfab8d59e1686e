// Checks whether a key may be used today, before a server is touched: an OpenPGP library reports it only when it
// encrypts or signs, which for the signature of a backup is after the whole snapshot.
import * as openpgp from "openpgp";
import { systemClock } from "../../base/clock.ts";

/** Why this key may not encrypt (a recipient) or sign (a signer) at this time; undefined where it may. */
export async function whyUnusable(
  key: openpgp.Key,
  role: "recipient" | "signer",
  now: Date = new Date(systemClock.nowMs()),
): Promise<string | undefined> {
  const from = key.getCreationTime();
  if (from > now) return `it is valid only from ${from.toISOString()} on: look at the clock of this machine`;
  if (await key.isRevoked()) return "it is revoked";
  const until = await key.getExpirationTime();
  if (until instanceof Date && until <= now) return `it expired at ${until.toISOString()}`;
  try {
    await (role === "recipient" ? key.getEncryptionKey(undefined, now) : key.getSigningKey(undefined, now));
    return undefined;
  } catch (error) {
    // A subkey, for example, can expire by itself.
    return error instanceof Error ? error.message : String(error);
  }
}

/** The time for which a key is checked that may become valid only in the future. */
export function whenValid(key: openpgp.Key, now: Date = new Date(systemClock.nowMs())): Date {
  return new Date(Math.max(now.getTime(), key.getCreationTime().getTime()));
}

/** Throws unless one of these keys made this armored signature over exactly these bytes. */
export async function checkSignature(
  keys: readonly openpgp.PublicKey[],
  bytes: Uint8Array,
  armoredSignature: string,
): Promise<void> {
  const signature = await openpgp.readSignature({ armoredSignature });
  // A clock that was ahead must not make a vault unreadable until then. What is signed has a time of its own, which is judged.
  const madeMs = signature.packets.map(({ created }) => created?.getTime() ?? 0);
  const { signatures } = await openpgp.verify({
    message: await openpgp.createMessage({ binary: new Uint8Array(bytes) }),
    signature,
    verificationKeys: [...keys],
    date: new Date(Math.max(systemClock.nowMs(), ...madeMs)),
  });
  if (signatures.length === 0) throw new Error("it carries no signature");
  await Promise.all(signatures.map((signature) => signature.verified));
}

// Signed documents: the signature is an object of its own next to the document.
import * as openpgp from "openpgp";
import { DrillError, environmentError, errorMessage } from "../../base/errors.ts";
import { whyUnusable } from "../keys/key-use.ts";
import type { Keyring } from "../keys/keyring.ts";
import { getOrThrow, missingObject, type Store } from "./store.ts";

export const signatureBytesMax = 65_536;

/** Signs and writes a document of a backup; the signature first, so that the document never exists without it. */
export async function writeSigned(
  store: Store,
  path: string,
  bytes: Uint8Array,
  key: openpgp.PrivateKey,
): Promise<void> {
  await store.put(`${path}.asc`, Buffer.from(await signatureOf(bytes, key, path)));
  await store.put(path, bytes);
}

export async function signatureOf(bytes: Uint8Array, key: openpgp.PrivateKey, path: string): Promise<string> {
  try {
    const message = await openpgp.createMessage({ binary: bytes });
    return String(await openpgp.sign({ message, signingKeys: key, detached: true, format: "armored" }));
  } catch (error) {
    // An archive may run for longer than a key is valid.
    const why = (await whyUnusable(key, "signer")) ?? errorMessage(error);
    throw environmentError(`${path} cannot be signed: ${why}`, "Give the key ring a signer that is valid.", error);
  }
}

/** Reads a document and refuses it unless a key that the key ring trusts has signed exactly these bytes. */
export async function readSigned(store: Store, path: string, keyring: Keyring): Promise<Buffer> {
  const [bytes, early] = await Promise.all([store.get(path), store.get(`${path}.asc`, signatureBytesMax)]);
  if (bytes === undefined) throw missingObject(store, path);
  // It is written before the document, and so may have come between the two answers.
  const signature = early?.toString("utf8") ?? (await readSignature(store, path));
  await mustBeSigned(store, path, { bytes, armored: signature }, keyring);
  return bytes;
}

/** Why a document is not one that a key of the key ring has signed; undefined where it is. */
export async function whyNotSigned(store: Store, path: string, keyring: Keyring): Promise<DrillError | undefined> {
  try {
    await readSigned(store, path, keyring);
    return undefined;
  } catch (error) {
    if (error instanceof DrillError && error.exit === "dataWrong") return error;
    throw error;
  }
}

interface Signed {
  readonly bytes: Uint8Array;
  /** The signature. */
  readonly armored: string;
}

export async function mustBeSigned(
  store: Store,
  path: string,
  { bytes, armored }: Signed,
  keyring: Keyring,
): Promise<void> {
  try {
    await keyring.mustHaveSigned(bytes, armored);
  } catch (error) {
    // A key ring that must not be used says so itself.
    if (error instanceof DrillError) throw error;
    throw new DrillError(`${path} in ${store.where} is not signed by a key of the key ring ${keyring.folder}`, {
      exit: "dataWrong",
      code: "not-signed",
      hint: "Nothing was touched. Either --keys is not the key ring of this vault, or the signer's public key was never imported, or the vault was tampered with.",
      cause: error,
    });
  }
}

/** Whether this key has signed a document, by the id of the key in its signature. */
export async function isSignedBy(store: Store, path: string, key: openpgp.PublicKey): Promise<boolean> {
  return await isSignatureOf(key, await readSignature(store, path));
}

/** Not checked. */
export async function readSignature(store: Store, path: string): Promise<string> {
  return (await getOrThrow(store, `${path}.asc`, signatureBytesMax)).toString("utf8");
}

/** The same for a signature, which was checked before. */
export async function isSignatureOf(key: openpgp.PublicKey, armoredSignature: string): Promise<boolean> {
  const ids = (await openpgp.readSignature({ armoredSignature })).getSigningKeyIDs();
  return ids.some((id) => key.getKeys(id).length > 0);
}

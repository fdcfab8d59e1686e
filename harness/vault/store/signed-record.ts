// A document and its signature in one object, for documents that are sometimes replaced: a store writes an object
// completely or not at all, so a crash leaves the old record or the new one, and never the signature of one next to the
// text of the other.
import type { PrivateKey } from "openpgp";
import { z } from "zod";
import type { KeyEntry, Keyring } from "../keys/keyring.ts";
import { deleteOrEmpty, getOrThrow, type Store } from "./store.ts";
import { isSignatureOf, mustBeSigned, readSigned, signatureBytesMax, signatureOf } from "./signed.ts";

const recordSchema = z.strictObject({ content: z.string(), signature: z.string().max(signatureBytesMax) });

export async function writeRecord(store: Store, path: string, content: string, signer: PrivateKey): Promise<void> {
  await store.put(path, await recordBytes(content, path, signer));
  // A record in two objects, as earlier versions wrote it.
  await deleteOrEmpty(store, signaturePath(path));
}

/** `path` names the record in errors. */
export async function recordBytes(content: string, path: string, signer: PrivateKey): Promise<Buffer> {
  const signature = await signatureOf(Buffer.from(content), signer, path);
  return Buffer.from(`${JSON.stringify({ content, signature }, undefined, 2)}\n`);
}

/** The content alone, for a reader that knows its hash. */
export async function readRecordContent(store: Store, path: string): Promise<string> {
  return recordSchema.parse(JSON.parse((await getOrThrow(store, path)).toString("utf8"))).content;
}

/** The same of bytes that were read already; undefined where they are no record. */
export function recordContentIn(bytes: Buffer): string | undefined {
  return recordSchema.safeParse(jsonOrText(bytes.toString("utf8"))).data?.content;
}

/** Refuses a record that is not signed by a key that the key ring trusts. */
export async function readRecord(store: Store, path: string, keyring: Keyring): Promise<string> {
  const parsed = recordSchema.safeParse(jsonOrText((await getOrThrow(store, path)).toString("utf8")));
  if (!parsed.success) return (await readSigned(store, path, keyring)).toString("utf8");
  const { content, signature } = parsed.data;
  await mustBeSigned(store, path, { bytes: Buffer.from(content), armored: signature }, keyring);
  return content;
}

/** Not checked: it says by which key it was made. */
export async function readRecordSignature(store: Store, path: string): Promise<string> {
  return recordSchema.parse(JSON.parse((await getOrThrow(store, path)).toString("utf8"))).signature;
}

/** The first of these keys that has signed a record. */
export async function signerOf(store: Store, path: string, keys: readonly KeyEntry[]): Promise<KeyEntry | undefined> {
  const signature = await readRecordSignature(store, path);
  for (const key of keys) if (await isSignatureOf(key.publicKey, signature)) return key;
  return undefined;
}

function jsonOrText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** The objects in which a record is stored: one, or two of an earlier version. */
export function recordPaths(path: string): readonly string[] {
  return [path, signaturePath(path)];
}

function signaturePath(path: string): string {
  return `${path}.asc`;
}

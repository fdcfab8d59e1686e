// What a verify or a proof found, recorded in the vault next to the manifest and signed: a prune never removes the last
// restore point that is proven restorable.
import { hash } from "node:crypto";
import { z } from "zod";
import type { PrivateKey } from "openpgp";
import { errorMessage } from "../../base/errors.ts";
import type { Keyring } from "../keys/keyring.ts";
import { readRecord, recordPaths, writeRecord } from "./signed-record.ts";
import { getOrThrow, type Store, StoreError } from "./store.ts";

export interface Validation {
  /** Folder of the restore point in the vault. */
  readonly point: string;
  /** SHA-256 of the manifest that was verified: the record applies to no other, whatever is stored next to it later. */
  readonly manifestSha256: string;
  readonly at: string;
  /** Set for a proof of a chain: the point was compared with its source up to this offset of the stream. */
  readonly offset?: number;
  readonly ok: boolean;
  /** One sentence for each problem. */
  readonly problems: readonly string[];
  readonly phases: readonly { readonly name: string; readonly startMs: number; readonly ms: number }[];
  /** There is a record that cannot be trusted: it counts as the worst that it could have said. */
  readonly untrusted?: true;
}

const validationSchema: z.ZodType<Validation> = z.object({
  point: z.string(),
  manifestSha256: z.string(),
  at: z.iso.datetime(),
  offset: z.int().nonnegative().exactOptional(),
  ok: z.boolean(),
  problems: z.array(z.string()),
  phases: z.array(z.object({ name: z.string(), startMs: z.number(), ms: z.number(), bytes: z.number().optional() })),
});

/** `folder` is that of the restore point in the vault, `backups/<id>`. */
export async function writeValidation(
  store: Store,
  folder: string,
  found: Omit<Validation, "point" | "manifestSha256">,
  signer: PrivateKey,
): Promise<void> {
  const record: Validation = { point: folder, manifestSha256: await manifestHash(store, folder), ...found };
  await writeRecord(store, recordOf(folder), JSON.stringify(record), signer);
}

/**
 * Keeps an untrusted record before it is replaced: its bytes stay next to the new one, for an investigation. Returns
 * the path of the copy.
 */
export async function setAside(store: Store, folder: string): Promise<string> {
  const [record, signature] = await Promise.all(recordPaths(recordOf(folder)).map((path) => store.get(path)));
  const bytes = record ?? Buffer.alloc(0);
  // Named by its content, so that there is one copy however often this is done.
  const copy = `${folder}/validation-untrusted-${hash("sha256", bytes).slice(0, 12)}.json`;
  if (signature !== undefined) await store.put(`${copy}.asc`, signature);
  await store.put(copy, bytes);
  return copy;
}

/**
 * Undefined where this point was never verified. A record that cannot be trusted, or is of another manifest, proves
 * nothing good, and changing a record must not hide that the point was found faulty.
 */
export async function readValidation(store: Store, folder: string, keyring: Keyring): Promise<Validation | undefined> {
  const path = recordOf(folder);
  try {
    if ((await store.get(path)) === undefined) return undefined;
    const record = validationSchema.parse(JSON.parse(await readRecord(store, path, keyring)));
    const isOfThis = record.point === folder && record.manifestSha256 === (await manifestHash(store, folder));
    return isOfThis ? record : untrustedRecord(folder, `${path} is the record of another restore point`);
  } catch (error) {
    // A store that does not answer says nothing about the record.
    if (error instanceof StoreError) throw error;
    return untrustedRecord(folder, errorMessage(error));
  }
}

/** Moves an untrusted record aside, where no new one replaces it. Returns the path of the copy. */
export async function discardRecord(store: Store, folder: string): Promise<string> {
  const copy = await setAside(store, folder);
  for (const path of recordPaths(recordOf(folder))) await store.delete(path);
  return copy;
}

function recordOf(folder: string): string {
  return `${folder}/validation.json`;
}

function untrustedRecord(folder: string, why: string): Validation {
  const problems = [`the record of what a verify found cannot be trusted: ${why}`];
  // Offset 0: a proof may have found the chain wrong from its beginning on.
  return {
    point: folder,
    manifestSha256: "",
    at: new Date(0).toISOString(),
    offset: 0,
    ok: false,
    problems,
    phases: [],
    untrusted: true,
  };
}

async function manifestHash(store: Store, folder: string): Promise<string> {
  return hash("sha256", await getOrThrow(store, `${folder}/manifest.json`));
}

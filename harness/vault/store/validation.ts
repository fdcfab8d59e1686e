// What a verify or a proof found, remembered in the vault beside the manifest and signed: a prune never removes the last restore
// point that is known to come back.
import { hash } from "node:crypto";
import { z } from "zod";
import type { PrivateKey } from "openpgp";
import { errorMessage } from "../../base/errors.ts";
import type { Keyring } from "../keys/keyring.ts";
import { readRecord, recordPaths, writeRecord } from "./signed-record.ts";
import { getOrThrow, type Store } from "./store.ts";

export interface Validation {
  /** Folder of the restore point in the vault. */
  readonly point: string;
  /** Of the manifest that was verified: the record is of no other one, whatever stands beside it later. */
  readonly manifestSha256: string;
  readonly at: string;
  /** Of a proof of a chain: the point was compared with its source up to this offset of the stream. */
  readonly offset?: number;
  readonly ok: boolean;
  /** Plain sentences, one a problem. */
  readonly problems: readonly string[];
  readonly phases: readonly { readonly name: string; readonly startMs: number; readonly ms: number }[];
  /** There is a record, but nobody can tell what it said: it counts as the worst that it could have said. */
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
 * Before an untrusted record is replaced: its bytes stay beside the new one, for whoever wants to know what became of it.
 * Gives the path of the copy.
 */
export async function setAside(store: Store, folder: string): Promise<string> {
  const [record, signature] = await Promise.all(recordPaths(recordOf(folder)).map((path) => store.get(path)));
  const bytes = record ?? Buffer.alloc(0);
  // Named by what it holds, so that it is there once however often this is done.
  const copy = `${folder}/validation-untrusted-${hash("sha256", bytes).slice(0, 12)}.json`;
  if (signature !== undefined) await store.put(`${copy}.asc`, signature);
  await store.put(copy, bytes);
  return copy;
}

/**
 * Undefined where nobody has verified this point. A record that cannot be trusted, or is of another manifest, says
 * neither that the point is good, nor may whoever changed it silence that it was found faulty.
 */
export async function readValidation(store: Store, folder: string, keyring: Keyring): Promise<Validation | undefined> {
  const path = recordOf(folder);
  try {
    if ((await store.get(path)) === undefined) return undefined;
    const record = validationSchema.parse(JSON.parse(await readRecord(store, path, keyring)));
    const isOfThis = record.point === folder && record.manifestSha256 === (await manifestHash(store, folder));
    return isOfThis ? record : untrustedRecord(folder, `${path} is the record of another restore point`);
  } catch (error) {
    return untrustedRecord(folder, errorMessage(error));
  }
}

/** Takes an untrusted record out of the way, where nothing comes in its place. Gives the path of the copy. */
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

// The object that marks a vault, with the version of its layout. From version 2 on a vault has a catalogue; one of
// version 1 has none until it is adopted (../catalogue/adopt.ts), and older programs refuse one of version 2, as they
// would not record what they do.
import type { Store, StoredObject } from "./store.ts";

export const layoutVersion = 2;
/** The first version with a catalogue. */
const cataloguedVersion = 2;
export const markerPath = "vault.json";
const ownName = /^(?:part-\d{5,}\.zst\.pgp|(?:manifest|unfinished|pin|validation[\w-]*)\.json(?:\.asc)?)$/;

/** Whether the vault itself gives this name to an object of a restore point: no other is ever removed. */
export function isOwnName(folder: string, path: string): boolean {
  return path.startsWith(`${folder}/`) && ownName.test(path.slice(folder.length + 1));
}

/** Every object of a restore point. */
export async function pointObjects(store: Store): Promise<readonly StoredObject[]> {
  return [...(await store.list("backups/")), ...(await store.list("segments/"))];
}

export function isPart(path: string): boolean {
  return /\/part-\d{5,}\.zst\.pgp$/.test(path);
}

export async function writeLayout(store: Store): Promise<void> {
  const marker = { kind: "falkordrill-vault", version: layoutVersion };
  await store.put(markerPath, Buffer.from(`${JSON.stringify(marker)}\n`));
}

/** Undefined where the store is not a vault. */
export async function readLayout(store: Store): Promise<number | undefined> {
  const marker = await store.get(markerPath);
  if (marker === undefined) return undefined;
  try {
    const json = JSON.parse(marker.toString("utf8")) as { kind?: unknown; version?: unknown };
    return json.kind === "falkordrill-vault" && typeof json.version === "number" ? json.version : undefined;
  } catch {
    return undefined;
  }
}

/** True where everything that comes and goes is recorded. */
export async function isCatalogued(store: Store): Promise<boolean> {
  return ((await readLayout(store)) ?? 0) >= cataloguedVersion;
}

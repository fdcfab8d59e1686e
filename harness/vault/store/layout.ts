// The object that marks a vault, with the version of its layout. From version 2 on a vault has a catalogue; one of
// version 1 has none until it is adopted (../catalogue/adopt.ts), and older programs refuse one of version 2, as they
// would not record what they do.
import { DrillError } from "../../base/errors.ts";
import { type ObjectLockRule, objectLockModes, type Store, type StoredObject } from "./store.ts";

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

/** The objects that are written once and are needed to restore, and so are locked where a vault uses object lock. */
export function isLockable(path: string): boolean {
  return (
    path === markerPath ||
    /^catalogue\/\d{8,}\.json$/.test(path) ||
    (/^(?:backups|segments)\//.test(path) && /\/(?:part-\d{5,}\.zst\.pgp|manifest\.json(?:\.asc)?)$/.test(path))
  );
}

export function isPart(path: string): boolean {
  return /\/part-\d{5,}\.zst\.pgp$/.test(path);
}

interface Marker {
  readonly version: number;
  readonly objectLock?: ObjectLockRule;
}

export async function writeLayout(store: Store, objectLock?: ObjectLockRule): Promise<void> {
  const marker = { kind: "falkordrill-vault", version: layoutVersion, ...(objectLock && { objectLock }) };
  await store.put(markerPath, Buffer.from(`${JSON.stringify(marker)}\n`));
}

/** Undefined where the store is not a vault. */
export async function readLayout(store: Store): Promise<number | undefined> {
  return (await readMarker(store))?.version;
}

export async function readMarker(store: Store): Promise<Marker | undefined> {
  const bytes = await store.get(markerPath);
  if (bytes === undefined) return undefined;
  const { kind, version, objectLock } = parsed(bytes);
  if (kind !== "falkordrill-vault" || typeof version !== "number") return undefined;
  if (objectLock === undefined) return { version };
  if (!isRule(objectLock))
    throw new DrillError(`the setting of object lock in ${markerPath} of ${store.where} cannot be understood`, {
      exit: "dataWrong",
      code: "object-damaged",
      hint: "Nothing is written, as it would not be locked: bring back the earlier version of that object.",
    });
  return { version, objectLock };
}

function parsed(bytes: Buffer): { readonly kind?: unknown; readonly version?: unknown; readonly objectLock?: unknown } {
  try {
    return (JSON.parse(bytes.toString("utf8")) as object | null) ?? {};
  } catch {
    return {};
  }
}

/** Longer would lock by mistake what nobody could remove again. */
export const objectLockMaxMs: number = 3650 * 86_400_000;

function isRule(value: unknown): value is ObjectLockRule {
  const { mode, forMs } = (value ?? {}) as Partial<ObjectLockRule>;
  return (
    objectLockModes.some((one) => one === mode) &&
    Number.isInteger(forMs) &&
    Number(forMs) > 0 &&
    Number(forMs) <= objectLockMaxMs
  );
}

/** True where everything that comes and goes is recorded. */
export async function isCatalogued(store: Store): Promise<boolean> {
  return ((await readLayout(store)) ?? 0) >= cataloguedVersion;
}

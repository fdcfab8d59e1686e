// What the vault requires of an object store. It is what a folder and an S3 bucket can both do: whole objects, visible
// complete or not at all, no rename and no append. One conformance suite holds every implementation to this.
import { DrillError } from "../../base/errors.ts";

export interface StoredObject {
  /** Relative, with forward slashes: `backups/<id>/part-00000.zst.pgp`. */
  readonly path: string;
  readonly sizeBytes: number;
  /** Another one as soon as the object is replaced; absent where the store does not say. */
  readonly tag?: string;
  /** It is in a folder that a link leads to, which may be outside of the store. */
  readonly isLinked?: true;
}

export interface UnfinishedObject {
  /** Path for `delete`; it begins with the path that the object would have had. */
  readonly path: string;
  readonly sizeBytes: number;
  /** Milliseconds since its last byte was written, by the clock of the store. */
  readonly ageMs: number;
}

/** Object lock of S3: until its end no version of an object can be deleted. Not the vault's own lock (../locks). */
export const objectLockModes = ["governance", "compliance"] as const;
export type ObjectLockMode = (typeof objectLockModes)[number];

/** How long each object of a vault is locked when it is written or renewed. */
export interface ObjectLockRule {
  readonly mode: ObjectLockMode;
  readonly forMs: number;
}

/** What the store itself says of one version of an object. */
export interface ObjectLock {
  /** Undefined where it has no retention. */
  readonly mode: ObjectLockMode | undefined;
  /** End of the retention by the clock of the store; 0 where it has none. */
  readonly untilMs: number;
  /** It is under a legal hold. */
  readonly isHeld: boolean;
}

/** Whether a lock is as strong as that, and ends no earlier. */
export function isAtLeast(
  found: ObjectLock | undefined,
  { mode, untilMs }: { readonly mode: ObjectLockMode; readonly untilMs: number },
): boolean {
  if (found?.mode === undefined) return false;
  return found.untilMs >= untilMs && (found.mode === "compliance" || mode === "governance");
}

/** End of a lock that begins now, in whole seconds, as the clocks of stores count. */
export function lockEndMs(nowMs: number, forMs: number): number {
  return Math.ceil((nowMs + forMs) / 1000) * 1000;
}

/** One version of an object; a delete marker hides those that are older. */
export interface StoredVersion extends StoredObject {
  readonly versionId: string;
  readonly isLatest: boolean;
  readonly isMarker: boolean;
}

export type VersionName = Pick<StoredVersion, "path"> & Partial<Pick<StoredVersion, "versionId">>;

export interface ObjectLocks {
  /** What this vault writes its objects with; undefined where it locks nothing. */
  readonly rule: ObjectLockRule | undefined;
  /** Milliseconds since 1970 by the clock that ends locks. */
  nowMs(): number;
  /** Undefined where these credentials may not ask. */
  isAvailable(): Promise<boolean | undefined>;
  /**
   * The rights that these credentials lack to see how an object is locked. A store may say nothing of a lock, and nothing of
   * why, where one is missing.
   */
  lackingRights(path: string): Promise<readonly string[]>;
  /** In order of path. */
  versions(prefix: string): Promise<readonly StoredVersion[]>;
  /** Lock of the latest version where none is named; undefined where there is no such object. */
  lockOf(version: VersionName): Promise<ObjectLock | undefined>;
  /** Locks it up to then, or longer than it was. Resolves to false where there is no such version. */
  retain(version: VersionName, mode: ObjectLockMode, untilMs: number): Promise<boolean>;
  hold(version: VersionName, isOn: boolean): Promise<boolean>;
}

export interface Store {
  /** Name of the store in messages. */
  readonly where: string;
  /**
   * Resolves when the object is whole, visible and durable; replaces what was there. An abort may end it before, and then
   * nothing of it is visible.
   */
  put(path: string, bytes: Uint8Array, signal?: AbortSignal): Promise<void>;
  /** The same, but returns false and changes nothing where an object of that path exists. */
  putIfAbsent(path: string, bytes: Uint8Array, signal?: AbortSignal): Promise<boolean>;
  /**
   * Undefined when there is no such object. One of more than `bytesMax` is refused before it is read, as a vault's
   * content cannot be trusted: `documentBytesMax` is the default.
   */
  get(path: string, bytesMax?: number): Promise<Buffer | undefined>;
  /** Every whole object whose path starts with `prefix`, in order of path. */
  list(prefix: string): Promise<readonly StoredObject[]>;
  /** Resolves when the object is removed permanently, also after a power cut. Harmless when there is no such object. */
  delete(path: string): Promise<void>;
  /**
   * Resolves when everything that was done in this folder is permanent, also what a killed process did there: the page
   * cache shows what it removed as removed, and a power cut would bring it back.
   */
  sync(folder: string): Promise<void>;
  /** Objects that a crash left half written, or that are being written right now. */
  listUnfinished(): Promise<readonly UnfinishedObject[]>;
  /** Absent where the store cannot lock objects. */
  readonly objectLocks?: ObjectLocks;
}

/** The largest document: a manifest of a hundred thousand graphs. Parts of a snapshot have their size from a manifest. */
export const documentBytesMax: number = 32 * 2 ** 20;

export class StoreError extends DrillError {
  override readonly name = "StoreError";
  readonly code: "full" | "read-only" | "broken";

  constructor(code: StoreError["code"], message: string, hint: string, cause?: unknown) {
    super(message, { exit: "environment", hint, cause });
    this.code = code;
  }
}

export async function getOrThrow(store: Store, path: string, bytesMax?: number): Promise<Buffer> {
  const bytes = await store.get(path, bytesMax);
  if (bytes === undefined) throw missingObject(store, path);
  return bytes;
}

export function missingObject(store: Pick<Store, "where">, path: string): DrillError {
  return new DrillError(`${path} is missing in ${store.where}`, {
    exit: "dataWrong",
    code: "object-missing",
    hint: "The backup is damaged; restore another one, and look for who deletes files in the vault.",
  });
}

/**
 * Ends an object that stands for what this process does: a lock, a mark, a journal. Where the credentials may not
 * delete, as those of a backup host should not, it is emptied: an empty one counts as absent, and a prune removes it.
 */
export async function deleteOrEmpty(store: Store, path: string): Promise<void> {
  try {
    await store.delete(path);
  } catch (error) {
    if (!isRefused(error)) throw error;
    const isThere = (await store.list(path)).some((object) => object.path === path && !isEmptied(object));
    if (isThere) await store.put(path, Buffer.alloc(0));
  }
}

/** Whether an object that the vault never stores empty was ended by `deleteOrEmpty`. */
export function isEmptied({ sizeBytes }: StoredObject): boolean {
  return sizeBytes === 0;
}

/** The user or the credentials may not do that. */
export function isRefused(error: unknown): boolean {
  return error instanceof StoreError && error.code === "read-only";
}

/** Something else is where an object is expected, which is damage of the vault and not of the disk or the network. */
export function brokenObject(where: string, path: string, why: string): DrillError {
  return new DrillError(`${path} in ${where} ${why}`, {
    exit: "dataWrong",
    code: "object-damaged",
    hint: "The backup is damaged; restore another one, and look for who changes files in the vault.",
  });
}

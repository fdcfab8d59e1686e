// What the vault requires of an object store. It is what a folder and an S3 bucket can both do: whole objects, visible
// complete or not at all, no rename and no append. One conformance suite holds every implementation to this.
import { DrillError } from "../../base/errors.ts";

export interface StoredObject {
  /** Relative, with forward slashes: `backups/<id>/part-00000.zst.pgp`. */
  readonly path: string;
  readonly sizeBytes: number;
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

export interface Store {
  /** Name of the store in messages. */
  readonly where: string;
  /** Resolves when the object is whole, visible and durable; replaces what was there. */
  put(path: string, bytes: Uint8Array): Promise<void>;
  /** The same, but returns false and changes nothing where an object of that path exists. */
  putIfAbsent(path: string, bytes: Uint8Array): Promise<boolean>;
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
  if (bytes === undefined)
    throw new DrillError(`${path} is missing in ${store.where}`, {
      exit: "dataWrong",
      code: "object-missing",
      hint: "The backup is damaged; restore another one, and look for who deletes files in the vault.",
    });
  return bytes;
}

/** Something else is where an object is expected, which is damage of the vault and not of the disk or the network. */
export function brokenObject(where: string, path: string, why: string): DrillError {
  return new DrillError(`${path} in ${where} ${why}`, {
    exit: "dataWrong",
    code: "object-damaged",
    hint: "The backup is damaged; restore another one, and look for who changes files in the vault.",
  });
}

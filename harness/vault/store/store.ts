// What the vault asks of a place that keeps objects. It is what a folder and an S3 bucket both can do: whole objects,
// visible complete or not at all, no rename and no append. One conformance suite holds every implementation to this.
import { DrillError } from "../../base/errors.ts";

export interface StoredObject {
  /** Relative, with forward slashes: `backups/<id>/part-00000.zst.pgp`. */
  readonly path: string;
  readonly sizeBytes: number;
}

export interface UnfinishedObject {
  /** For `delete`; it begins with the path that the object would have had. */
  readonly path: string;
  readonly sizeBytes: number;
  /** Since the last byte of it was written, by the clock of the store. */
  readonly ageMs: number;
}

export interface Store {
  /** How messages call it. */
  readonly where: string;
  /** Resolves when the object is whole, visible and durable; replaces what was there. */
  put(path: string, bytes: Uint8Array): Promise<void>;
  /** The same, but false and no change where an object of that path exists. */
  putIfAbsent(path: string, bytes: Uint8Array): Promise<boolean>;
  /**
   * Undefined when there is no such object. One of more than `bytesMax` is refused before it is read, as what stands in
   * a vault may come from anybody: `documentBytesMax` where nothing else is asked for.
   */
  get(path: string, bytesMax?: number): Promise<Buffer | undefined>;
  /** Every whole object whose path starts with `prefix`, in order of path. */
  list(prefix: string): Promise<readonly StoredObject[]>;
  /** Resolves when it is gone for good, also after a power cut. Harmless when there is no such object. */
  delete(path: string): Promise<void>;
  /** What a crash left half written, or somebody is writing right now. */
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

// A store in memory, for vaults by the thousand: it lists and gives what a folder with the same files would. A copy shares
// the bytes of its objects.
import { brokenObject, documentBytesMax, type Store, type StoredObject } from "./store.ts";
import { isTemporary } from "./write-durably.ts";

export class MemoryStore implements Store {
  readonly where: string;
  readonly #objects: Map<string, Buffer>;
  readonly #unfinishedAgeMs: number;

  /** `objects` by path; they are changed by what is put and deleted. A key ring remembers a vault by `where`. */
  constructor(where: string, objects: Map<string, Buffer> = new Map(), unfinishedAgeMs = 0) {
    this.where = where;
    this.#objects = objects;
    this.#unfinishedAgeMs = unfinishedAgeMs;
  }

  copy(where: string): MemoryStore {
    return new MemoryStore(where, new Map(this.#objects), this.#unfinishedAgeMs);
  }

  readonly put = (path: string, bytes: Uint8Array): Promise<void> => {
    this.#objects.set(path, Buffer.from(bytes));
    return Promise.resolve();
  };

  readonly putIfAbsent = (path: string, bytes: Uint8Array): Promise<boolean> => {
    const isNew = !this.#objects.has(path);
    if (isNew) this.#objects.set(path, Buffer.from(bytes));
    return Promise.resolve(isNew);
  };

  readonly get = (path: string, bytesMax: number = documentBytesMax): Promise<Buffer | undefined> => {
    const bytes = this.#objects.get(path);
    if (bytes !== undefined && bytes.length > bytesMax)
      return Promise.reject(brokenObject(this.where, path, `has ${bytes.length} bytes`));
    // A reader may release what it was given.
    return Promise.resolve(bytes === undefined ? undefined : Buffer.from(bytes));
  };

  readonly list: Store["list"] = (prefix) =>
    Promise.resolve(this.#under(prefix).filter(({ path }) => !isTemporary(path)));

  readonly delete = (path: string): Promise<void> => {
    this.#objects.delete(path);
    return Promise.resolve();
  };

  readonly sync = (): Promise<void> => Promise.resolve();

  readonly listUnfinished: Store["listUnfinished"] = () => {
    const left = this.#under("").filter(({ path }) => isTemporary(path));
    return Promise.resolve(left.map(({ path, sizeBytes }) => ({ path, sizeBytes, ageMs: this.#unfinishedAgeMs })));
  };

  #under(prefix: string): readonly StoredObject[] {
    const found = [...this.#objects].filter(([path]) => path.startsWith(prefix));
    const listed = found.map(([path, bytes]) => ({ path, sizeBytes: bytes.length }));
    return listed.toSorted((a, b) => (a.path < b.path ? -1 : 1));
  }
}

// A store in memory, for tests of vaults by the thousand. A copy shares the bytes of its objects.
import { brokenObject, documentBytesMax, type Store } from "../store/store.ts";

export class MemoryStore implements Store {
  readonly where: string;
  readonly #objects: Map<string, Buffer>;

  constructor(where: string, objects: ReadonlyMap<string, Buffer> = new Map()) {
    this.where = where;
    this.#objects = new Map(objects);
  }

  copy(where: string): MemoryStore {
    return new MemoryStore(where, this.#objects);
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

  readonly list: Store["list"] = (prefix) => {
    const found = [...this.#objects].filter(([path]) => path.startsWith(prefix));
    const listed = found.map(([path, bytes]) => ({ path, sizeBytes: bytes.length }));
    return Promise.resolve(listed.toSorted((a, b) => (a.path < b.path ? -1 : 1)));
  };

  readonly delete = (path: string): Promise<void> => {
    this.#objects.delete(path);
    return Promise.resolve();
  };

  readonly sync = (): Promise<void> => Promise.resolve();

  readonly listUnfinished: Store["listUnfinished"] = () => Promise.resolve([]);
}

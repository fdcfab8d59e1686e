// A vault as it is at one instant, for reading only: one listing, and documents that are read again only where the
// listing shows another object than before. So a look at 10,000 backups costs a listing, and what is old is never taken
// for new.
import { setImmediate } from "node:timers/promises";
import { environmentError } from "../../base/errors.ts";
import { markerPath } from "../../vault/store/layout.ts";
import type { Store, StoredObject } from "../../vault/store/store.ts";

/** What is forgotten is read again, so this bounds the memory and not the number of backups. */
const rememberedBytesMax = 128 * 2 ** 20;
/** Answers from memory in a row, after which others get their turn. */
const answersInARow = 200;
const remembered = /\/(?:manifest\.json(?:\.asc)?|validation\.json|pin\.json)$/;

interface Known {
  readonly tag: string;
  readonly bytes: Buffer;
}

export interface Snapshot extends Store {
  readonly objects: readonly StoredObject[];
}

export class ObjectMemory {
  readonly #known = new Map<string, Known>();
  #bytes = 0;
  #answers = 0;

  /** `signal` ends the look at the next object. */
  async snapshot(store: Store, signal: AbortSignal): Promise<Snapshot> {
    const objects = (await store.list("")).toSorted((a, b) => (a.path < b.path ? -1 : 1));
    // A disk that is not mounted, or a prefix that was emptied, must not look like a vault without backups.
    if (!objects.some(({ path }) => path === markerPath))
      throw environmentError(`${store.where} has no ${markerPath} any more`, "Is its disk mounted?");
    const byPath = new Map(objects.map((object) => [object.path, object]));
    for (const [path, { tag }] of this.#known) if (byPath.get(path)?.tag !== tag) this.#forget(path);
    const refuse = (): Promise<never> => Promise.reject(new Error("a monitor changes nothing in a vault"));
    return {
      where: store.where,
      objects,
      list: (prefix) => Promise.resolve(startingWith(objects, prefix)),
      get: async (path, bytesMax) => {
        signal.throwIfAborted();
        const object = byPath.get(path);
        return object === undefined ? undefined : await this.#read(store, object, bytesMax);
      },
      put: refuse,
      putIfAbsent: refuse,
      delete: refuse,
      sync: () => Promise.resolve(),
      listUnfinished: () => Promise.resolve([]),
      ...(store.objectLocks && { objectLocks: store.objectLocks }),
    };
  }

  async #read(store: Store, { path, tag }: StoredObject, bytesMax: number | undefined): Promise<Buffer | undefined> {
    const known = this.#known.get(path);
    if (known !== undefined) {
      this.#answers += 1;
      if (this.#answers % answersInARow === 0) await setImmediate();
      return known.bytes;
    }
    const bytes = await store.get(path, bytesMax);
    if (bytes !== undefined && tag !== undefined && remembered.test(path)) this.#remember(path, { tag, bytes });
    return bytes;
  }

  #remember(path: string, known: Known): void {
    this.#forget(path);
    this.#known.set(path, known);
    this.#bytes += known.bytes.length;
    for (const [oldest] of this.#known) {
      if (this.#bytes <= rememberedBytesMax) return;
      this.#forget(oldest);
    }
  }

  #forget(path: string): void {
    this.#bytes -= this.#known.get(path)?.bytes.length ?? 0;
    this.#known.delete(path);
  }
}

/** The objects are in order of path, so those with one prefix are neighbours. */
function startingWith(objects: readonly StoredObject[], prefix: string): readonly StoredObject[] {
  let [from, to] = [0, objects.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if ((objects[middle]?.path ?? "") < prefix) from = middle + 1;
    else to = middle;
  }
  let end = from;
  while (objects[end]?.path.startsWith(prefix) === true) end += 1;
  return objects.slice(from, end);
}

// Reads a store far away ahead of its reader. A restore reads the objects of a chain in order, one after the other, and in
// several passes; each is a request, and a second vault is a network away. So what was listed is fetched before it is
// asked for, and small objects are kept for the next pass. Nothing is trusted more for that: hashes and signatures are
// checked by the reader as before.
import { documentBytesMax, type Store, type StoredObject } from "../store/store.ts";

const requestsAhead = 24;
/** Manifests and increments; parts of a large snapshot would take memory that a restore needs. */
const objectBytesMax = 2 ** 20;
/** A backup of no more than that is kept with its parts: it is checked first and loaded later. */
const wholeBytesMax = 8 * 2 ** 20;
/** The oldest give way: those of a pass that has gone on. */
const keptBytesMax = 16 * 2 ** 20;
const aheadBytesMax = 8 * 2 ** 20;

interface Kept {
  readonly object: StoredObject;
  readonly bytes: Promise<Buffer | undefined>;
}

/** What begins with one of `prefixes` is asked for at once: the first to list it gets that answer. */
export function readAhead(store: Store, prefixes: readonly string[] = []): Store {
  const kept = new Map<string, Kept>();
  const order: StoredObject[] = [];
  const placeOf = new Map<string, number>();
  let keptBytes = 0;
  const forget = (path: string): void => {
    const old = kept.get(path);
    if (old === undefined) return;
    kept.delete(path);
    keptBytes -= old.object.sizeBytes;
  };
  const fetchOnce = (object: StoredObject): Promise<Buffer | undefined> => {
    const { path, sizeBytes } = object;
    const known = kept.get(path);
    if (known !== undefined) return known.bytes;
    const bytes = store.get(path, Math.max(sizeBytes, 1));
    kept.set(path, { object, bytes });
    keptBytes += sizeBytes;
    for (const [oldest] of kept) {
      if (keptBytes <= keptBytesMax || oldest === path) break;
      forget(oldest);
    }
    // The reader asks for it again, and gets the error of its own request.
    bytes.then(
      (found) => found ?? forget(path),
      () => forget(path),
    );
    return bytes;
  };
  const fetchAhead = (from: number): void => {
    let aheadBytes = 0;
    for (const next of order.slice(from, from + requestsAhead)) {
      aheadBytes += next.sizeBytes;
      if (aheadBytes > aheadBytesMax) return;
      void fetchOnce(next).catch(() => {});
    }
  };
  const list = async (prefix: string): Promise<readonly StoredObject[]> => {
    const found = await store.list(prefix);
    if (!/^(?:segments|backups)\//.test(prefix)) return found;
    const known = order.length;
    const isWhole = found.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0) <= wholeBytesMax;
    for (const object of found)
      if ((isWhole || object.sizeBytes <= objectBytesMax) && !placeOf.has(object.path))
        placeOf.set(object.path, order.push(object) - 1);
    fetchAhead(known);
    return found;
  };
  const listed = new Map(prefixes.map((prefix) => [prefix, list(prefix)]));
  for (const answer of listed.values()) answer.catch(() => {});
  const changes = async <T>(path: string, change: Promise<T>): Promise<T> => {
    forget(path);
    return await change;
  };
  return {
    ...store,
    get where() {
      return store.where;
    },
    list: (prefix) => {
      const answer = listed.get(prefix);
      listed.delete(prefix);
      return answer ?? list(prefix);
    },
    get: async (path, bytesMax = documentBytesMax) => {
      for (const [prefix, answer] of listed) if (path.startsWith(prefix)) await answer.catch(() => {});
      const place = placeOf.get(path);
      const object = place === undefined ? undefined : order[place];
      if (place === undefined || object === undefined || object.sizeBytes > bytesMax)
        return await store.get(path, bytesMax);
      const asked = fetchOnce(object);
      fetchAhead(place + 1);
      const bytes = await asked.catch(() => undefined);
      // A copy: the reader releases what it has read.
      return bytes === undefined ? await store.get(path, bytesMax) : Buffer.from(bytes);
    },
    put: (path, bytes, signal) => changes(path, store.put(path, bytes, signal)),
    putIfAbsent: (path, bytes, signal) => changes(path, store.putIfAbsent(path, bytes, signal)),
    delete: (path) => changes(path, store.delete(path)),
  };
}

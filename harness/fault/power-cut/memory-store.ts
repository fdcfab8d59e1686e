// A vault in memory, for thousands of states: it lists and gives what a folder with the same files would. A part of the
// states is opened as folders too, and must say the same.
import { documentBytesMax, type Store } from "../../vault/store/store.ts";
import { isTemporary } from "../../vault/store/write-durably.ts";
import { unfinishedAgeMs } from "./build-state.ts";

/** `objects` by path; they are changed by what is put and deleted. A key ring remembers a vault by `where`. */
export function memoryStore(objects: Map<string, Buffer>, where: string): Store {
  const found = (prefix: string): { path: string; sizeBytes: number }[] =>
    [...objects]
      .filter(([path]) => path.startsWith(prefix))
      .map(([path, bytes]) => ({ path, sizeBytes: bytes.length }))
      .sort((a, b) => (a.path < b.path ? -1 : 1));
  const put = async (path: string, bytes: Uint8Array): Promise<void> => void objects.set(path, Buffer.from(bytes));
  return {
    where,
    put,
    putIfAbsent: async (path, bytes) => {
      if (objects.has(path)) return false;
      await put(path, bytes);
      return true;
    },
    get: async (path, bytesMax = documentBytesMax) => {
      const bytes = objects.get(path);
      if (bytes !== undefined && bytes.length > bytesMax) throw new Error(`${path} is too large`);
      // As from a file: a reader may decrypt in place, or give the buffer to a thread.
      return bytes === undefined ? undefined : Buffer.from(bytes);
    },
    list: async (prefix) => found(prefix).filter(({ path }) => !isTemporary(path)),
    delete: async (path) => void objects.delete(path),
    sync: async () => {},
    listUnfinished: async () =>
      found("")
        .filter(({ path }) => isTemporary(path))
        .map(({ path, sizeBytes }) => ({ path, sizeBytes, ageMs: unfinishedAgeMs })),
  };
}

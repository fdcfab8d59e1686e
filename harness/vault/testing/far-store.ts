// A store far away, to count what is waited for one after the other: each time is one way there and back. For tests.
import type { Store } from "../store/store.ts";

const quietMs = 150;

/** Requests are answered together, once none has come for a while, and are then one of `rounds`. */
export function farStore(store: Store, rounds: string[][]): Store {
  let waiting: { readonly request: string; readonly answer: () => void }[] = [];
  let timer: NodeJS.Timeout | undefined;
  const answered = (request: string): Promise<void> =>
    new Promise((answer) => {
      waiting.push({ request, answer });
      clearTimeout(timer);
      timer = setTimeout(() => {
        const all = waiting;
        waiting = [];
        rounds.push(all.map((each) => each.request));
        for (const each of all) each.answer();
      }, quietMs);
    });
  return {
    ...store,
    get: async (path, bytesMax) => {
      await answered(`get ${path}`);
      return await store.get(path, bytesMax);
    },
    list: async (prefix) => {
      await answered(`list ${prefix}`);
      return await store.list(prefix);
    },
    put: async (path, bytes) => {
      await answered(`put ${path}`);
      await store.put(path, bytes);
    },
  };
}

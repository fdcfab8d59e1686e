// A second vault whose credentials cannot delete: the best ones for it.
import { type Store, StoreError } from "../store/store.ts";

/** What a run would remove at its end, its lease and its marks of unfinished work, expires there or is removed by the next prune. */
export function keepingStore(store: Store, note: (line: string) => void): Store {
  let isTold = false;
  return {
    ...store,
    delete: async (path) => {
      try {
        await store.delete(path);
      } catch (error) {
        if (!(error instanceof StoreError) || error.code !== "read-only") throw error;
        if (!isTold) note(`${store.where} lets nothing be removed: marks of this run stay until a prune there`);
        isTold = true;
      }
    },
  };
}

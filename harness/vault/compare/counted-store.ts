// Counts what a comparison asks of a store.
import type { Store } from "../store/store.ts";

export interface StoreTraffic {
  requests: number;
  /** Bytes of the objects and the names that the store gave. */
  bytes: number;
}

export function countedStore(store: Store, traffic: StoreTraffic): Store {
  return {
    ...store,
    get: async (path, bytesMax) => {
      traffic.requests += 1;
      const bytes = await store.get(path, bytesMax);
      traffic.bytes += bytes?.length ?? 0;
      return bytes;
    },
    list: async (prefix) => {
      const found = await store.list(prefix);
      traffic.requests += 1;
      traffic.bytes += found.reduce((sum, { path }) => sum + path.length, 0);
      return found;
    },
  };
}

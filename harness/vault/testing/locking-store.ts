// A store in memory that keeps versions and obeys object locks by a clock of its own, like a bucket. For tests.
import {
  lockEndMs,
  type ObjectLock,
  type ObjectLockRule,
  type Store,
  type StoredVersion,
  StoreError,
} from "../store/store.ts";
import { isLockable } from "../store/layout.ts";
import { MemoryStore } from "../store/memory-store.ts";

interface Kept {
  readonly versionId: string;
  /** Undefined in a delete marker. */
  readonly sizeBytes: number | undefined;
  lock: ObjectLock;
}

export interface LockingStore extends Store {
  readonly objectLocks: NonNullable<Store["objectLocks"]>;
  nowMs: number;
  /** Paths whose locks nobody may extend. */
  readonly refuses: Set<string>;
  /** The rights to see locks that the credentials lack. */
  lacking: readonly string[];
}

/** Each is another place to a key ring. */
let stores = 0;
const unlocked: ObjectLock = { mode: undefined, untilMs: 0, isHeld: false };

export function lockingStore(rule: ObjectLockRule | undefined, nowMs: number): LockingStore {
  const objects = new Map<string, Kept[]>();
  let made = 0;
  const latest = new MemoryStore(`memory ${++stores}`);
  const add = (path: string, sizeBytes?: number): void => {
    const isLocked = rule !== undefined && sizeBytes !== undefined && isLockable(path);
    const lock = isLocked ? { mode: rule.mode, untilMs: lockEndMs(store.nowMs, rule.forMs), isHeld: false } : unlocked;
    objects.set(path, [...(objects.get(path) ?? []), { versionId: String(++made), lock, sizeBytes }]);
  };
  const find = (path: string, versionId?: string): Kept | undefined => {
    const versions = objects.get(path);
    const found =
      versionId === undefined ? versions?.at(-1) : versions?.find((version) => version.versionId === versionId);
    return found?.sizeBytes === undefined ? undefined : found;
  };
  const under = (prefix: string): string[] => [...objects.keys()].filter((path) => path.startsWith(prefix)).toSorted();
  const change = (path: string, versionId: string | undefined, next: Partial<ObjectLock>): boolean => {
    if (store.refuses.has(path))
      throw new StoreError("read-only", `PutObjectRetention ${path} failed: 403 AccessDenied`, "Give it the right.");
    const found = find(path, versionId);
    if (found !== undefined) found.lock = { ...found.lock, ...next };
    return found !== undefined;
  };
  const store: LockingStore = {
    where: latest.where,
    get: latest.get,
    list: latest.list,
    sync: latest.sync,
    listUnfinished: latest.listUnfinished,
    nowMs,
    refuses: new Set(),
    lacking: [],
    put: async (path, bytes) => {
      add(path, bytes.length);
      await latest.put(path, bytes);
    },
    putIfAbsent: async (path, bytes) => {
      const isNew = await latest.putIfAbsent(path, bytes);
      if (isNew) add(path, bytes.length);
      return isNew;
    },
    delete: async (path) => {
      if (find(path) !== undefined) add(path);
      await latest.delete(path);
    },
    objectLocks: {
      rule,
      nowMs: () => store.nowMs,
      isAvailable: () => Promise.resolve(true),
      lackingRights: () => Promise.resolve(store.lacking),
      versions: (prefix) =>
        Promise.resolve(
          under(prefix).flatMap((path) =>
            (objects.get(path) ?? []).map(({ versionId, sizeBytes }, index, all): StoredVersion => ({
              path,
              versionId,
              isLatest: index === all.length - 1,
              isMarker: sizeBytes === undefined,
              sizeBytes: sizeBytes ?? 0,
            })),
          ),
        ),
      lockOf: ({ path, versionId }) => Promise.resolve(find(path, versionId)?.lock),
      retain: ({ path, versionId }, mode, untilMs) =>
        new Promise((resolve) => resolve(change(path, versionId, { mode, untilMs }))),
      hold: ({ path, versionId }, isHeld) => new Promise((resolve) => resolve(change(path, versionId, { isHeld }))),
    },
  };
  return store;
}

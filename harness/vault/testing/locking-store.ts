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

interface Kept {
  readonly versionId: string;
  /** Absent in a delete marker. */
  readonly bytes?: Buffer;
  lock: ObjectLock;
}

export interface LockingStore extends Store {
  readonly objectLocks: NonNullable<Store["objectLocks"]>;
  nowMs: number;
  /** Paths whose locks nobody may extend. */
  readonly refuses: Set<string>;
}

/** Each is another place to a key ring. */
let stores = 0;
const unlocked: ObjectLock = { mode: undefined, untilMs: 0, isHeld: false };

export function lockingStore(rule: ObjectLockRule | undefined, nowMs: number): LockingStore {
  const objects = new Map<string, Kept[]>();
  let made = 0;
  const latest = (path: string): Kept | undefined => objects.get(path)?.at(-1);
  const isShown = (path: string): boolean => latest(path)?.bytes !== undefined;
  const add = (path: string, bytes?: Uint8Array): void => {
    const isLocked = rule !== undefined && bytes !== undefined && isLockable(path);
    const lock = isLocked ? { mode: rule.mode, untilMs: lockEndMs(store.nowMs, rule.forMs), isHeld: false } : unlocked;
    const version = { versionId: String(++made), lock, ...(bytes && { bytes: Buffer.from(bytes) }) };
    objects.set(path, [...(objects.get(path) ?? []), version]);
  };
  const find = (path: string, versionId?: string): Kept | undefined => {
    const found =
      versionId === undefined ? latest(path) : objects.get(path)?.find((version) => version.versionId === versionId);
    return found?.bytes === undefined ? undefined : found;
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
    where: `memory ${++stores}`,
    nowMs,
    refuses: new Set(),
    put: (path, bytes) => Promise.resolve(add(path, bytes)),
    putIfAbsent: (path, bytes) => {
      if (isShown(path)) return Promise.resolve(false);
      add(path, bytes);
      return Promise.resolve(true);
    },
    get: (path) => Promise.resolve(latest(path)?.bytes),
    list: (prefix) =>
      Promise.resolve(
        under(prefix)
          .filter(isShown)
          .map((path) => ({ path, sizeBytes: latest(path)?.bytes?.length ?? 0 })),
      ),
    delete: (path) => Promise.resolve(isShown(path) ? add(path) : undefined),
    sync: () => Promise.resolve(),
    listUnfinished: () => Promise.resolve([]),
    objectLocks: {
      rule,
      nowMs: () => store.nowMs,
      isAvailable: () => Promise.resolve(true),
      versions: (prefix) =>
        Promise.resolve(
          under(prefix).flatMap((path) =>
            (objects.get(path) ?? []).map(({ versionId, bytes }, index, all): StoredVersion => ({
              path,
              versionId,
              isLatest: index === all.length - 1,
              isMarker: bytes === undefined,
              sizeBytes: bytes?.length ?? 0,
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

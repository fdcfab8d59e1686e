// Vaults that lock what they write, in real buckets.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DeleteObjectCommand } from "@aws-sdk/client-s3";
import { afterAll, describe, expect, it } from "vitest";
import { missingStore, objectStore, objectStores } from "../../../fixtures/object-stores/object-stores.ts";
import { systemClock } from "../../base/clock.ts";
import { silentProgress } from "../../base/progress.ts";
import { waitFor } from "../../base/wait.ts";
import { Keyring } from "../keys/keyring.ts";
import { objectLocksOf } from "../retention/object-locks.ts";
import { readInventory } from "../retention/inventory.ts";
import { prune } from "../retention/prune.ts";
import { isLockable } from "../store/layout.ts";
import { openBucket } from "../store/s3/s3-bucket.ts";
import { s3Store } from "../store/s3/s3-store.ts";
import { singleBytesMax } from "../store/s3/s3-upload.ts";
import type { ObjectLockRule, Store } from "../store/store.ts";
import { initVault, listBackupIds, openVault } from "../store/vault.ts";
import { storeTestChain } from "../testing/test-vault.ts";
import { extendLocks } from "./extend-locks.ts";
import { holdPoint } from "./hold.ts";

const root = await mkdtemp(join(tmpdir(), "falkordrill-object-lock-"));
afterAll(() => rm(root, { recursive: true }));
const keyring = new Keyring(join(root, "keys"));
await keyring.generate("signer", "s", "interop");
await keyring.generate("recipient", "r", "interop");
const { signal } = new AbortController();
const basics = { zone: "UTC", dryRun: false, progress: silentProgress, signal } as const;
const hourMs = 3_600_000;

async function firstEndMs({ objectLocks }: Store, prefix: string): Promise<number> {
  if (objectLocks === undefined) throw new Error("it is a bucket");
  const all = await objectLocks.versions(prefix);
  const versions = all.filter(({ path, isMarker }) => !isMarker && isLockable(path));
  const locks = await Promise.all(versions.map((version) => objectLocks.lockOf(version)));
  return Math.min(...locks.flatMap((lock) => (lock === undefined ? [] : lock.untilMs)));
}

describe.each(objectStores)("a vault with object lock on %s", { timeout: 300_000 }, (name) => {
  const missing = missingStore(name);

  it.skipIf(missing !== undefined)(
    `renews what is kept; a prune removes the rest when its locks have ended, and not before ${missing ?? ""}`,
    async () => {
      const { newBucket, ...at } = await objectStore(name);
      const place = { ...at, bucket: await newBucket({ objectLock: true }), prefix: "graph" };
      const rule: ObjectLockRule = { mode: "governance", forMs: hourMs };
      await initVault(place, undefined, undefined, rule);
      const store = await openVault(place);
      expect(store.objectLocks?.rule).toEqual(rule);
      const short = s3Store(openBucket(place), { mode: "governance", forMs: 3000 });
      const old = await storeTestChain(short, keyring, "2026-11-20T03:00:00.000Z");
      const recent = await storeTestChain(store, keyring, "2026-11-22T03:00:00.000Z", { increments: 2 });
      const large = `backups/${recent}/part-00009.zst.pgp`;
      await store.put(large, Buffer.alloc(singleBytesMax + 1));

      const times = { rule: { mode: "governance", forMs: 4 * hourMs }, everyMs: hourMs, skippedMax: 1 } as const;
      const extended = await extendLocks({ store, keyring }, { rules: { last: 1 }, times, ...basics });
      expect(extended).toMatchObject({ refused: [], hidden: [], unlocked: [], leftToEnd: [`backups/${old}`] });
      const inFourHoursMs = systemClock.nowMs() + 4 * hourMs - 60_000;
      for (const prefix of [`backups/${recent}/`, `segments/${recent}/`, "catalogue/", "vault.json"])
        expect(await firstEndMs(store, prefix)).toBeGreaterThan(inFourHoursMs);
      const again = await extendLocks({ store, keyring }, { rules: { last: 1 }, times, ...basics });
      expect(again).toMatchObject({ extended: 0, until: extended.until });

      expect(await holdPoint(store, { id: recent, last: 1, isOn: true }, signal)).toBe(8);
      const inventory = await readInventory(store, keyring, signal);
      const locked = await objectLocksOf(store, inventory, [recent, `${recent}/00000002`], {
        signal,
        note: () => {},
      });
      expect(locked.get(recent)).toContain("legal hold");
      expect(locked.get(`${recent}/00000002`)).toContain("locked by the store until");
      expect(await holdPoint(store, { id: recent, isOn: false }, signal)).toBe(11);

      const prunedIds = async (): Promise<readonly string[]> => {
        const { decisions } = await prune({ store, keyring }, { rules: { last: 1 }, ...basics });
        return decisions.filter(({ keep }) => !keep).map(({ id }) => id);
      };
      const held = await holdPoint(store, { id: old, isOn: true }, signal);
      expect(await prunedIds()).toEqual([]);
      expect(await holdPoint(store, { id: old, isOn: false }, signal)).toBe(held);
      const endsMs = await firstEndMs(store, `backups/${old}/part-00000`);
      const hasEnded = (): true | undefined => (systemClock.nowMs() > endsMs + 1500 ? true : undefined);
      await waitFor(hasEnded, { what: "a lock to end", timeoutMs: 10_000, signal });
      expect(await prunedIds()).toEqual([old]);
      expect(await listBackupIds(store)).toEqual([recent]);

      const s3 = openBucket(place);
      for (const version of (await store.objectLocks?.versions(large)) ?? []) {
        const request = { Bucket: place.bucket, Key: s3.key(version.path), VersionId: version.versionId };
        await expect(s3.send(new DeleteObjectCommand(request))).rejects.toThrow("403");
      }
      s3.close();
    },
  );

  it.skipIf(missing !== undefined)(`is not made in a bucket without object lock ${missing ?? ""}`, async () => {
    const { newBucket, ...at } = await objectStore(name);
    const place = { ...at, bucket: await newBucket({ versioning: true }), prefix: "" };
    const made = initVault(place, undefined, undefined, { mode: "compliance", forMs: hourMs });
    await expect(made).rejects.toThrow("has no object lock");
    expect(await (await initVault(place)).list("")).toHaveLength(1);
  });
});

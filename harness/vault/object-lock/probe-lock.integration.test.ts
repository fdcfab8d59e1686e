import { HeadBucketCommand } from "@aws-sdk/client-s3";
import { afterEach, describe, expect, it } from "vitest";
import { missingStore, objectStore, objectStores } from "../../../fixtures/object-stores/object-stores.ts";
import { isNightly } from "../../base/testing/nightly.ts";
import { clientOf } from "../store/s3/s3-bucket.ts";
import { lockAttacks } from "./lock-attacks.ts";
import { hasObjectLock, probeLock } from "./probe-lock.ts";
import { removeBucket } from "./throw-away-bucket.ts";

/** What a lock of moto does not withstand, as measured by hand; the gateway of Ceph withstands all. */
const succeed = {
  radosgw: [],
  moto: ["shorten", "downgrade-then-bypass", "remove-retention", "suspend-versioning"],
} as const;
const lockMs = 20_000;

const open: { destroy(): void }[] = [];
afterEach(() => open.splice(0).forEach((client) => client.destroy()));

describe.each(objectStores)("the locks of %s", (name) => {
  const missing = missingStore(name);
  it.skipIf(missing !== undefined)(`withstand what they are known to withstand ${missing ?? ""}`, async () => {
    const { newBucket, ...at } = await objectStore(name);
    const vaultBucket = await newBucket({ objectLock: true });
    const client = clientOf({ ...at, bucket: vaultBucket, prefix: "" });
    open.push(client);
    const probe = await probeLock(client, { vaultBucket, lockMs });
    const those = probe.attacks.filter(({ failed }) => failed !== true).map(({ id, answer }) => `${id}: ${answer}`);
    expect(those).toEqual(succeed[name].map((id) => `${id}: accepted`));
    expect(probe.attacks).toHaveLength(lockAttacks.length);
    expect(probe.reasons).toEqual([]);
    expect(probe.verdict).toBe(name === "radosgw" ? "locked" : "not locked");
    // It waits for the locks to end; a bucket that is left ends with its store.
    if (!isNightly) return;
    await removeBucket(client, probe.bucket, probe.untilMs);
    await expect(client.send(new HeadBucketCommand({ Bucket: probe.bucket }))).rejects.toMatchObject({
      $metadata: { httpStatusCode: 404 },
    });
  });

  it.skipIf(missing !== undefined)(`lock nothing in a bucket without object lock ${missing ?? ""}`, async () => {
    const { newBucket, ...at } = await objectStore(name);
    const vaultBucket = await newBucket({ versioning: true });
    const client = clientOf({ ...at, bucket: vaultBucket, prefix: "" });
    open.push(client);
    expect(await hasObjectLock(client, vaultBucket)).toBe(false);
  });
});

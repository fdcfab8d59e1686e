import { readFileSync } from "node:fs";
import { join } from "node:path";
import { HeadBucketCommand } from "@aws-sdk/client-s3";
import { afterEach, describe, expect, it } from "vitest";
import {
  missingStore,
  objectStore,
  type ObjectStoreName,
  objectStores,
} from "../../../fixtures/object-stores/object-stores.ts";
import { packageRoot } from "../../base/package.ts";
import { isNightly } from "../../base/testing/nightly.ts";
import { clientOf } from "../store/s3/s3-bucket.ts";
import { lockAttacks } from "./lock-attacks.ts";
import { hasObjectLock, probeLock } from "./probe-lock.ts";
import { removeBucket } from "./throw-away-bucket.ts";

const lockMs = 20_000;

/** Those that succeed against this store, according to the table of the guide. */
function succeedInGuide(name: ObjectStoreName): readonly string[] {
  const guide = readFileSync(join(packageRoot(), "docs", "guides", "second-region.md"), "utf8");
  const rows = [...guide.matchAll(/^\| `([a-z-]+)` +\| ([^|]+) \| ([^|]+) \|$/gm)].map((row) =>
    row.map((cell) => cell.trim()),
  );
  expect(rows.map(([, id]) => id)).toEqual(lockAttacks.map(({ id }) => id));
  return rows.flatMap((row) => (row[objectStores.indexOf(name) + 2] === "**succeeds**" ? (row[1] ?? []) : []));
}

const open: { destroy(): void }[] = [];
afterEach(() => open.splice(0).forEach((client) => client.destroy()));

describe.each(isNightly ? objectStores : (["moto"] as const))("the locks of %s", (name) => {
  const missing = missingStore(name);
  it.skipIf(missing !== undefined)(`withstand what they are known to withstand ${missing ?? ""}`, async () => {
    const { newBucket, ...at } = await objectStore(name);
    const vaultBucket = await newBucket({ objectLock: true });
    const client = clientOf({ ...at, bucket: vaultBucket, prefix: "" });
    open.push(client);
    const probe = await probeLock(client, { vaultBucket, lockMs });
    const those = probe.attacks.filter(({ failed }) => failed !== true).map(({ id, answer }) => `${id}: ${answer}`);
    expect(those).toEqual(succeedInGuide(name).map((id) => `${id}: accepted`));
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

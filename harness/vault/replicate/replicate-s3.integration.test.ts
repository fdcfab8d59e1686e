// Replication with a vault on S3 at either end.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PutBucketPolicyCommand, S3Client } from "@aws-sdk/client-s3";
import { afterAll, describe, expect, it } from "vitest";
import {
  missingStore,
  type ObjectStoreName,
  objectStore,
  objectStores,
} from "../../../fixtures/object-stores/object-stores.ts";
import { silentProgress } from "../../base/progress.ts";
import { checkVault } from "../catalogue/check-vault.ts";
import { checkSegment, readChain } from "../chain/segments.ts";
import { Keyring } from "../keys/keyring.ts";
import { checkParts, partsOf } from "../parts/read-parts.ts";
import type { S3Place } from "../store/s3/s3-place.ts";
import type { Store } from "../store/store.ts";
import { initVault, listBackupIds, openVault, readManifest } from "../store/vault.ts";
import { storeTestChain } from "../testing/test-vault.ts";
import { noLimit, RateLimit } from "../parts/rate-limit.ts";
import { Replicator } from "./replicator.ts";

const root = await mkdtemp(join(tmpdir(), "falkordrill-replicate-s3-"));
afterAll(() => rm(root, { recursive: true }));
const { signal } = new AbortController();
const keyring = new Keyring(join(root, "keys"));
await keyring.generate("signer", "s", "interop");
await keyring.generate("recipient", "r", "interop");
const first = await initVault(join(root, "first"));
await storeTestChain(first, keyring, "2026-11-20T03:00:00.000Z");
await storeTestChain(first, keyring, "2026-11-23T03:00:00.000Z", { increments: 2 });

async function replicate(from: Store, to: Store): Promise<{ readonly problems: readonly string[]; notes: string[] }> {
  const notes: string[] = [];
  const progress = { ...silentProgress, note: (line: string) => void notes.push(line) };
  const replicator = await Replicator.create(
    { from, to, keyring },
    { limit: new RateLimit(noLimit), progress, signal },
  );
  const { problems } = await replicator.round();
  await replicator.end();
  return { problems, notes };
}

/** Every restore point, each read to its last byte. */
async function wholePoints(store: Store): Promise<readonly string[]> {
  const found: string[] = [];
  for (const id of await listBackupIds(store)) {
    await checkParts(store, partsOf(await readManifest(store, id, keyring)), signal);
    found.push(id);
    for await (const { manifest } of readChain(store, id, keyring)) {
      await checkSegment(store, manifest, signal);
      found.push(`${id}/${manifest.number}`);
    }
  }
  return found;
}

async function newPlace(name: ObjectStoreName): Promise<S3Place> {
  const server = await objectStore(name);
  const { endpoint, region, credentials } = server;
  return { bucket: await server.newBucket(), prefix: "far", endpoint, region, credentials };
}

describe.each(objectStores)("%s", { timeout: 300_000 }, (name) => {
  const missing = missingStore(name);

  it.skipIf(missing !== undefined)(
    `takes every restore point from a folder, and gives it to another bucket and a folder ${missing ?? ""}`,
    async () => {
      const far = await initVault(await newPlace(name));
      const all = await wholePoints(first);
      expect(await replicate(first, far)).toEqual({ problems: [], notes: [] });
      expect(await wholePoints(far)).toEqual(all);
      expect((await checkVault({ store: far, keyring })).problems).toEqual([]);
      for (const next of [await initVault(await newPlace(name)), await initVault(join(root, `back-${name}`))]) {
        expect(await replicate(far, next)).toEqual({ problems: [], notes: [] });
        expect(await wholePoints(next)).toEqual(all);
      }
    },
  );
});

// moto carries out what a policy denies.
const missing = missingStore("radosgw");
it.skipIf(missing !== undefined)(
  `a policy that denies every deletion keeps nothing from being copied ${missing ?? ""}`,
  { timeout: 300_000 },
  async () => {
    const place = await newPlace("radosgw");
    await initVault(place);
    const { endpoint, credentials } = await objectStore("radosgw");
    const client = new S3Client({ endpoint, credentials, forcePathStyle: true, region: "us-east-1" });
    const resource = `arn:aws:s3:::${place.bucket}/*`;
    const denial = { Effect: "Deny", Principal: "*", Action: ["s3:DeleteObject"], Resource: resource };
    const policy = { Version: "2012-10-17", Statement: [denial] };
    await client.send(new PutBucketPolicyCommand({ Bucket: place.bucket, Policy: JSON.stringify(policy) }));
    client.destroy();
    const far = await openVault(place);
    const { problems, notes } = await replicate(first, far);
    expect([problems, notes]).toEqual([[], [expect.stringContaining("lets nothing be removed")]]);
    expect(await wholePoints(far)).toEqual(await wholePoints(first));
    await expect(far.delete("vault.json")).rejects.toMatchObject({ code: "read-only" });
  },
);

// The suite of all stores, against two that speak S3 (fixtures/object-stores).
import {
  CreateMultipartUploadCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  ListObjectVersionsCommand,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import { afterAll, describe } from "vitest";
import { missingStore, objectStore, objectStores } from "../../../../fixtures/object-stores/object-stores.ts";
import { isNightly } from "../../../base/testing/nightly.ts";
import { storeConformance, type StoreUnderTest } from "../../testing/store-conformance.ts";
import { openBucket, type S3Bucket } from "./s3-bucket.ts";
import { s3Store } from "./s3-store.ts";
import { singleBytesMax } from "./s3-upload.ts";

const opened: S3Bucket[] = [];
afterAll(() => opened.forEach((bucket) => bucket.close()));

describe.each(isNightly ? objectStores : (["moto"] as const))("a store on %s", (name) => {
  const missing = missingStore(name);
  const open = async (): Promise<StoreUnderTest> => {
    const { newBucket, ...at } = await objectStore(name);
    // In a bucket with versions the gateway of Ceph ignores conditions: both ways to create an object once are tested.
    const s3 = openBucket({ ...at, bucket: await newBucket({ versioning: name === "radosgw" }), prefix: "some/where" });
    opened.push(s3);
    const store = s3Store(s3);
    return { store, leaveUnfinished: (path) => leaveUnfinished(s3, path), removeStorage: () => removeBucket(s3) };
  };
  describe.skipIf(missing !== undefined)(`on this machine: ${missing ?? "run"}`, () => {
    storeConformance(open, { manyObjects: isNightly ? 2100 : 201, largeBytes: singleBytesMax + 1 });
  });
});

async function leaveUnfinished(s3: S3Bucket, path: string): Promise<void> {
  const target = { Bucket: s3.bucket, Key: s3.key(path) };
  const { UploadId } = await s3.send(new CreateMultipartUploadCommand(target));
  await s3.send(new UploadPartCommand({ ...target, UploadId, PartNumber: 1, Body: Buffer.from("x") }));
}

async function removeBucket(s3: S3Bucket): Promise<void> {
  const { Versions = [] } = await s3.send(new ListObjectVersionsCommand({ Bucket: s3.bucket }));
  for (const { Key, VersionId } of Versions)
    await s3.send(new DeleteObjectCommand({ Bucket: s3.bucket, Key, VersionId }));
  await s3.send(new DeleteBucketCommand({ Bucket: s3.bucket }));
}

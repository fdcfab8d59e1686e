// A bucket with object lock that exists only for a probe, the locked objects in it, and its removal.
import { createHash, randomBytes } from "node:crypto";
import {
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectVersionsCommand,
  PutObjectCommand,
  PutObjectLegalHoldCommand,
  PutObjectRetentionCommand,
  type S3Client,
} from "@aws-sdk/client-s3";
import { systemClock } from "../../base/clock.ts";
import { environmentError } from "../../base/errors.ts";
import { waitFor } from "../../base/wait.ts";
import type { LockAttack, LockedObject } from "./lock-attacks.ts";
import { answerOf, isRefusal } from "./store-answer.ts";

const content = Buffer.from("locked by falkordrill\n");
/** A request with a lock needs a checksum. */
const ContentMD5 = createHash("md5").update(content).digest("base64");
/** Clocks of stores count in whole seconds. */
const extensionMs = 2000;

export async function makeBucket(client: S3Client): Promise<string> {
  const bucket = `falkordrill-lock-probe-${randomBytes(6).toString("hex")}`;
  try {
    await client.send(new CreateBucketCommand({ Bucket: bucket, ObjectLockEnabledForBucket: true }));
  } catch (error) {
    throw environmentError(
      `no bucket with object lock can be made for the probe: ${answerOf(error)}`,
      "Give credentials that may create and delete a bucket: the vault's own is never attacked.",
      error,
    );
  }
  return bucket;
}

export async function putLocked(
  client: S3Client,
  bucket: string,
  lockMs: number,
  lockedBy: LockAttack["lockedBy"],
): Promise<LockedObject> {
  const key = randomBytes(8).toString("hex");
  const untilMs = Math.ceil((systemClock.nowMs() + lockMs) / 1000) * 1000;
  const retention = { ObjectLockMode: "COMPLIANCE", ObjectLockRetainUntilDate: new Date(untilMs) } as const;
  const hold = { ObjectLockLegalHoldStatus: "ON" } as const;
  const request = { Bucket: bucket, Key: key, Body: content, ContentMD5 };
  const { VersionId } = await client.send(
    new PutObjectCommand({
      ...request,
      ...(lockedBy === "legal-hold" ? {} : retention),
      ...(lockedBy === undefined ? {} : hold),
    }),
  );
  return { client, bucket, key, versionId: VersionId ?? "null", untilMs };
}

/** Whether its bytes can be read, with the locks that it was given or longer ones. */
export async function isWhole(object: LockedObject, lockedBy?: LockAttack["lockedBy"]): Promise<boolean> {
  const version = { Bucket: object.bucket, Key: object.key, VersionId: object.versionId };
  try {
    // A store that says nothing of a lock here has none: not every one answers a request for the retention alone.
    const found = await object.client.send(new GetObjectCommand(version));
    if (!content.equals((await found.Body?.transformToByteArray()) ?? Buffer.alloc(0))) return false;
    if (lockedBy === "legal-hold") return found.ObjectLockLegalHoldStatus === "ON";
    const isLongEnough = (found.ObjectLockRetainUntilDate?.getTime() ?? 0) >= object.untilMs;
    return found.ObjectLockMode === "COMPLIANCE" && isLongEnough;
  } catch (error) {
    // It could be read a moment ago.
    if (isRefusal(error)) return false;
    throw error;
  }
}

/** Returns the object with its later end, or undefined where it cannot be extended. */
export async function extendLock(object: LockedObject): Promise<LockedObject | undefined> {
  const later = { ...object, untilMs: object.untilMs + extensionMs };
  const Retention = { Mode: "COMPLIANCE", RetainUntilDate: new Date(later.untilMs) } as const;
  const version = { Bucket: object.bucket, Key: object.key, VersionId: object.versionId };
  try {
    await object.client.send(new PutObjectRetentionCommand({ ...version, Retention }));
  } catch (error) {
    if (isRefusal(error)) return undefined;
    throw error;
  }
  return (await isWhole(later)) ? later : undefined;
}

export async function deletesUnlocked(client: S3Client, bucket: string): Promise<boolean> {
  const target = { Bucket: bucket, Key: "unlocked" };
  const { VersionId } = await client.send(new PutObjectCommand({ ...target, Body: content }));
  return await client.send(new DeleteObjectCommand({ ...target, VersionId })).then(
    () => true,
    () => false,
  );
}

/** Waits until the last lock has ended, then removes the bucket with all that is in it. */
export async function removeBucket(
  client: S3Client,
  bucket: string,
  untilMs: number,
  signal?: AbortSignal,
): Promise<void> {
  const leftMs = Math.max(0, untilMs - systemClock.nowMs());
  // A store may look at its clock a little later than this program at its own.
  const emptied = async (): Promise<true | undefined> => ((await empty(client, bucket)) === 0 ? true : undefined);
  const isOver = (): true | undefined => (systemClock.nowMs() >= untilMs ? true : undefined);
  const ended = { what: "the locks of the probe to end", timeoutMs: leftMs + 5000, intervalMs: 200, signal };
  await waitFor(isOver, ended);
  const what = `the bucket ${bucket} of the probe to be empty`;
  await waitFor(emptied, { what, timeoutMs: 60_000, intervalMs: 500, signal, exit: "environment" });
  await client.send(new DeleteBucketCommand({ Bucket: bucket })).catch(unlessGone);
}

/** Returns how many versions and delete markers are left. */
async function empty(client: S3Client, bucket: string): Promise<number> {
  const listed = await client.send(new ListObjectVersionsCommand({ Bucket: bucket })).catch(unlessGone);
  const versions = listed?.Versions ?? [];
  for (const { Key, VersionId } of versions)
    await client
      .send(new PutObjectLegalHoldCommand({ Bucket: bucket, Key, VersionId, LegalHold: { Status: "OFF" } }))
      .catch(() => {});
  let left = 0;
  for (const { Key, VersionId } of [...versions, ...(listed?.DeleteMarkers ?? [])])
    await client.send(new DeleteObjectCommand({ Bucket: bucket, Key, VersionId })).catch(() => left++);
  return left;
}

function unlessGone(error: unknown): undefined {
  if (!/NoSuchBucket/.test(answerOf(error))) throw error;
}

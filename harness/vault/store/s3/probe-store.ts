// What an object store really does with the requests that a vault rests on. Stores differ, and those that ignore a
// condition or a checksum answer as if they had looked at it, so each is asked with a request that must be refused.
//
// Nothing of the answer is kept in the vault: a store can be upgraded, replaced, or stand behind another proxy. What a
// vault does differently (s3-store.ts) each process measures anew, and the rest is compared after each put in any case.
import { hash, randomBytes } from "node:crypto";
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetBucketVersioningCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type PutObjectCommandInput,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import { StoreError } from "../store.ts";
import type { S3Bucket } from "./s3-bucket.ts";
import { s3CodeOf } from "./s3-errors.ts";

/** Undefined where the store does not say. */
interface StorePromises {
  /** A put with `If-None-Match: *` onto an existing object is refused. */
  readonly conditionalCreate: boolean;
  /** The same for the completion of an upload in pieces. */
  readonly conditionalCompletion: boolean;
  /** A put with a wrong `If-Match` is refused. */
  readonly conditionalReplace: boolean;
  /** A put whose `x-amz-checksum-sha256` is not that of its bytes is refused. */
  readonly sha256: boolean;
  /** A put whose `Content-MD5` is not that of its bytes is refused. */
  readonly md5: boolean;
  /** The bucket keeps older versions of its objects. */
  readonly versions: boolean | undefined;
}

export interface StoreProbe {
  readonly promises: StorePromises;
  /** What is done otherwise here, and what the user has to know, one sentence each. */
  readonly notes: readonly string[];
}

const bytes = Buffer.from("falkordrill probe\n");
const conditionRefused = /^(?:PreconditionFailed|ConditionalRequestConflict)$/;
/** The store knows no conditions, and says so. */
const conditionUnknown = /^(?:NotImplemented|InvalidArgument|InvalidRequest)$/;
const checksumRefused = /Digest|Checksum|Mismatch|^InvalidRequest$|^InvalidArgument$/;

/** Removes what it wrote, as far as it may. Throws where the store cannot hold a vault. */
export async function probeStore(s3: S3Bucket): Promise<StoreProbe> {
  const target = { Bucket: s3.bucket, Key: s3.key(`probe/${randomBytes(8).toString("hex")}`) };
  const versions = new Set<string | undefined>();
  const put = async (input: Partial<PutObjectCommandInput> = {}): Promise<void> => {
    const { VersionId } = await s3.send(new PutObjectCommand({ ...target, Body: bytes, ...input }));
    versions.add(VersionId);
  };
  const remove = async (): Promise<boolean> => {
    const isGone = await removeVersions(s3, target, versions);
    versions.clear();
    return isGone;
  };
  try {
    await put();
    await mustShow(s3, target, true);
    const sha256 = await isRefused(put({ ChecksumSHA256: hash("sha256", "other", "base64") }), checksumRefused);
    const md5 = await isRefused(put({ ContentMD5: hash("md5", "other", "base64") }), checksumRefused);
    const conditionalCreate = await isRefused(put({ IfNoneMatch: "*" }), conditionRefused, conditionUnknown);
    const otherTag = `"${hash("md5", "other")}"`;
    const conditionalReplace = await isRefused(put({ IfMatch: otherTag }), conditionRefused, conditionUnknown);
    const conditionalCompletion = await refusesCompletion(s3, target, (id) => versions.add(id));
    if (await remove()) await mustShow(s3, target, false);
    const promises = { conditionalCreate, conditionalCompletion, conditionalReplace, sha256, md5 };
    return probeOf(s3, { ...promises, versions: await keepsVersions(s3) });
  } finally {
    await remove();
  }
}

/** False where the request is carried out, or where its answer says that the store does not know what was asked. */
async function isRefused(request: Promise<unknown>, refusal: RegExp, unknown?: RegExp): Promise<boolean> {
  try {
    await request;
    return false;
  } catch (error) {
    const code = s3CodeOf(error);
    if (refusal.test(code)) return true;
    if (unknown?.test(code) === true) return false;
    throw error;
  }
}

interface Target {
  readonly Bucket: string;
  readonly Key: string;
}

async function refusesCompletion(
  s3: S3Bucket,
  target: Target,
  made: (versionId: string | undefined) => void,
): Promise<boolean> {
  const { UploadId } = await s3.send(new CreateMultipartUploadCommand(target));
  const upload = { ...target, UploadId };
  const { ETag } = await s3.send(new UploadPartCommand({ ...upload, PartNumber: 1, Body: bytes }));
  const MultipartUpload = { Parts: [{ PartNumber: 1, ETag }] };
  const complete = new CompleteMultipartUploadCommand({ ...upload, MultipartUpload, IfNoneMatch: "*" });
  const completed = s3.send(complete).then(({ VersionId }) => made(VersionId));
  const isKept = await isRefused(completed, conditionRefused, conditionUnknown);
  // A refused completion leaves the upload.
  if (isKept) await s3.send(new AbortMultipartUploadCommand(upload)).catch(() => {});
  return isKept;
}

/** False where these credentials may not delete at all, which a second vault need not be able to. */
async function removeVersions(
  s3: S3Bucket,
  target: Target,
  versions: ReadonlySet<string | undefined>,
): Promise<boolean> {
  try {
    for (const VersionId of versions) await s3.send(new DeleteObjectCommand({ ...target, VersionId }));
    return true;
  } catch {
    // Without the right to delete versions, the object is taken out of sight.
    return await s3.send(new DeleteObjectCommand(target)).then(
      () => true,
      () => false,
    );
  }
}

/** Everything in a vault is found by listing it. */
async function mustShow(s3: S3Bucket, target: Target, isThere: boolean): Promise<void> {
  const listed = await s3.send(new ListObjectsV2Command({ Bucket: target.Bucket, Prefix: target.Key }));
  const isListed = (listed.Contents ?? []).some(({ Key }) => Key === target.Key);
  if (isListed !== isThere)
    throw unfit(s3, `lists ${isThere ? "no object that was just stored" : "an object that was just deleted"}`);
  if (!isThere) return;
  const { Body } = await s3.send(new GetObjectCommand(target));
  const stored = Buffer.from((await Body?.transformToByteArray()) ?? []);
  if (!stored.equals(bytes)) throw unfit(s3, "returns other bytes than were just stored");
}

function unfit(s3: S3Bucket, why: string): StoreError {
  return new StoreError(
    "broken",
    `${s3.where} ${why}`,
    "A vault cannot be kept there: use another store, or ask its operator.",
  );
}

async function keepsVersions(s3: S3Bucket): Promise<boolean | undefined> {
  const request = new GetBucketVersioningCommand({ Bucket: s3.bucket });
  const answer = await s3.send(request).catch(() => undefined);
  return answer === undefined ? undefined : answer.Status === "Enabled";
}

function probeOf({ where }: S3Bucket, promises: StorePromises): StoreProbe {
  const { conditionalCreate, conditionalCompletion, conditionalReplace, sha256, md5, versions } = promises;
  const said: readonly (readonly [isSaid: boolean, note: string])[] = [
    [
      !conditionalCreate,
      "ignores If-None-Match on a put: what must be created only once is claimed with an object of its own",
    ],
    [!conditionalCompletion, "ignores If-None-Match at the end of an upload in pieces: the same claim covers it"],
    [!conditionalReplace, "ignores If-Match: nothing in a vault depends on it"],
    [!sha256, "accepts an object with a false SHA-256: every object is compared after its put and at each read"],
    [!md5, "accepts an object with a false Content-MD5: the same comparison covers it"],
    [versions === false, "keeps no versions in this bucket: who may delete or replace an object there destroys it"],
    [
      versions === true,
      "keeps versions in this bucket: what a prune removes takes room until a rule of the bucket removes old versions",
    ],
    [versions === undefined, "does not say whether this bucket keeps versions"],
  ];
  return { promises, notes: said.filter(([isSaid]) => isSaid).map(([, note]) => `${where} ${note}.`) };
}

// How bytes get into a bucket: with two checksums, as one store looks at the one and another at the other, and with a
// third that is kept beside the object for whoever reads it. What is large goes in pieces, of which each is repeated
// alone when the connection breaks.
import { hash } from "node:crypto";
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  type CompletedPart,
  CreateMultipartUploadCommand,
  PutObjectCommand,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import type { ObjectLockMode } from "../store.ts";
import type { S3Bucket } from "./s3-bucket.ts";

/** The metadata of an object: its SHA-256, and which put made it. */
export const sha256Name = "sha256";
export const putName = "put";

export const lockModeNames = { governance: "GOVERNANCE", compliance: "COMPLIANCE" } as const;

/** Until then no version of the object can be deleted. */
export interface Retention {
  readonly mode: ObjectLockMode;
  readonly untilMs: number;
}

/** Amazon takes no pieces below 5 MiB, but for the last one. */
const pieceBytes = 8 * 2 ** 20;
export const singleBytesMax: number = 2 * pieceBytes;

export interface Upload {
  readonly key: string;
  readonly bytes: Uint8Array;
  /** Random: tells whether an object that is there now is of this very put. */
  readonly token: string;
  /** Refuse where an object of that key exists, as far as the store honours it. */
  readonly ifAbsent: boolean;
  /** Locked up to then from the moment that it is there. */
  readonly lock?: Retention;
  readonly signal?: AbortSignal;
}

/** Returns false where the store did not confirm the checksum of what arrived. */
export async function upload(s3: S3Bucket, what: Upload): Promise<boolean> {
  // Stores that obey a condition on a put may ignore it at the end of an upload in pieces (radosgw 16).
  const inPieces = what.bytes.length > singleBytesMax && !what.ifAbsent;
  return inPieces ? await uploadPieces(s3, what) : await uploadWhole(s3, what);
}

async function uploadWhole(s3: S3Bucket, { key, bytes, token, ifAbsent, lock, signal }: Upload): Promise<boolean> {
  const { ETag } = await s3.send(
    new PutObjectCommand({
      Bucket: s3.bucket,
      Key: key,
      Body: bytes,
      ContentType: "application/octet-stream",
      ...checksumsOf(bytes),
      Metadata: metadataOf(bytes, token),
      ...(ifAbsent ? { IfNoneMatch: "*" } : {}),
      ...lockFields(lock),
    }),
    { bytes: bytes.length, ...(signal === undefined ? {} : { signal }) },
  );
  return isMd5Of(ETag, bytes);
}

async function uploadPieces(s3: S3Bucket, { key, bytes, token, lock, signal }: Upload): Promise<boolean> {
  const target = { Bucket: s3.bucket, Key: key };
  const sending = signal === undefined ? {} : { signal };
  const metadata = metadataOf(bytes, token);
  const described = { ChecksumAlgorithm: "SHA256", Metadata: metadata, ...lockFields(lock) } as const;
  const create = new CreateMultipartUploadCommand({ ...target, ...described });
  const { UploadId } = await s3.send(create, sending);
  try {
    const parts: CompletedPart[] = [];
    let isConfirmed = true;
    for (let from = 0; from < bytes.length; from += pieceBytes) {
      const piece = bytes.subarray(from, from + pieceBytes);
      const [checksums, PartNumber] = [checksumsOf(piece), parts.length + 1];
      const part = new UploadPartCommand({ ...target, UploadId, PartNumber, Body: piece, ...checksums });
      const { ETag } = await s3.send(part, { bytes: piece.length, ...sending });
      isConfirmed &&= isMd5Of(ETag, piece);
      parts.push({ PartNumber, ETag, ChecksumSHA256: checksums.ChecksumSHA256 });
    }
    const complete = new CompleteMultipartUploadCommand({
      ...target,
      UploadId,
      MultipartUpload: { Parts: parts },
    });
    await s3.send(complete, { bytes: bytes.length, ...sending });
    return isConfirmed;
  } catch (error) {
    // What cannot be aborted now is found by `listUnfinished` later.
    await s3.send(new AbortMultipartUploadCommand({ ...target, UploadId })).catch(() => {});
    throw error;
  }
}

interface LockFields {
  readonly ObjectLockMode?: "GOVERNANCE" | "COMPLIANCE";
  readonly ObjectLockRetainUntilDate?: Date;
}

function lockFields(lock: Retention | undefined): LockFields {
  if (lock === undefined) return {};
  return { ObjectLockMode: lockModeNames[lock.mode], ObjectLockRetainUntilDate: new Date(lock.untilMs) };
}

function metadataOf(bytes: Uint8Array, token: string): Record<string, string> {
  return { [sha256Name]: hash("sha256", bytes), [putName]: token };
}

function checksumsOf(bytes: Uint8Array): { readonly ContentMD5: string; readonly ChecksumSHA256: string } {
  return { ContentMD5: hash("md5", bytes, "base64"), ChecksumSHA256: hash("sha256", bytes, "base64") };
}

/** The tag of an object is its MD5 in most stores, unless they encrypt it. */
function isMd5Of(tag: string | undefined, bytes: Uint8Array): boolean {
  return tag?.replaceAll('"', "") === hash("md5", bytes);
}

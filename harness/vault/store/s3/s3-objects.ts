// Reading and listing a bucket, page by page, with sizes and ages by the clock of the store.
import { hash } from "node:crypto";
import type { Readable } from "node:stream";
import {
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  ListPartsCommand,
  type MultipartUpload,
} from "@aws-sdk/client-s3";
import { DrillError } from "../../../base/errors.ts";
import { brokenObject, type StoredObject, type UnfinishedObject } from "../store.ts";
import type { S3Bucket } from "./s3-bucket.ts";
import { explainS3Error, s3CodeOf } from "./s3-errors.ts";
import { sha256Name } from "./s3-upload.ts";

/** A connection that breaks in the middle of an object is not repeated by the SDK. */
const readsMax = 3;
/** Below that not more is asked for: a store has sent a few hundred kilobytes until it hears that an object is too large. */
const smallBytesMax = 65_536;
const uploadMark = "?uploadId=";

/**
 * Undefined where there is no such object. One of more than `bytesMax` is never in memory: it is refused by what the
 * store says of its size, and by what really comes.
 */
export async function readObject(s3: S3Bucket, path: string, bytesMax: number): Promise<Buffer | undefined> {
  const range = bytesMax < smallBytesMax ? { Range: `bytes=0-${bytesMax}` } : {};
  const request = { Bucket: s3.bucket, Key: s3.key(path), ...range };
  for (let attempt = 1; ; attempt++) {
    const found = await s3.send(new GetObjectCommand(request), { bytes: bytesMax }).catch((error: unknown) => {
      // An empty object has no first byte.
      return s3CodeOf(error) === "InvalidRange" ? "empty" : unlessCode("NoSuchKey")(error);
    });
    if (found === undefined) return undefined;
    if (found === "empty") return Buffer.alloc(0);
    const body = found.Body as Readable;
    const refuse = (bytes: number): never => {
      body.destroy();
      throw brokenObject(s3.where, path, `has ${bytes} bytes, and at most ${bytesMax} belong there`);
    };
    const size = Number(/\/(\d+)$/.exec(found.ContentRange ?? "")?.[1] ?? found.ContentLength ?? 0);
    if (size > bytesMax) refuse(size);
    try {
      const bytes = await bytesOf(body, found.ContentLength, bytesMax, refuse);
      const stored = found.Metadata?.[sha256Name];
      if (stored === undefined || hash("sha256", bytes) === stored) return bytes;
      throw brokenObject(s3.where, path, "does not hold the bytes that were stored: their SHA-256 differs");
    } catch (error) {
      if (attempt < readsMax) continue;
      if (error instanceof DrillError) throw error;
      throw explainS3Error({ where: s3.where, side: s3.side, verb: "GetObject", key: request.Key }, error);
    }
  }
}

/** Into one buffer of the size that the store names: chunks that are kept until the end take the memory twice. */
async function bytesOf(
  body: Readable,
  sizeBytes: number | undefined,
  bytesMax: number,
  refuse: (bytes: number) => never,
): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(sizeBytes ?? bytesMax);
  let total = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    if (total + chunk.length > bytes.length) refuse(total + chunk.length);
    total += chunk.copy(bytes, total);
  }
  if (sizeBytes !== undefined && total < sizeBytes) throw new Error(`${total} of ${sizeBytes} bytes came`);
  return bytes.subarray(0, total);
}

/** The metadata of an object, or undefined where there is none. */
export async function metadataOf(s3: S3Bucket, path: string): Promise<Readonly<Record<string, string>> | undefined> {
  const request = new HeadObjectCommand({ Bucket: s3.bucket, Key: s3.key(path) });
  // An answer to this request has no body, and so no code.
  const found = await s3.send(request).catch(unlessCode("NotFound", "NoSuchKey"));
  return found === undefined ? undefined : (found.Metadata ?? {});
}

/** Undefined for a failure with one of these codes: no other 404 means that there is no such object. */
export function unlessCode(...codes: readonly string[]): (error: unknown) => undefined {
  return (error) => {
    if (!codes.includes(s3CodeOf(error))) throw error;
  };
}

interface DatedObject extends StoredObject {
  readonly ageMs: number;
}

/** In order of path, without the empty objects by which consoles show folders. */
export async function listObjects(s3: S3Bucket, prefix: string): Promise<readonly DatedObject[]> {
  const found: DatedObject[] = [];
  for (let token: string | undefined; ;) {
    const request = { Bucket: s3.bucket, Prefix: s3.key(prefix), ...(token && { ContinuationToken: token }) };
    const page = await s3.send(new ListObjectsV2Command(request));
    // A page of a web server reads as an empty list, and a vault must not look empty.
    if (page.Name === undefined) throw notAList(s3, request.Prefix);
    for (const { Key = "", Size = 0, LastModified, ETag: tag } of page.Contents ?? []) {
      if (Key.endsWith("/")) continue;
      const object = { path: s3.pathOf(Key), sizeBytes: Size, ...(tag && { tag }) };
      found.push({ ...object, ageMs: ageOf(s3, LastModified) });
    }
    const next = page.NextContinuationToken;
    if (page.IsTruncated !== true || next === undefined || next === token) break;
    token = next;
  }
  return found.sort((a, b) => (a.path < b.path ? -1 : 1));
}

function notAList(s3: S3Bucket, key: string): Error {
  const answer = new Error("the answer is not a list of objects");
  return explainS3Error({ where: s3.where, side: s3.side, verb: "ListObjectsV2", key }, answer);
}

/** Uploads in pieces that a crash left, or that run right now. */
export async function listUploads(s3: S3Bucket): Promise<readonly UnfinishedObject[]> {
  const found: UnfinishedObject[] = [];
  let markers: { readonly KeyMarker?: string; readonly UploadIdMarker?: string } = {};
  for (;;) {
    const page = await s3.send(new ListMultipartUploadsCommand({ Bucket: s3.bucket, Prefix: s3.key(""), ...markers }));
    for (const started of page.Uploads ?? []) found.push(...(await unfinishedOf(s3, started)));
    const { IsTruncated, NextKeyMarker, NextUploadIdMarker } = page;
    if (IsTruncated !== true || NextKeyMarker === undefined || NextUploadIdMarker === markers.UploadIdMarker)
      return found;
    markers = { KeyMarker: NextKeyMarker, ...(NextUploadIdMarker && { UploadIdMarker: NextUploadIdMarker }) };
  }
}

/** Nothing where it ended meanwhile. */
async function unfinishedOf(
  s3: S3Bucket,
  { Key = "", UploadId = "", Initiated }: MultipartUpload,
): Promise<UnfinishedObject[]> {
  const request = new ListPartsCommand({ Bucket: s3.bucket, Key, UploadId });
  const listed = await s3.send(request).catch(unlessCode("NoSuchUpload"));
  if (listed === undefined) return [];
  const { Parts = [] } = listed;
  const newest = Parts.at(-1)?.LastModified ?? Initiated;
  const sizeBytes = Parts.reduce((sum, { Size = 0 }) => sum + Size, 0);
  return [{ path: `${s3.pathOf(Key)}${uploadMark}${UploadId}`, sizeBytes, ageMs: ageOf(s3, newest) }];
}

/** The path that the object would have had, and its upload, of a path given by `listUploads`. */
export function uploadIn(path: string): { readonly path: string; readonly uploadId: string } | undefined {
  const at = path.indexOf(uploadMark);
  return at === -1 ? undefined : { path: path.slice(0, at), uploadId: path.slice(at + uploadMark.length) };
}

function ageOf(s3: S3Bucket, date: Date | undefined): number {
  return date === undefined ? 0 : s3.storeNowMs() - date.getTime();
}

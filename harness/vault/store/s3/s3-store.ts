// A store in an S3 bucket. An object is there as soon as its put is done, so nothing is renamed. `delete` takes the
// object out of sight: in a bucket with versions the older ones stay until the bucket's own rules remove them.
import { randomBytes } from "node:crypto";
import { AbortMultipartUploadCommand, DeleteObjectCommand } from "@aws-sdk/client-s3";
import { passPoint } from "../../../base/process/crash-point.ts";
import { isLockable } from "../layout.ts";
import { documentBytesMax, lockEndMs, type ObjectLockRule, type Store, StoreError } from "../store.ts";
import type { S3Bucket } from "./s3-bucket.ts";
import { claimOf, createUnderClaim, isClaim, isClaimOn } from "./s3-claim.ts";
import { s3CodeOf, wasRepeated } from "./s3-errors.ts";
import { ensureLocked, s3Locks } from "./s3-locks.ts";
import { listObjects, listUploads, metadataOf, readObject, unlessCode, uploadIn } from "./s3-objects.ts";
import { putName, type Retention, upload } from "./s3-upload.ts";

/** What the store makes of `If-None-Match: *`: it obeys, it ignores it, or it refuses requests that have it. */
type Condition = "obeyed" | "ignored" | "refused";
const conflictsMax = 5;

interface PutOptions {
  readonly ifAbsent?: boolean;
  readonly lock?: Retention | undefined;
  readonly signal?: AbortSignal;
}

/** With a rule, what a restore needs is locked as it is stored (layout.ts, isLockable). */
export function s3Store(s3: S3Bucket, rule?: ObjectLockRule): Store {
  const lockOf = (path: string): Retention | undefined =>
    rule === undefined || !isLockable(path)
      ? undefined
      : { mode: rule.mode, untilMs: lockEndMs(s3.storeNowMs(), rule.forMs) };
  let condition: Promise<Condition> | undefined;
  const conditionOf = async (): Promise<Condition> => {
    condition ??= measureCondition(s3);
    return await condition.catch((error: unknown) => {
      condition = undefined;
      throw error;
    });
  };
  const claimed = {
    where: s3.where,
    exists: async (path: string) => (await metadataOf(s3, path)) !== undefined,
    claims: async (path: string) =>
      (await listObjects(s3, `${path}.`)).filter((object) => isClaimOn(path, object.path)),
    putClaim: async (path: string) => void (await putObject(s3, path, Buffer.alloc(0))),
    remove: (path: string) => deleteIfAllowed(s3, path),
  };
  return {
    where: s3.where,
    put: async (path, bytes, signal) => {
      await putObject(s3, path, bytes, { lock: lockOf(path), ...(signal === undefined ? {} : { signal }) });
      passPoint("file/published");
    },
    putIfAbsent: async (path, bytes, signal) => {
      const known = await conditionOf();
      const create = (until?: AbortSignal): Promise<boolean> =>
        putObject(s3, path, bytes, {
          ifAbsent: known !== "refused",
          lock: lockOf(path),
          ...(until && { signal: until }),
        });
      const isNew =
        known === "obeyed" ? await create(signal) : await createUnderClaim(claimed, path, create, { signal });
      passPoint("file/published");
      return isNew;
    },
    get: (path, bytesMax = documentBytesMax) => readObject(s3, path, bytesMax),
    list: async (prefix) => {
      const found = (await listObjects(s3, prefix)).filter(({ path }) => !isClaim(path));
      return found.map(({ ageMs: _ageMs, ...object }) => object);
    },
    delete: async (path) => {
      await deleteObject(s3, path);
      passPoint("store/deleted");
    },
    // Every request is answered when what it did is permanent.
    sync: () => Promise.resolve(),
    listUnfinished: async () => {
      const claims = (await listObjects(s3, "")).filter(({ path }) => isClaim(path));
      return [...claims, ...(await listUploads(s3))];
    },
    objectLocks: s3Locks(s3, rule),
  };
}

/** False where the object exists and `ifAbsent` was asked for. */
async function putObject(s3: S3Bucket, path: string, bytes: Uint8Array, options: PutOptions = {}): Promise<boolean> {
  const { ifAbsent = false, lock, signal } = options;
  const token = randomBytes(8).toString("hex");
  const sending = { key: s3.key(path), bytes, token, ifAbsent, ...(lock && { lock }), ...(signal && { signal }) };
  for (let attempt = 1; ; attempt++) {
    try {
      if (!(await upload(s3, sending))) await mustHold(s3, path, bytes);
      if (lock !== undefined) await ensureLocked(s3, path, lock);
      return true;
    } catch (error) {
      const code = s3CodeOf(error);
      if (code === "ConditionalRequestConflict" && attempt < conflictsMax) continue;
      const isInDoubt = code === "PreconditionFailed" || code === "NoSuchUpload";
      if (!isInDoubt) throw error;
      // An attempt whose answer was lost may have created the object, and the next one then finds it.
      if (wasRepeated(error) && (await metadataOf(s3, path))?.[putName] === token) return true;
      if (code === "PreconditionFailed") return false;
      throw error;
    }
  }
}

/** Where the store confirms no checksum, the object is read back. */
async function mustHold(s3: S3Bucket, path: string, bytes: Uint8Array): Promise<void> {
  const stored = await readObject(s3, path, bytes.length);
  if (stored?.equals(bytes) === true) return;
  throw new StoreError(
    "broken",
    `${s3.where} does not hold the bytes of ${path} that were just stored`,
    "The store, or a proxy before it, changes what it is given: do not keep a vault there.",
  );
}

async function deleteObject(s3: S3Bucket, path: string): Promise<void> {
  const unfinished = uploadIn(path);
  const target = { Bucket: s3.bucket, Key: s3.key(unfinished?.path ?? path) };
  const gone: Promise<unknown> =
    unfinished === undefined
      ? s3.send(new DeleteObjectCommand(target))
      : s3.send(new AbortMultipartUploadCommand({ ...target, UploadId: unfinished.uploadId }));
  await gone.catch(unlessCode("NoSuchKey", "NoSuchUpload"));
}

/** Credentials that cannot delete leave a claim, which counts for a minute and is removed by the next prune. */
async function deleteIfAllowed(s3: S3Bucket, path: string): Promise<void> {
  await deleteObject(s3, path).catch((error: unknown) => {
    if (!(error instanceof StoreError) || error.code !== "read-only") throw error;
  });
}

/** Tries it on a claim of its own, on no object: a store that cannot do it need not say so. */
async function measureCondition(s3: S3Bucket): Promise<Condition> {
  const claim = claimOf("condition");
  await putObject(s3, claim, Buffer.alloc(0));
  try {
    return (await putObject(s3, claim, Buffer.alloc(0), { ifAbsent: true })) ? "ignored" : "obeyed";
  } catch (error) {
    if (/^(?:NotImplemented|InvalidArgument|InvalidRequest)$/.test(s3CodeOf(error))) return "refused";
    throw error;
  } finally {
    await deleteIfAllowed(s3, claim);
  }
}

// Object lock in a bucket: what it says of its versions, and how a lock is set. A store may accept a lock and not keep it,
// so whoever sets one reads it back.
import {
  GetObjectLegalHoldCommand,
  GetObjectLockConfigurationCommand,
  GetObjectRetentionCommand,
  HeadObjectCommand,
  ListObjectVersionsCommand,
  PutObjectLegalHoldCommand,
  PutObjectRetentionCommand,
} from "@aws-sdk/client-s3";
import {
  isAtLeast,
  type ObjectLockMode,
  type ObjectLockRule,
  type ObjectLocks,
  type StoredVersion,
  StoreError,
  type VersionName,
} from "../store.ts";
import type { S3Bucket } from "./s3-bucket.ts";
import { s3CodeOf } from "./s3-errors.ts";
import { unlessCode } from "./s3-objects.ts";
import { lockModeNames, type Retention } from "./s3-upload.ts";

const gone = ["NotFound", "NoSuchKey", "NoSuchVersion"] as const;
const isRefusedCode = /^(?:AccessDenied|Forbidden|403)$/;
/** There is no lock, or nothing that could have one. */
const isWithoutLock =
  /^(?:NotFound|NoSuchKey|NoSuchObjectLockConfiguration|ObjectLockConfigurationNotFoundError|NotImplemented|InvalidRequest|MethodNotAllowed|501)$/;

export function s3Locks(s3: S3Bucket, rule: ObjectLockRule | undefined): ObjectLocks {
  const target = ({ path, versionId }: VersionName): { Bucket: string; Key: string; VersionId?: string } => ({
    Bucket: s3.bucket,
    Key: s3.key(path),
    ...(versionId !== undefined && { VersionId: versionId }),
  });
  return {
    rule,
    nowMs: () => s3.storeNowMs(),
    isAvailable: () => hasObjectLock(s3),
    lackingRights: async (path) => {
      const asked = [
        mayAsk(s3.send(new GetObjectRetentionCommand(target({ path })))),
        mayAsk(s3.send(new GetObjectLegalHoldCommand(target({ path })))),
      ];
      const [seesRetention, seesHold] = await Promise.all(asked);
      return [
        ...(seesRetention === true ? [] : ["s3:GetObjectRetention"]),
        ...(seesHold === true ? [] : ["s3:GetObjectLegalHold"]),
      ];
    },
    versions: (prefix) => listVersions(s3, prefix),
    lockOf: async (version) => {
      const found = await s3.send(new HeadObjectCommand(target(version))).catch(unlessCode(...gone));
      return found === undefined
        ? undefined
        : {
            mode: modeOf(found.ObjectLockMode),
            untilMs: found.ObjectLockRetainUntilDate?.getTime() ?? 0,
            isHeld: found.ObjectLockLegalHoldStatus === "ON",
          };
    },
    retain: async (version, mode, untilMs) => {
      const Retention = { Mode: lockModeNames[mode], RetainUntilDate: new Date(untilMs) };
      const request = new PutObjectRetentionCommand({ ...target(version), Retention });
      return (await s3.send(request).catch(unlessCode(...gone))) !== undefined;
    },
    hold: async (version, isOn) => {
      const LegalHold = { Status: isOn ? "ON" : "OFF" } as const;
      const request = new PutObjectLegalHoldCommand({ ...target(version), LegalHold });
      return (await s3.send(request).catch(unlessCode(...gone))) !== undefined;
    },
  };
}

function modeOf(name: string | undefined): ObjectLockMode | undefined {
  return name === undefined ? undefined : name === "COMPLIANCE" ? "compliance" : "governance";
}

async function hasObjectLock(s3: S3Bucket): Promise<boolean | undefined> {
  try {
    const request = new GetObjectLockConfigurationCommand({ Bucket: s3.bucket });
    return (await s3.send(request)).ObjectLockConfiguration?.ObjectLockEnabled === "Enabled";
  } catch (error) {
    const code = s3CodeOf(error);
    if (isWithoutLock.test(code)) return false;
    if (isRefusedCode.test(code)) return undefined;
    throw error;
  }
}

async function mayAsk(request: Promise<unknown>): Promise<boolean> {
  try {
    await request;
    return true;
  } catch (error) {
    const code = s3CodeOf(error);
    if (isRefusedCode.test(code)) return false;
    if (isWithoutLock.test(code)) return true;
    throw error;
  }
}

async function listVersions(s3: S3Bucket, prefix: string): Promise<readonly StoredVersion[]> {
  const found: StoredVersion[] = [];
  let markers: { readonly KeyMarker?: string; readonly VersionIdMarker?: string } = {};
  for (;;) {
    const request = { Bucket: s3.bucket, Prefix: s3.key(prefix), ...markers };
    const page = await s3.send(new ListObjectVersionsCommand(request));
    for (const { Key = "", VersionId = "null", IsLatest = false, Size = 0 } of page.Versions ?? [])
      found.push({ path: s3.pathOf(Key), versionId: VersionId, isLatest: IsLatest, isMarker: false, sizeBytes: Size });
    for (const { Key = "", VersionId = "null", IsLatest = false } of page.DeleteMarkers ?? [])
      found.push({ path: s3.pathOf(Key), versionId: VersionId, isLatest: IsLatest, isMarker: true, sizeBytes: 0 });
    const { IsTruncated, NextKeyMarker, NextVersionIdMarker } = page;
    if (IsTruncated !== true || NextKeyMarker === undefined) break;
    if (NextKeyMarker === markers.KeyMarker && NextVersionIdMarker === markers.VersionIdMarker) break;
    markers = { KeyMarker: NextKeyMarker, ...(NextVersionIdMarker && { VersionIdMarker: NextVersionIdMarker }) };
  }
  return found.sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
}

/**
 * Makes sure of the lock of an object that was just stored with it: radosgw 16 and moto 5 lock no object that was uploaded
 * in pieces, whatever the request said.
 */
export async function ensureLocked(s3: S3Bucket, path: string, lock: Retention): Promise<void> {
  const locks = s3Locks(s3, undefined);
  if (isAtLeast(await locks.lockOf({ path }), lock)) return;
  await locks.retain({ path }, lock.mode, lock.untilMs);
  if (isAtLeast(await locks.lockOf({ path }), lock)) return;
  throw new StoreError(
    "broken",
    `${s3.where} does not say that ${path}, which was just stored, is locked until ${new Date(lock.untilMs).toISOString()}`,
    "Give the credentials s3:GetObjectRetention and s3:PutObjectRetention. If they have them, its locks do not lock: see falkordrill vault replicate --probe-lock.",
  );
}

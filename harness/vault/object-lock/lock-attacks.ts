// Everything that whoever holds the credentials of a backup host may try against a locked object. Every attack has an
// object of its own, and what counts is not the answer of the store but what is left of the object afterwards.
import {
  CopyObjectCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetBucketVersioningCommand,
  PutBucketLifecycleConfigurationCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  PutObjectLegalHoldCommand,
  PutObjectLockConfigurationCommand,
  PutObjectRetentionCommand,
  type S3Client,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import { systemClock } from "../../base/clock.ts";
import { RefusedInBatch } from "./store-answer.ts";

export interface LockedObject {
  readonly client: S3Client;
  readonly bucket: string;
  readonly key: string;
  readonly versionId: string;
  /** End of its lock. */
  readonly untilMs: number;
}

export interface LockAttack {
  readonly id: string;
  /** What the attacker does. */
  readonly title: string;
  /** COMPLIANCE retention when not given. */
  readonly lockedBy?: "legal-hold" | "both";
  /** Rejects where the store refuses one of its requests. */
  run(object: LockedObject): Promise<unknown>;
  /** What else must still hold, besides the object and its lock. */
  stillHolds?(object: LockedObject): Promise<boolean>;
  /** Puts back what the next attack needs. */
  undo?(object: LockedObject): Promise<unknown>;
}

interface OneVersion {
  readonly Bucket: string;
  readonly Key: string;
  readonly VersionId: string;
}

function versionOf({ bucket, key, versionId }: LockedObject): OneVersion {
  return { Bucket: bucket, Key: key, VersionId: versionId };
}

function keyIn({ bucket, key }: LockedObject): Omit<OneVersion, "VersionId"> {
  return { Bucket: bucket, Key: key };
}

function deleteVersion(object: LockedObject, bypass = false): Promise<unknown> {
  const request = { ...versionOf(object), ...(bypass && { BypassGovernanceRetention: true }) };
  return object.client.send(new DeleteObjectCommand(request));
}

function setRetention(object: LockedObject, Retention: object): Promise<unknown> {
  const request = { ...versionOf(object), Retention, BypassGovernanceRetention: true };
  return object.client.send(new PutObjectRetentionCommand(request));
}

function setVersioning({ client, bucket }: LockedObject, Status: "Enabled" | "Suspended"): Promise<unknown> {
  return client.send(new PutBucketVersioningCommand({ Bucket: bucket, VersioningConfiguration: { Status } }));
}

async function isVersioned({ client, bucket }: LockedObject): Promise<boolean> {
  return (await client.send(new GetBucketVersioningCommand({ Bucket: bucket }))).Status === "Enabled";
}

/** Soon, and not yet over when the store looks at it. */
const soon = (): Date => new Date(systemClock.nowMs() + 2000);
const other = Buffer.from("overwritten\n");

/** Those that may end the whole bucket come last. */
export const lockAttacks: readonly LockAttack[] = [
  { id: "delete-version", title: "delete a locked version", run: (object) => deleteVersion(object) },
  {
    id: "delete-with-bypass",
    title: "delete a locked version with the right to bypass governance",
    run: (object) => deleteVersion(object, true),
  },
  {
    id: "delete-many",
    title: "delete a locked version in a request for many",
    run: async (object) => {
      const Objects = [{ Key: object.key, VersionId: object.versionId }];
      const request = { Bucket: object.bucket, Delete: { Objects }, BypassGovernanceRetention: true };
      const { Errors = [] } = await object.client.send(new DeleteObjectsCommand(request));
      if (Errors[0] !== undefined) throw new RefusedInBatch(Errors[0].Code ?? "");
    },
  },
  {
    id: "shorten",
    title: "shorten a retention in compliance mode",
    run: (object) => setRetention(object, { Mode: "COMPLIANCE", RetainUntilDate: soon() }),
  },
  {
    id: "downgrade-then-bypass",
    title: "downgrade a retention to governance mode, then bypass it",
    run: async (object) => {
      await setRetention(object, { Mode: "GOVERNANCE", RetainUntilDate: new Date(object.untilMs) });
      await deleteVersion(object, true);
    },
  },
  { id: "remove-retention", title: "remove a retention", run: (object) => setRetention(object, {}) },
  {
    id: "overwrite",
    title: "put another object of the same name",
    run: (object) => object.client.send(new PutObjectCommand({ ...keyIn(object), Body: other })),
  },
  {
    id: "copy-over",
    title: "copy another object onto the same name",
    run: async (object) => {
      const source = `${object.key}-source`;
      await object.client.send(new PutObjectCommand({ Bucket: object.bucket, Key: source, Body: other }));
      await object.client.send(new CopyObjectCommand({ ...keyIn(object), CopySource: `${object.bucket}/${source}` }));
    },
  },
  {
    id: "multipart-without-lock",
    title: "upload an object of the same name in pieces, without a lock",
    run: async (object) => {
      const { UploadId } = await object.client.send(new CreateMultipartUploadCommand(keyIn(object)));
      const upload = { ...keyIn(object), UploadId };
      const { ETag } = await object.client.send(new UploadPartCommand({ ...upload, PartNumber: 1, Body: other }));
      const MultipartUpload = { Parts: [{ PartNumber: 1, ETag }] };
      await object.client.send(new CompleteMultipartUploadCommand({ ...upload, MultipartUpload }));
    },
  },
  {
    id: "delete-marker",
    title: "hide a locked version by a delete marker, then remove the marker",
    run: async (object) => {
      const { VersionId } = await object.client.send(new DeleteObjectCommand(keyIn(object)));
      await object.client.send(new DeleteObjectCommand({ ...keyIn(object), VersionId }));
    },
  },
  {
    id: "delete-held",
    title: "delete a version under a legal hold, with the right to bypass governance",
    lockedBy: "legal-hold",
    run: (object) => deleteVersion(object, true),
  },
  {
    id: "hold-off",
    title: "lift a legal hold, then delete a version whose retention has not ended",
    lockedBy: "both",
    run: async (object) => {
      await object.client.send(new PutObjectLegalHoldCommand({ ...versionOf(object), LegalHold: { Status: "OFF" } }));
      await deleteVersion(object, true);
    },
  },
  {
    id: "clock-ahead",
    title: "delete a locked version with a clock ahead of the end of its lock",
    run: async (object) => {
      const { config } = object.client;
      const offsetMs = config.systemClockOffset;
      config.systemClockOffset = object.untilMs + 60_000 - systemClock.nowMs();
      try {
        await deleteVersion(object, true);
      } finally {
        config.systemClockOffset = offsetMs;
      }
    },
  },
  {
    id: "lifecycle",
    title: "have a lifecycle rule remove a locked version (a store may apply it a day later)",
    run: (object) => {
      const rule = { ID: "attack", Status: "Enabled", Filter: { Prefix: object.key } } as const;
      const NoncurrentVersionExpiration = { NoncurrentDays: 1 };
      const Rules = [{ ...rule, Expiration: { Days: 1 }, NoncurrentVersionExpiration }];
      const request = { Bucket: object.bucket, LifecycleConfiguration: { Rules } };
      return object.client.send(new PutBucketLifecycleConfigurationCommand(request));
    },
  },
  {
    id: "default-off",
    title: "take the default retention from the bucket",
    run: (object) => {
      const ObjectLockConfiguration = { ObjectLockEnabled: "Enabled" } as const;
      const request = { Bucket: object.bucket, ObjectLockConfiguration };
      return object.client.send(new PutObjectLockConfigurationCommand(request));
    },
  },
  {
    id: "suspend-versioning",
    title: "suspend versioning in a bucket with locks",
    run: async (object) => {
      await setVersioning(object, "Suspended");
      await object.client.send(new PutObjectCommand({ ...keyIn(object), Body: other }));
    },
    stillHolds: isVersioned,
    undo: (object) => setVersioning(object, "Enabled"),
  },
  {
    id: "delete-bucket",
    title: "delete a bucket with locked versions in it",
    run: (object) => object.client.send(new DeleteBucketCommand({ Bucket: object.bucket })),
  },
];

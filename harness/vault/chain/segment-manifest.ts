// The signed description of one segment: a piece of the replication stream after the cut of a full backup, its base.
// Each names the SHA-256 of the manifest before it, so segments that are missing, foreign, repeated or out of order do
// not link.
import { z } from "zod";
import {
  compressionSchema,
  encryptionSchema,
  type Manifest,
  type ManifestEncryption,
  type ManifestPart,
  parseManifest,
  partsAddUp,
  partSchema,
  untrusted,
} from "../store/manifest.ts";
import type { GraphChange, GraphChanges } from "./schemas/replica-graphs.ts";

export const segmentVersion = 1;

/** Why a segment ended where it did. */
const sealReasons = ["size", "age", "request", "proof", "shutdown"] as const;
export type SealReason = (typeof sealReasons)[number];

/** What a segment can hold that may not reproduce the same graph when it is replayed. */
const hazardKinds = [
  "query-text",
  "graph-restored",
  "schema-unlogged",
  "write-failed",
  "graph-unlogged",
  "master-changed",
  "databases-mixed",
  "unknown-command",
] as const;
type HazardKind = (typeof hazardKinds)[number];

export interface Hazard {
  /** Up to this offset the chain replays exactly; what follows may not. */
  readonly offset: number;
  readonly kind: HazardKind;
  /** The graph concerned, if any. */
  readonly graph?: string;
  /** One sentence, without any content of a graph. */
  readonly message: string;
}

/** Everything up to `offset` had been received at `atMs`, by the archiver's clock, which never goes back. */
export type StreamTime = readonly [offset: number, atMs: number];

/**
 * The names that a replica has where a segment ends, so that an archiver can continue from there (stream-schemas.ts).
 */
export interface SegmentSchemas extends Partial<GraphChanges> {
  /** The database that the stream has selected. */
  readonly database: number;
  /** The segment that lists what differs from the base: this one, one before it, or 0 where nothing does. */
  readonly listedIn: number;
  /** Up to this offset the source had no graph that was not replicated. */
  readonly checkedAt: number;
}

export interface SegmentManifest {
  readonly version: typeof segmentVersion;
  readonly tool: string;
  /** The id of the full backup. */
  readonly base: string;
  /** Number of the segment, counted from 1. */
  readonly number: number;
  /** SHA-256 of the previous manifest; for the first segment, of the base's manifest. */
  readonly previous: string;
  readonly replid: string;
  /** The bytes (from, to] of the stream. `from` is the base's cut or the previous segment's `to`. */
  readonly from: number;
  readonly to: number;
  /** The part of the stream that the archiver received is complete from `fromAt` to `toAt`, ISO 8601. */
  readonly fromAt: string;
  readonly toAt: string;
  /**
   * Offset and time of the last command of each tenth of a second with commands, in order. Empty where no command came.
   */
  readonly times: readonly StreamTime[];
  /**
   * What the source reported meanwhile: everything that it had acknowledged at `atMs` lies before `offset`. So a moment
   * can say up to when it is complete, however late the stream arrived. Absent where the source was not asked.
   */
  readonly complete?: readonly StreamTime[];
  readonly sealed: SealReason;
  /** How often each command occurs in the segment. */
  readonly commands: Readonly<Record<string, number>>;
  readonly hazards: readonly Hazard[];
  /** Absent where unknown, as in segments from before it was recorded. */
  readonly schemas?: SegmentSchemas;
  readonly encryption: ManifestEncryption;
  readonly compression: Manifest["compression"];
  readonly rawBytes: number;
  readonly storedBytes: number;
  readonly parts: readonly ManifestPart[];
}

const count = z.int().nonnegative();
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

const hazardSchema: z.ZodType<Hazard> = z.strictObject({
  offset: count,
  kind: z.enum(hazardKinds),
  graph: z.string().exactOptional(),
  message: z.string(),
});

const names = z.array(z.string());
const graphNamesSchema = z.strictObject({ labels: names, types: names, propertyKeys: names });
const graphChangeSchema: z.ZodType<GraphChange> = z.strictObject({
  database: count,
  name: z.string(),
  names: z.union([count, z.enum(["unknown", "gone"])]),
  since: count.exactOptional(),
});

const schemasSchema: z.ZodType<SegmentSchemas> = z.strictObject({
  database: count,
  listedIn: count,
  checkedAt: count,
  graphs: z.array(graphChangeSchema).exactOptional(),
  names: z.array(graphNamesSchema).exactOptional(),
});

const segmentSchema: z.ZodType<SegmentManifest> = z.strictObject({
  version: z.literal(segmentVersion),
  tool: z.string(),
  base: z.string(),
  number: z.int().positive(),
  previous: sha256,
  replid: z.string().regex(/^[0-9a-f]{40}$/),
  from: count,
  to: count,
  fromAt: z.iso.datetime(),
  toAt: z.iso.datetime(),
  times: z.array(z.tuple([count, count])),
  complete: z.array(z.tuple([count, count])).exactOptional(),
  sealed: z.enum(sealReasons),
  commands: z.record(z.string(), count),
  hazards: z.array(hazardSchema),
  schemas: schemasSchema.exactOptional(),
  encryption: encryptionSchema,
  compression: compressionSchema,
  rawBytes: count,
  storedBytes: count,
  parts: z.array(partSchema),
});

export function encodeSegment(manifest: SegmentManifest): Buffer {
  return Buffer.from(`${JSON.stringify(segmentSchema.parse(manifest), undefined, 2)}\n`);
}

/** Reads a manifest whose signature has been checked. */
export function decodeSegment(bytes: Uint8Array, where: string): SegmentManifest {
  const manifest = parseManifest(bytes, where, segmentSchema, segmentVersion);
  const { from, to, times } = manifest;
  if (!partsAddUp(manifest) || manifest.rawBytes !== to - from)
    throw untrusted(where, "its parts do not add up to its part of the stream");
  const inOrder = times.every(([offset, atMs], index) => {
    const [offsetBefore, atMsBefore] = times[index - 1] ?? [from, Date.parse(manifest.fromAt)];
    return offset > offsetBefore && offset <= to && atMs >= atMsBefore;
  });
  if (!inOrder || (times.at(-1)?.[0] ?? from) !== to || Date.parse(manifest.toAt) < (times.at(-1)?.[1] ?? 0))
    throw untrusted(where, "its times are not in order");
  return manifest;
}

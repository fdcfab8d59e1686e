// The signed description of one backup. It is written last, so a backup exists only when its manifest does, and a
// restore refuses every byte that it does not cover.
import { z } from "zod";
import { DrillError } from "../../base/errors.ts";
import type { KeyNames } from "../../falkordb/rdb/rdb-walk.ts";
import type { SchemaHeader } from "../../falkordb/rdb/rdb-graph-header.ts";

export const manifestVersion = 1;
export const encryptionProfiles = ["interop", "modern"] as const;
export type EncryptionProfile = (typeof encryptionProfiles)[number];

export interface ManifestPart {
  /** Position in the snapshot; parts are decrypted in this order and no other. */
  readonly index: number;
  readonly name: string;
  /** Size in the snapshot (`rawBytes`), and as stored. */
  readonly rawBytes: number;
  readonly storedBytes: number;
  /** SHA-256 of the stored object. */
  readonly sha256: string;
}

export interface ManifestGraph {
  readonly name: string;
  readonly nodes: number;
  readonly edges: number;
  /** Position in `schemas`. */
  readonly schema: number;
  /** Database of the graph; absent for database 0. */
  readonly database?: number;
  /** Set where the graph holds what FalkorDB before 4.18.0 saves and cannot load (border-blob.ts). */
  readonly borderBlob?: true;
}

export interface ManifestSchema {
  readonly propertyKeys: readonly string[];
  readonly labels: readonly SchemaHeader[];
  readonly types: readonly SchemaHeader[];
}

/** Text of the graphs in a sample of the snapshot, and how much of it looks like noise (parts/text-sample.ts). */
export interface TextSample {
  readonly bytes: number;
  readonly noiseBytes: number;
}

/** More of its text looks like noise than is usual in this vault, as if a part of it was replaced (noise.ts). */
export interface Suspicion {
  /** The newest backup before it that is not suspected. A prune may remove it, so all of this is kept here. */
  readonly since: string;
  /** Share of the text that looks like noise, and the largest that would have been usual. */
  readonly share: number;
  readonly limit: number;
}

export interface Manifest {
  readonly version: typeof manifestVersion;
  readonly id: string;
  readonly tool: string;
  readonly createdAt: string;
  readonly cut: { readonly replid: string; readonly offset: number; readonly at: string };
  /** The chain that a compacted backup was made from (compact.ts); absent for a backup of the source itself. */
  readonly parent: ManifestParent | null;
  readonly source: {
    readonly redis: string;
    readonly module: number;
    readonly encver: number | null;
    /** GRAPH.CONFIG of the source, as text. */
    readonly graphConfig: Readonly<Record<string, string>>;
    /** Memory of the source before the cut, without its clients; absent in backups of earlier versions. */
    readonly memory?: { readonly usedBytes: number; readonly rssBytes: number };
  };
  /**
   * Content according to the snapshot itself, so it is exact for the cut. Null where the snapshot was not understood.
   */
  readonly content: {
    readonly graphs: readonly ManifestGraph[];
    readonly schemas: readonly ManifestSchema[];
    readonly udfLibraries: readonly string[];
    /** Names of the keys that are not graphs and do not expire; absent in backups of earlier versions. */
    readonly otherKeys?: KeyNames;
    /** All keys that are not graphs, including those that expire; absent in backups of earlier versions. */
    readonly otherKeyCount?: number;
  } | null;
  readonly encryption: ManifestEncryption;
  readonly compression: { readonly format: "zstd"; readonly level: number };
  readonly rawBytes: number;
  readonly storedBytes: number;
  readonly parts: readonly ManifestPart[];
  /** Its source was empty or had shrunk (shrinkage.ts), and the user accepted that. */
  readonly shrunkAllowed?: true;
  /** Absent in backups of earlier versions. */
  readonly text?: TextSample;
  readonly suspicion?: Suspicion;
  /** It would be suspected, and the user accepted that. */
  readonly noiseAllowed?: true;
  /** The backup of which this is a copy for other keys (../rotate). */
  readonly rotatedFrom?: string;
  /** What a server held before this backup was restored into it in place; `latest` never means it. */
  readonly replacedBy?: string;
}

/** The link of a chain at which a compacted backup was made: what follows that link follows the backup too. */
export interface ManifestParent {
  /** The full backup on which the chain is based, and the number and the manifest's SHA-256 of its segment. */
  readonly base: string;
  readonly segment: number;
  readonly sha256: string;
  /** The database that the stream had selected there. */
  readonly database: number;
}

export interface ManifestEncryption {
  readonly profile: EncryptionProfile;
  readonly recipients: readonly { readonly name: string; readonly fingerprint: string }[];
}

const count = z.int().nonnegative();
const text = z.string();

export const partSchema: z.ZodType<ManifestPart> = z.strictObject({
  index: count,
  name: text,
  rawBytes: count,
  storedBytes: count,
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});

const schemaItem = z.strictObject({
  name: text,
  index: z.array(text),
  stopwords: z.array(text),
  options: z.array(text).exactOptional(),
  constraints: z.array(text),
});

const contentSchema = z.strictObject({
  graphs: z.array(
    z.strictObject({
      name: text,
      nodes: count,
      edges: count,
      schema: count,
      database: count.exactOptional(),
      borderBlob: z.literal(true).exactOptional(),
    }),
  ),
  schemas: z.array(
    z.strictObject({ propertyKeys: z.array(text), labels: z.array(schemaItem), types: z.array(schemaItem) }),
  ),
  udfLibraries: z.array(text),
  otherKeys: z.strictObject({ count, digest: text }).exactOptional(),
  otherKeyCount: count.exactOptional(),
});

export const encryptionSchema: z.ZodType<ManifestEncryption> = z.strictObject({
  profile: z.enum(encryptionProfiles),
  recipients: z.array(z.strictObject({ name: text, fingerprint: text })).min(1),
});

export const compressionSchema: z.ZodType<Manifest["compression"]> = z.strictObject({
  format: z.literal("zstd"),
  level: z.int(),
});

const parentSchema: z.ZodType<ManifestParent> = z.strictObject({
  base: text,
  segment: count,
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  database: count,
});

const manifestSchema: z.ZodType<Manifest> = z.strictObject({
  version: z.literal(manifestVersion),
  id: text,
  tool: text,
  createdAt: z.iso.datetime(),
  cut: z.strictObject({ replid: text, offset: count, at: z.iso.datetime() }),
  parent: parentSchema.nullable(),
  source: z.strictObject({
    redis: text,
    module: count,
    encver: count.nullable(),
    graphConfig: z.record(text, text),
    memory: z.strictObject({ usedBytes: count, rssBytes: count }).exactOptional(),
  }),
  content: contentSchema.nullable(),
  encryption: encryptionSchema,
  compression: compressionSchema,
  rawBytes: count,
  storedBytes: count,
  parts: z.array(partSchema).min(1),
  shrunkAllowed: z.literal(true).exactOptional(),
  text: z.strictObject({ bytes: count, noiseBytes: count }).exactOptional(),
  suspicion: z.strictObject({ since: text, share: z.number(), limit: z.number() }).exactOptional(),
  noiseAllowed: z.literal(true).exactOptional(),
  rotatedFrom: text.exactOptional(),
  replacedBy: text.exactOptional(),
});

export function encodeManifest(manifest: Manifest): Buffer {
  return Buffer.from(`${JSON.stringify(manifestSchema.parse(manifest), undefined, 2)}\n`);
}

/** Reads a manifest whose signature has been checked. */
export function decodeManifest(bytes: Uint8Array, where: string): Manifest {
  const manifest = parseManifest(bytes, where, manifestSchema, manifestVersion);
  if (!partsAddUp(manifest)) throw untrusted(where, "its parts do not add up");
  return manifest;
}

export function partsAddUp({
  parts,
  rawBytes,
  storedBytes,
}: Pick<Manifest, "parts" | "rawBytes" | "storedBytes">): boolean {
  return (
    parts.every((part, index) => part.index === index && part.name === partName(index)) &&
    parts.reduce((sum, part) => sum + part.rawBytes, 0) === rawBytes &&
    parts.reduce((sum, part) => sum + part.storedBytes, 0) === storedBytes
  );
}

export function partName(index: number): string {
  return `part-${String(index).padStart(5, "0")}.zst.pgp`;
}

/** Parses the signed JSON of a backup or a segment, if its version is known here. */
export function parseManifest<T>(bytes: Uint8Array, where: string, schema: z.ZodType<T>, versionMax: number): T {
  let json: unknown;
  try {
    json = JSON.parse(Buffer.from(bytes).toString("utf8"));
  } catch (error) {
    throw untrusted(where, "it is not JSON", error);
  }
  const version = (json as { version?: unknown } | null)?.version;
  if (typeof version === "number" && version > versionMax)
    throw new DrillError(`${where} has format ${version}, this program knows up to ${versionMax}`, {
      exit: "usage",
      hint: "Use a newer version of falkordrill.",
    });
  const parsed = schema.safeParse(json);
  if (!parsed.success) throw untrusted(where, z.prettifyError(parsed.error));
  return parsed.data;
}

export function untrusted(where: string, why: string, cause?: unknown): DrillError {
  return new DrillError(`${where} is not a manifest that can be trusted: ${why}`, { exit: "dataWrong", cause });
}

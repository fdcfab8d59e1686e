// The signed description of one backup. It is written last, so a backup exists only when its manifest does, and a
// restore refuses every byte that it does not cover.
import { z } from "zod";
import { DrillError } from "../../base/errors.ts";

export const manifestVersion = 1;
export const encryptionProfiles = ["interop", "modern"] as const;
export type EncryptionProfile = (typeof encryptionProfiles)[number];

export interface ManifestPart {
  /** Position in the snapshot; parts are decrypted in this order and no other. */
  readonly index: number;
  readonly name: string;
  /** Size in the snapshot, and as stored. */
  readonly rawBytes: number;
  readonly storedBytes: number;
  /** Of the stored object. */
  readonly sha256: string;
}

/** A graph as the snapshot itself describes it, so it is true of the cut. */
export interface ManifestGraph {
  readonly name: string;
  readonly nodes: number;
  readonly edges: number;
  /** Label or type, and how many entities carry it. */
  readonly labels: Readonly<Record<string, number>>;
  readonly types: Readonly<Record<string, number>>;
  readonly propertyKeys: readonly string[];
  /** One for each indexed label or type: what is indexed and how. */
  readonly indexes: readonly string[];
  readonly constraints: readonly string[];
}

export interface Manifest {
  readonly version: typeof manifestVersion;
  readonly id: string;
  readonly tool: string;
  readonly createdAt: string;
  readonly cut: { readonly replid: string; readonly offset: number; readonly at: string };
  readonly parent: null;
  readonly source: {
    readonly redis: string;
    readonly module: number;
    readonly encver: number | null;
    /** GRAPH.CONFIG of the source, as text. */
    readonly graphConfig: Readonly<Record<string, string>>;
    readonly udfLibraries: readonly string[];
  };
  /** Null where the snapshot could not be read as far as that. */
  readonly graphs: readonly ManifestGraph[] | null;
  readonly encryption: {
    readonly profile: EncryptionProfile;
    readonly recipients: readonly { readonly name: string; readonly fingerprint: string }[];
  };
  readonly compression: { readonly format: "zstd"; readonly level: number };
  readonly rawBytes: number;
  readonly storedBytes: number;
  readonly parts: readonly ManifestPart[];
}

const count = z.int().nonnegative();
const text = z.string();

const partSchema = z.strictObject({
  index: count,
  name: text,
  rawBytes: count,
  storedBytes: count,
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});

const graphSchema = z.strictObject({
  name: text,
  nodes: count,
  edges: count,
  labels: z.record(text, count),
  types: z.record(text, count),
  propertyKeys: z.array(text),
  indexes: z.array(text),
  constraints: z.array(text),
});

export const manifestSchema: z.ZodType<Manifest> = z.strictObject({
  version: z.literal(manifestVersion),
  id: text,
  tool: text,
  createdAt: z.iso.datetime(),
  cut: z.strictObject({ replid: text, offset: count, at: z.iso.datetime() }),
  parent: z.null(),
  source: z.strictObject({
    redis: text,
    module: count,
    encver: count.nullable(),
    graphConfig: z.record(text, text),
    udfLibraries: z.array(text),
  }),
  graphs: z.array(graphSchema).nullable(),
  encryption: z.strictObject({
    profile: z.enum(encryptionProfiles),
    recipients: z.array(z.strictObject({ name: text, fingerprint: text })).min(1),
  }),
  compression: z.strictObject({ format: z.literal("zstd"), level: z.int() }),
  rawBytes: count,
  storedBytes: count,
  parts: z.array(partSchema).min(1),
});

export function encodeManifest(manifest: Manifest): Buffer {
  return Buffer.from(`${JSON.stringify(manifestSchema.parse(manifest), undefined, 2)}\n`);
}

/** Reads a manifest whose signature has been checked. */
export function decodeManifest(bytes: Uint8Array, where: string): Manifest {
  const manifest = parse(bytes, where);
  const inOrder = manifest.parts.every((part, index) => part.index === index && part.name === partName(index));
  const rawBytes = manifest.parts.reduce((sum, part) => sum + part.rawBytes, 0);
  const storedBytes = manifest.parts.reduce((sum, part) => sum + part.storedBytes, 0);
  if (!inOrder || rawBytes !== manifest.rawBytes || storedBytes !== manifest.storedBytes)
    throw damaged(where, "its parts do not add up");
  return manifest;
}

export function partName(index: number): string {
  return `part-${String(index).padStart(5, "0")}.zst.pgp`;
}

function parse(bytes: Uint8Array, where: string): Manifest {
  let json: unknown;
  try {
    json = JSON.parse(Buffer.from(bytes).toString("utf8"));
  } catch (error) {
    throw damaged(where, "it is not JSON", error);
  }
  const version = (json as { version?: unknown } | null)?.version;
  if (typeof version === "number" && version > manifestVersion)
    throw new DrillError(`${where} has format ${version}, this program knows up to ${manifestVersion}`, {
      exit: "usage",
      hint: "Use a newer version of falkordrill.",
    });
  const parsed = manifestSchema.safeParse(json);
  if (!parsed.success) throw damaged(where, z.prettifyError(parsed.error));
  return parsed.data;
}

function damaged(where: string, why: string, cause?: unknown): DrillError {
  return new DrillError(`${where} is not a manifest that can be trusted: ${why}`, { exit: "dataWrong", cause });
}

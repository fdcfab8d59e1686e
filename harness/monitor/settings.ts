// The part of falkordrill.config that names what a monitor looks at.
import { z } from "zod";
import { parseAge, type RetentionPolicy } from "../vault/retention/retention.ts";

/** One vault, as in the configuration; paths are relative to its file. */
export interface VaultSetting {
  /** Value of the label `vault`. */
  readonly name: string;
  /** A folder, or `s3://bucket/prefix`. */
  readonly vault: string;
  /** Value of the label `region`: where the vault is, in words of yours. */
  readonly region?: string | undefined;
  /** Folder of the key ring; public keys are enough. */
  readonly keys?: string | undefined;
  readonly endpoint?: string | undefined;
  readonly awsRegion?: string | undefined;
  readonly awsProfile?: string | undefined;
  /** Name of the vault of which this one is the replica. */
  readonly replicaOf?: string | undefined;
  /** The rules of its prune, so that the next deletions are known. */
  readonly keep?: KeepSetting | undefined;
  /** IANA time zone of these rules; UTC by default. */
  readonly zone?: string | undefined;
  /** File that its archiver writes: `vault archive --metrics <file>`. */
  readonly archiveMetrics?: string | undefined;
}

interface KeepSetting extends Omit<RetentionPolicy, "within"> {
  readonly within?: string | undefined;
}

/** What may be started from a page, by whoever has the token for that. */
export interface OperateSetting {
  /** Holds the audit log, and the output of what was started. */
  readonly folder: string;
  readonly commands: readonly {
    readonly name: string;
    /** The arguments of `falkordrill`: those of `vault backup`, of `vault verify`, or of `run`. */
    readonly run: readonly string[];
  }[];
}

export interface MonitorSettings {
  readonly vaults?: readonly VaultSetting[] | undefined;
  /** Folders that hold run directories. */
  readonly runs?: readonly string[] | undefined;
  /** Folders with logs of commands, whose lines the dashboard shows as they are written. */
  readonly logs?: readonly string[] | undefined;
  /** Folders on disks whose free space matters, by the value of the label `disk`. */
  readonly disks?: Readonly<Record<string, string>> | undefined;
  readonly operate?: OperateSetting | undefined;
}

const count = z.int().positive().exactOptional();
const name = z.string().min(1).max(200);

const vaultSchema: z.ZodType<VaultSetting> = z.strictObject({
  name,
  vault: z.string().min(1),
  region: name.optional(),
  keys: z.string().min(1).optional(),
  endpoint: z.url({ protocol: /^https?$/ }).optional(),
  awsRegion: name.optional(),
  awsProfile: name.optional(),
  replicaOf: name.optional(),
  keep: z
    .strictObject({
      last: count,
      daily: count,
      weekly: count,
      monthly: count,
      yearly: count,
      within: z
        .string()
        .regex(/^\d{1,6}[mhdw]$/, "expected an age such as 12h, 7d or 4w")
        .optional(),
      all: z.boolean().exactOptional(),
    })
    .optional(),
  zone: name.optional(),
  archiveMetrics: z.string().min(1).optional(),
});

export const monitorSchema: z.ZodType<MonitorSettings> = z.strictObject({
  vaults: z.array(vaultSchema).optional(),
  runs: z.array(z.string().min(1)).optional(),
  logs: z.array(z.string().min(1)).optional(),
  disks: z.record(name, z.string().min(1)).optional(),
  operate: z
    .strictObject({
      folder: z.string().min(1),
      commands: z.array(z.strictObject({ name, run: z.array(z.string()).min(1) })).min(1),
    })
    .optional(),
});

export function policyOf({ within, ...counts }: KeepSetting): RetentionPolicy {
  return within === undefined ? counts : { ...counts, within: parseAge(within) };
}

// What an analysis is made of: plain data, read from vaults, run directories and disks (harness/analyze).
import type { RetentionPolicy } from "../../harness/vault/retention/retention.ts";

interface Attempt {
  readonly beganMs: number;
  /** Undefined for a backup that never completed. */
  readonly endedMs: number | undefined;
}

/** A restore point that is there. */
export interface KeptPoint {
  readonly id: string;
  /** Id of the full backup that it is, or is based on. */
  readonly base: string;
  readonly isFull: boolean;
  readonly atMs: number;
  /** Sizes of its objects. */
  readonly objectBytes: readonly number[];
}

export interface FullBackup {
  readonly id: string;
  readonly atMs: number;
  readonly storedBytes: number;
  readonly rawBytes: number;
  /** Empty where the snapshot was not understood. */
  readonly graphs: readonly { readonly name: string; readonly entities: number }[];
}

/** A verify, or a proof of the archive. */
export interface Judged {
  readonly atMs: number;
  readonly ok: boolean;
  readonly base: string;
  /** The increment concerned; 0 for the backup itself. */
  readonly number: number;
  /** Undefined where no record of it is left. */
  readonly ms: number | undefined;
  /** How long the restore took that it began with, until the server was fully operational. */
  readonly restoredMs?: number | undefined;
}

interface KnownKey {
  readonly role: string;
  readonly name: string;
  /** Infinity where it does not expire. */
  readonly expiresMs: number;
}

export interface VaultHistory {
  readonly name: string;
  /** Folder or address of the vault, and folder of its key ring, as a command line names them. */
  readonly place: string;
  readonly keys: string;
  readonly attempts: readonly Attempt[];
  readonly points: readonly KeptPoint[];
  readonly backups: readonly FullBackup[];
  readonly judged: readonly Judged[];
  /** Entries of the catalogue, in order of time. */
  readonly entriesMs: readonly number[];
  /** Whether backups were removed: their sizes are not known any more. */
  readonly lastRemovedMs: number | undefined;
  /** Sizes of the objects that belong to no restore point. */
  readonly otherBytes: readonly number[];
  /** When the first needed object lock ends. */
  readonly lockEndMs: number | undefined;
  readonly ringKeys: readonly KnownKey[];
  /** Space of its disk, where it is a folder. */
  readonly disk: { readonly freeBytes: number; readonly sizeBytes: number } | undefined;
  readonly keep: RetentionPolicy | undefined;
  readonly zone: string;
}

interface DrilledOnce {
  readonly id: string;
  readonly verdict: "pass" | "fail" | "inconclusive";
  readonly startedMs: number;
  readonly rtoMs: number | undefined;
}

export interface History {
  readonly nowMs: number;
  readonly vaults: readonly VaultHistory[];
  readonly drills: readonly DrilledOnce[];
}

/** Limits in units of their series: seconds, and money a month. */
export interface Limits {
  readonly rtoSeconds?: number | undefined;
  readonly windowSeconds?: number | undefined;
  readonly costPerMonth?: number | undefined;
}

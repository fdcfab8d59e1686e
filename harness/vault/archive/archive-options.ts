import type { ArchiveStatus } from "./archive-status.ts";
import type { ProveOptions } from "./background-proof.ts";
import type { BackupOptions } from "../backup/backup.ts";

export interface ArchiveOptions extends BackupOptions {
  /** An increment ends when it holds this many bytes of the stream or is this old. */
  readonly segmentBytes: number;
  readonly segmentAgeMs: number;
  /** How much of the stream the server should keep for an archiver that was disconnected. */
  readonly backlogBytes?: number;
  /** How much may wait here for the vault before the source is held back. */
  readonly bufferBytes?: number;
  /** How long a failing source or vault is retried. */
  readonly giveUpMs?: number;
  readonly rebaseMinMs?: number;
  /** Restores the chain in the background and compares it with the source. */
  readonly prove?: ProveOptions;
  /** Called every second with the current status. */
  readonly onStatus?: (status: ArchiveStatus) => void;
}

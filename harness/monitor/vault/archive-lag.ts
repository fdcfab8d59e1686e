// How many bytes an archive is behind its source. A vault does not know what its source holds, so the archiver says it, in
// the file of `vault archive --metrics`.
import { readFile } from "node:fs/promises";

export interface ArchiveLag {
  /** Part of the stream of the source that is not in the vault yet. */
  readonly bytes: number;
  readonly atMs: number;
}

/** An archiver writes its file each second. */
const ageMaxMs = 60_000;

/** Undefined where the archiver does not say it now: what it said last is no present state. */
export async function readArchiveLag(file: string | undefined, nowMs: number): Promise<ArchiveLag | undefined> {
  const text = file === undefined ? "" : await readFile(file, "utf8").catch(() => "");
  const value = (name: string): number =>
    Number(new RegExp(`^falkordrill_archive_${name} (\\S+)$`, "m").exec(text)?.[1] ?? Number.NaN);
  const bytes = value("lag_bytes") + value("unsealed_bytes");
  const atMs = 1000 * value("status_timestamp_seconds");
  // A clock that is ahead would keep it young for as long.
  return Number.isFinite(bytes) && Math.abs(nowMs - atMs) <= ageMaxMs ? { bytes, atMs } : undefined;
}

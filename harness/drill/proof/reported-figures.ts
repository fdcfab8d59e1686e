// What a system reports of its backup, against what was measured from outside: a wrong time of the cut makes a user
// restore another moment than the one meant, and figures that are too good hide what a backup costs.
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Finding } from "../../check/check.ts";
import type { Span } from "../../check/history/moment.ts";
import type { BackupOutcome } from "../../system/system.ts";

/** What was measured of one backup; times in milliseconds since the epoch. */
export interface MeasuredBackup {
  readonly span: Span;
  /** From the answer of the pause to the sending of the resume; undefined if no pause was observed. */
  readonly pause: Span | undefined;
  /** Offsets of the source's replication stream before and after the backup; undefined if they could not be read. */
  readonly offsets: { readonly before: number; readonly after: number } | undefined;
  /** Bytes of new and changed files in the folder for backups; undefined for a system that may store elsewhere. */
  readonly storedBytes: number | undefined;
}

/** Rounding to whole milliseconds, and corrections of the wall clock during a backup. */
const clockSlackMs = 100;
/** Manifest, signature and marks next to the data. */
const overheadBytes = 64 * 1024;
const overheadShare = 0.05;

export function judgeReported({ point, phases, pauseMs }: BackupOutcome, measured: MeasuredBackup): Finding[] {
  const findings: Finding[] = [];
  const push = (code: "cut-misreported" | "figure-misreported", message: string, evidence: Finding["evidence"]): void =>
    void findings.push({ code, severity: "error", subject: point.id, message, evidence });
  const { span, pause, offsets, storedBytes } = measured;
  const { fromMs, toMs } = pause ?? span;
  const cutMs = Date.parse(point.cutAt);
  if (!(cutMs >= fromMs - clockSlackMs && cutMs <= toMs + clockSlackMs)) {
    const within = `${new Date(fromMs).toISOString()} and ${new Date(toMs).toISOString()}`;
    const what = pause === undefined ? "the backup ran" : "writes were paused";
    push("cut-misreported", `the system reports a cut at ${point.cutAt}, and ${what} between ${within}`, {
      ...measured,
    });
  }
  const { cutOffset } = point;
  if (
    cutOffset !== undefined &&
    offsets !== undefined &&
    !(cutOffset >= offsets.before && cutOffset <= offsets.after)
  ) {
    const within = `${offsets.before} before the backup and ${offsets.after} after it`;
    push("cut-misreported", `the system reports a cut at offset ${cutOffset}, and the source was at ${within}`, {
      ...measured,
    });
  }
  const longestMs = span.toMs - span.fromMs + clockSlackMs;
  const late = phases.find(({ startMs, ms }) => startMs + ms > longestMs);
  if (late !== undefined) {
    const message = `the system reports that its phase ${late.name} ended after ${Math.round(late.startMs + late.ms)} ms, and the backup took ${Math.round(longestMs)} ms`;
    push("figure-misreported", message, { phase: late });
  }
  const pausedMs = pause === undefined ? 0 : pause.toMs - pause.fromMs;
  if (pauseMs !== undefined && (pauseMs < pausedMs - clockSlackMs || pauseMs > longestMs)) {
    const message = `the system reports that it paused writes for ${Math.round(pauseMs)} ms, and they were paused for ${Math.round(pausedMs)} ms`;
    push("figure-misreported", message, { pauseMs, pausedMs });
  }
  if (storedBytes !== undefined) {
    const above = point.storedBytes - storedBytes;
    if (above > 0 || -above > overheadBytes + overheadShare * storedBytes) {
      const message = `the system reports ${point.storedBytes} stored bytes, and its folder has ${storedBytes} bytes in new files`;
      push("figure-misreported", message, { reported: point.storedBytes, storedBytes });
    }
  }
  return findings;
}

/** Size, inode and time of change of each file; by path. */
export type StoredFiles = ReadonlyMap<string, { readonly bytes: number; readonly version: string }>;

/** The files of a folder and of those in it; none if it does not exist. */
export async function storedFiles(folder: string): Promise<StoredFiles> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const paths = entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
  const files = paths.map(async (path) => {
    // The system may remove a file at any time.
    const found = await stat(path).catch(() => undefined);
    return found === undefined
      ? []
      : ([[path, { bytes: found.size, version: `${found.ino} ${found.mtimeMs}` }]] as const);
  });
  return new Map((await Promise.all(files)).flat());
}

/** Bytes of the files that are new or changed. What was removed meanwhile, as remains of a crash, makes them no fewer. */
export function bytesStored(before: StoredFiles, after: StoredFiles): number {
  const stored = [...after].filter(([path, { version }]) => before.get(path)?.version !== version);
  return stored.reduce((sum, [, { bytes }]) => sum + bytes, 0);
}

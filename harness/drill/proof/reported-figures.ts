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
  /** Growth of the folder for backups; undefined for a system that may store elsewhere. */
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
      const message = `the system reports ${point.storedBytes} stored bytes, and its folder grew by ${storedBytes}`;
      push("figure-misreported", message, { reported: point.storedBytes, storedBytes });
    }
  }
  return findings;
}

/** Bytes of all files in a folder; 0 if there is none. */
export async function storedBytesIn(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const sizes = entries
    .filter((entry) => entry.isFile())
    // The system may remove a file at any time.
    .map(async ({ parentPath, name }) => (await stat(join(parentPath, name)).catch(() => undefined))?.size ?? 0);
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}

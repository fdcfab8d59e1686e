// The rules of the coordination drills for a system and a service, each a pure function of what was observed. Restored
// content is judged elsewhere, as in every drill.
import type { FindingCode } from "../../../base/findings/finding-codes.ts";
import type { BackupStatus, WritesStatus } from "../../../service/contract.ts";
import type { RecordedFinding } from "../../../record/record.ts";
import type { HoldPoint } from "./held-backup.ts";

type Findings = readonly RecordedFinding[];

/** A backup whose pause did not hold must fail and leave no restore point; `error` is the one it failed with. */
export function judgeRefused(why: string, made: readonly string[], error: Error | undefined): Findings {
  if (made.length === 0 && error !== undefined) return [];
  const hint = "A restore from it may bring back what never was at one moment.";
  const message = `${why}, and the system ${made.length === 0 ? "reports success" : "keeps the backup"} all the same`;
  return [{ ...about("backup-kept-in-error", made[0] ?? "backup", message, { made }), hint }];
}

export function judgeGivenUp(error: Error, state: WritesStatus["state"]): Findings {
  if (error.message.includes("writes go on") && state === "open") return [];
  const message = `a pause that could not drain left writes ${state}, and said: ${error.message}`;
  return [about("pause-not-given-up", "pause-writes", message, { state })];
}

export function judgeComeback(state: WritesStatus["state"], comeback: string): Findings {
  if (state === "open") return [];
  const message = `the service was killed in a pause, and its successor has writes ${state}`;
  return [about("pause-outlives-service", "backup-status", message, { state, comeback })];
}

export interface AskedAtOnce {
  /** Answers to the requests that did not get a backup. */
  readonly refused: readonly string[];
  readonly points: readonly string[];
  readonly status: BackupStatus;
}

export function judgeAtOnce({ refused, points, status }: AskedAtOnce): Findings {
  const isRefusal = refused.length === 1 && refused[0]?.includes("409") === true;
  if (isRefusal && points.length === 1 && status.state === "succeeded") return [];
  const message = `of two backups asked for at once, ${refused.length} were refused, ${points.length} came out, and the last is said to have ${status.state}; expected one, one and succeeded`;
  return [about("backups-at-once", "trigger-backup", message, { refused, points, status })];
}

/** Judges the list of restore points after a backup was killed and before the next one. */
export function judgeKilled(holdAt: HoldPoint, before: readonly string[], after: readonly string[]): Findings {
  const more = after.filter((id) => !before.includes(id));
  const gone = before.filter((id) => !after.includes(id));
  if (more.length === 0 && gone.length === 0) return [];
  const message = `a backup was killed (${holdAt}), and the vault lists ${more.length} restore points more and ${gone.length} fewer`;
  return [about("half-backup-listed", more[0] ?? gone[0] ?? "vault", message, { holdAt, more, gone })];
}

/** Judges what is left after the next backup, which has to clean up after the killed one. */
export function judgePutRight(holdAt: HoldPoint, changed: readonly string[], stray: readonly string[]): Findings {
  const when = `after a backup was killed (${holdAt}) and another one made,`;
  const settings = about("settings-not-put-back", "server", `${when} a setting is not what it was: ${changed[0]}`, {
    changed,
  });
  const garbage = about("garbage-left", "vault", `${when} ${stray.length} objects of no restore point are left`, {
    stray: stray.slice(0, 10),
  });
  return [...(changed.length > 0 ? [settings] : []), ...(stray.length > 0 ? [garbage] : [])];
}

/**
 * The system does not report when it opens the target; before the first correct answer it must certainly not be open.
 */
export function judgeGate(firstAckMs: number | undefined, answeredMs: number): Findings {
  if (firstAckMs === undefined || firstAckMs >= answeredMs) return [];
  const early = Math.ceil(answeredMs - firstAckMs);
  const message = `a write was acknowledged ${early} ms before the restored engine gave its first right answer`;
  const hint = "A restore that replaces the database afterwards takes that write with it.";
  return [{ ...about("written-before-restored", "target", message, { firstAckMs, answeredMs }), hint }];
}

function about(
  code: FindingCode,
  subject: string,
  message: string,
  evidence: RecordedFinding["evidence"],
): RecordedFinding {
  return { code, severity: "error", subject, message, evidence };
}

// What archivers that were killed and restarted may leave: a chain based on the backups that they reported, and nothing
// else of theirs in the vault or on the server.
import type { Finding } from "../../../check/check.ts";

/** Every full backup but the first must be reported with its reason. */
export function judgeBases(subject: string, bases: number, said: readonly string[]): Finding[] {
  const announced = said.filter((note) => note.startsWith("new full backup: "));
  if (bases === 0)
    return [
      { code: "archive-empty", severity: "error", subject, message: "the archivers left no chain", evidence: {} },
    ];
  if (bases <= announced.length) return [];
  return [
    {
      code: "archive-base-unsaid",
      severity: "error",
      subject,
      message: `the vault holds ${bases} full backups, and the archivers spoke of ${announced.length}`,
      evidence: { bases, announced },
    },
  ];
}

export function judgeLeftBehind(subject: string, left: readonly string[]): Finding[] {
  if (left.length === 0) return [];
  return [
    {
      code: "archiver-left-behind",
      severity: "error",
      subject,
      message: `the last archiver ended and left: ${left.join("; ")}`,
      evidence: { left },
    },
  ];
}

// What archivers that were killed and started again may leave: a chain that stands on the backups which they said that
// they made, and nothing else of theirs in the vault or on the server.
import type { Finding } from "../../../check/check.ts";

/** Every full backup but the first needs a word: that it was made, and why. */
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

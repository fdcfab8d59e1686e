// Two vaults have both gone on since they were equal. Nothing of the one may go into the other, each keeps what it has,
// and the refusal names both.
import type { Finding } from "../../../check/check.ts";

/** Restore points with what is in them, of the first vault and of the second. */
type Both = readonly [first: readonly string[], second: readonly string[]];

export interface ForkEvidence {
  /** What the replication said, one sentence each. */
  readonly problems: readonly string[];
  readonly before: Both;
  readonly after: Both;
}

export function judgeFork(subject: string, { problems, before, after }: ForkEvidence): Finding[] {
  const said: string[] = [];
  for (const [index, name] of ["first", "second"].entries()) {
    const [had, has] = [new Set(before[index]), new Set(after[index])];
    const gone = [...had].filter((point) => !has.has(point));
    const came = [...has].filter((point) => !had.has(point));
    if (gone.length > 0) said.push(`the ${name} vault does not hold ${gone.join(", ")} any more`);
    if (came.length > 0) said.push(`the ${name} vault got ${came.join(", ")}`);
  }
  if (!problems.some((problem) => /both are kept/.test(problem))) said.push("nobody was told that both had gone on");
  return said.map((message) => ({
    code: "fork-not-refused",
    severity: "error",
    subject,
    message,
    evidence: { problems },
  }));
}

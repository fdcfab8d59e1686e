// The commit that a run must be about: an older run says nothing of a newer commit.
import { z } from "zod";
import type { RunEvidence } from "../evidence.ts";
import type { RuleResult, Rule } from "../rule.ts";

export interface CommitSection {
  readonly is: string;
}

/** What a policy may write in place of a commit: the one that is checked out where the gate runs. */
export const headCommit = "HEAD";

export const commit: Rule<CommitSection> = {
  about: "the commit of the working folder in which each run must have been made",
  schema: z.strictObject({
    is: z
      .string()
      .regex(/^(HEAD|[0-9a-f]{7,64})$/, `expected a commit (7 hexadecimal digits or more), or ${headCommit}`)
      .describe("a commit, or HEAD: the one that is checked out where the gate runs"),
  }),
  judge: ({ is }, { runs }) => runs.map((run) => judgeRun(is, run)),
};

function judgeRun(wanted: string, { name, checkout, replay }: RunEvidence): RuleResult {
  const base = { rule: "commit", run: name, objective: wanted.slice(0, 12), replay } as const;
  if (wanted === headCommit || checkout === undefined) {
    const message =
      checkout === undefined
        ? "the run does not say which commit was checked out where it was started"
        : "the gate was not started in a checkout, so its commit is unknown";
    return { ...base, status: "unknown", exit: "inconclusive", message };
  }
  const value = checkout.commit.slice(0, 12);
  if (!checkout.commit.startsWith(wanted))
    return { ...base, status: "missed", exit: "objectiveMissed", message: "the run is about another commit", value };
  if (checkout.isClean) return { ...base, status: "met", exit: "pass", message: "", value };
  const message = "files of the checkout were changed when the run was made";
  return { ...base, status: "unknown", exit: "inconclusive", message, value };
}

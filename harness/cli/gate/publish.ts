// Publishes a decision where GitHub Actions runs this: job summary, step output, annotation.
import { appendFileSync } from "node:fs";
import type { Decision } from "../../../reports/gate/decide.ts";
import { markdownDecision } from "../../../reports/gate/markdown.ts";
import { annotation } from "../../../reports/text/github.ts";
import { evidenceOf, headline, subjectOf } from "../../../reports/gate/words.ts";
import { oneLine } from "../../base/one-line.ts";
import { environment } from "../../base/environment.ts";

export async function publishDecision(decision: Decision): Promise<void> {
  const { githubActions, githubOutput, githubStepSummary } = environment();
  if (githubStepSummary !== undefined) appendFileSync(githubStepSummary, markdownDecision(decision));
  if (githubOutput !== undefined) {
    const { setOutput } = await import("@actions/core");
    setOutput("decision", decision.decision);
  }
  if (githubActions && decision.decision !== "go") process.stderr.write(decisionAnnotation(decision));
}

/** One for the whole decision: the table is in the job summary, and GitHub shows only ten of a step. */
function decisionAnnotation(decision: Decision): string {
  const level = decision.decision === "no-go" ? "error" : "warning";
  const open = decision.rules.filter(({ status }) => status === "missed" || status === "unknown");
  const lines = [
    headline(decision),
    ...open.slice(0, 5).map((judged) => `${subjectOf(judged)}: ${evidenceOf(judged)}`),
  ];
  return annotation(level, `Release gate: ${decision.decision}`, lines.map(oneLine).join("\n"));
}

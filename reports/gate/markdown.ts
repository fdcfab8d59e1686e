// The decision as Markdown, for a job summary, a release or an auditor.
import { formatCount } from "../../harness/base/units.ts";
import { escapeMarkup } from "../html/markup.ts";
import { type Decision, passedOf } from "./decide.ts";
import type { RuleResult } from "./rule.ts";
import { evidenceOf, exceptionName, headline, subjectOf, whereOf } from "./words.ts";

export function markdownDecision(decision: Decision): string {
  const lines = [
    `# Release gate: ${decision.decision}`,
    "",
    `${cell(headline(decision))}. Policy: ${cell(decision.policy.name)}. Decided at ${decision.decidedAt}.`,
    "",
    "| rule | status | evidence | first look at |",
    "|---|---|---|---|",
    ...decision.rules.map(row),
    "",
    "## Exceptions",
    "",
  ];
  if (decision.exceptions.length === 0) lines.push("None.", "");
  else lines.push("| what | status | owner | until | reason | covers |", "|---|---|---|---|---|---|");
  for (const use of decision.exceptions) {
    const what = `${exceptionName(use)}${use.acceptsWrongData === true ? " (accepts wrong data)" : ""}`;
    const first = use.excuses[0] ?? "";
    const more = use.excuses.length > 1 ? ` (and ${use.excuses.length - 1} more)` : "";
    lines.push(line([what, use.status, use.owner, use.expires, use.reason, `${first}${more}`]));
  }
  lines.push(
    "",
    "## Runs",
    "",
    "| run | started | seed | passed | system | engine | tool |",
    "|---|---|---:|---:|---|---|---|",
  );
  for (const run of decision.runs) {
    const tool = `${run.tool.version}${run.tool.commit === undefined ? "" : ` ${run.tool.commit.slice(0, 12)}`}`;
    const passed = `${formatCount(passedOf(run))} of ${formatCount(run.results.length)}`;
    lines.push(line([run.name, run.startedAt, String(run.seed), passed, run.system, run.engines.join(", "), tool]));
  }
  return `${lines.join("\n")}\n`;
}

function row(judged: RuleResult): string {
  const status = judged.status === "met" ? "met" : `**${judged.status}**`;
  const cells = [subjectOf(judged), evidenceOf(judged), whereOf(judged)].map(cell);
  return `| ${cells[0]} | ${status} | ${cells[1]} | ${cells[2]} |`;
}

function line(cells: readonly string[]): string {
  return `| ${cells.map(cell).join(" | ")} |`;
}

/** Text of a graph or a policy must become neither markup nor another cell. */
function cell(text: string): string {
  return escapeMarkup(text).replaceAll("|", "&#124;").replaceAll("`", "&#96;").replaceAll(/\s+/g, " ");
}

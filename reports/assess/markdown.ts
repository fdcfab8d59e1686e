// The scorecard as Markdown, for a job summary, a wiki or an auditor.
import { escapeMarkup } from "../html/markup.ts";
import { controlsNote } from "./controls.ts";
import type { CriterionResult, Scorecard } from "./scorecard.ts";
import {
  checkCommands,
  controlText,
  countsText,
  enginesText,
  groupsOf,
  recordName,
  runsText,
  verdictMeanings,
} from "./words.ts";

export function markdownScorecard(card: Scorecard): string {
  const lines = [
    `# Readiness of the ${cell(card.system)} system`,
    "",
    `**${countsText(card)}.** ${cell([runsText(card), enginesText(card)].join(", "))}. Assessed at ${card.assessedAt}.`,
    "",
    Object.entries(verdictMeanings)
      .map(([verdict, meaning]) => `_${verdict}_: ${meaning}`)
      .join("; ") + ".",
    "",
  ];
  for (const { name, problems } of card.runs)
    for (const problem of problems) lines.push(`- ${cell(name)}: ${cell(problem)}`);
  for (const [name, criteria] of groupsOf(card))
    lines.push(
      "",
      `## ${name}`,
      "",
      "| criterion | verdict | why | drill records |",
      "|---|---|---|---|",
      ...criteria.map(row),
    );
  const open = card.criteria.filter(({ verdict }) => verdict !== "met");
  if (open.length > 0) lines.push("", "## What to do", "", "| criterion | risk | next |", "|---|---|---|");
  for (const { title, risk, next = "" } of open) lines.push(`| ${cell(title)} | ${cell(risk)} | ${cell(next)} |`);
  if (card.notCovered.length > 0) lines.push("", "## What these runs say that they did not cover", "");
  for (const { sentence, scenarios } of card.notCovered)
    lines.push(`- ${cell(sentence)} (${cell(scenarios.join(", "))})`);
  lines.push("", "## Controls", "", controlsNote, "");
  lines.push("| control | asks that | criteria | drill records | not shown |", "|---|---|---|---|---|");
  for (const { name, asks, criteria, records, notShown } of card.controls) {
    const of = `${controlText(criteria, card)}: ${criteria.join(", ")}`;
    lines.push(`| ${[name, asks, of, records.map(recordName).join(", "), notShown].map(cell).join(" | ")} |`);
  }
  lines.push(
    "",
    "## Runs",
    "",
    "| run | started | seed | passed | engine | SHA-256 of its SHA256SUMS |",
    "|---|---|---:|---:|---|---|",
  );
  for (const { name, startedAt, seed, passed, results, engines, sealSha256 = "none" } of card.runs) {
    const cells = [name, startedAt, String(seed), `${passed} of ${results}`, engines.join(", "), sealSha256];
    lines.push(`| ${cells.map(cell).join(" | ")} |`);
  }
  const [sign = "", verify = ""] = checkCommands(card);
  lines.push("", "Signed, and checked offline by somebody else:", "", "```sh", fenced(sign), fenced(verify), "```", "");
  lines.push("The signed `SHA256SUMS` of that bundle names each `runs/<run>/SHA256SUMS` with the hash above.");
  return `${lines.join("\n")}\n`;
}

function row({ title, verdict, why, evidence, moreEvidence }: CriterionResult): string {
  const finding = evidence[0]?.finding;
  const found =
    verdict === "not met" && finding !== undefined ? ` ${finding.code}: ${finding.subject}: ${finding.message}` : "";
  const records = [
    ...new Set(evidence.map(recordName)),
    ...(moreEvidence > 0 ? [`and ${moreEvidence} more`] : []),
  ].join(", ");
  const word = verdict === "met" ? verdict : `**${verdict}**`;
  return `| ${cell(title)} | ${word} | ${cell(`${why}${found}`)} | ${cell(records)} |`;
}

/** Text of a graph must become neither markup nor another cell. */
function cell(text: string): string {
  return escapeMarkup(text).replaceAll("|", "&#124;").replaceAll("`", "&#96;").replaceAll(/\s+/g, " ");
}

/** A path in a fenced block must not end the block. */
function fenced(command: string): string {
  return command.replaceAll(/[`\r\n]/g, "?");
}

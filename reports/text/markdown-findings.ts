// A finding as Markdown: its message, expected and actual values side by side, and the rest of its evidence collapsed.
import type { StoredFinding } from "../../harness/record/result.ts";
import { isSaid, sidesOf, sideTexts } from "../findings/evidence.ts";
import { code, fenced, inline, outsideMarkdown } from "./markdown-text.ts";

/** More than what a finding keeps of a long text, with its words on the rest. */
const cellMax = 400;

export function findingLines(finding: StoredFinding, withEvidence: boolean): string[] {
  const { severity, message, subject, hint, evidence } = finding;
  const head = [`${severity} ${code(finding.code)} ${inline(message)} <sub>${inline(subject)}</sub>`, ""];
  const next = hint === undefined ? [] : [`Next: ${inline(hint)}`, ""];
  if (!withEvidence) return [...head, ...next];
  const { leftTitle, rightTitle, rows, rest } = sidesOf(evidence);
  const keys = Object.keys(rest);
  const sides = isSaid(message, rows)
    ? []
    : [
        `| | ${inline(leftTitle)} | ${inline(rightTitle)} |`,
        "|---|---|---|",
        ...rows.map((row) => `| ${[row.name, ...sideTexts(row)].map(cell).join(" | ")} |`),
        "",
      ];
  const folded =
    keys.length === 0
      ? []
      : [
          `<details><summary>evidence: ${outsideMarkdown(keys.join(", "))}</summary>`,
          "",
          ...fenced(JSON.stringify(rest, undefined, 2), "json"),
          "",
          "</details>",
          "",
        ];
  return [...head, ...next, ...sides, ...folded];
}

function cell(text: string): string {
  const characters = Array.from(text);
  const more = characters.length - cellMax;
  return inline(more <= 0 ? text : `${characters.slice(0, cellMax).join("")}… (${more} more characters)`);
}

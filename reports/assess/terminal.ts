// The scorecard in a terminal: what is not met with everything, the rest in a line or two each.
import { oneLine } from "../../harness/base/one-line.ts";
import { counted } from "../findings/finding-groups.ts";
import type { TerminalOptions } from "../text/terminal.ts";
import type { CriterionVerdict } from "./criterion.ts";
import type { CriterionResult, DrillRecord, Scorecard } from "./scorecard.ts";
import { checkCommands, controlText, countsText, enginesText, groupsOf, recordName, runsText } from "./words.ts";

type Printing = Pick<TerminalOptions, "paint" | "paste" | "columns">;

const colours = {
  met: "green",
  "not met": "red",
  "not covered": "yellow",
  "not falsifiable": "magenta",
} as const satisfies Record<CriterionVerdict, string>;
const indent = " ".repeat(17);
const notesMax = 8;

export function terminalScorecard(card: Scorecard, printing: Printing): string {
  const { paint, paste } = printing;
  const title = paint("bold", `Readiness of the ${oneLine(card.system)} system: ${countsText(card)}`);
  const lines = [
    title,
    paint(
      "dim",
      [runsText(card), enginesText(card)]
        .filter((part) => part !== "")
        .map(oneLine)
        .join(", "),
    ),
  ];
  for (const { name, problems } of card.runs)
    for (const problem of problems.slice(0, notesMax)) lines.push(paint("red", oneLine(`${name}: ${problem}`)));
  const told = new Set<string>();
  for (const [name, criteria] of groupsOf(card)) {
    lines.push("", paint("bold", name));
    for (const criterion of criteria) lines.push(...criterionLines(criterion, told, printing));
  }
  if (card.notCovered.length > 0) lines.push("", paint("bold", "What these runs say that they did not cover"));
  for (const { sentence, scenarios } of card.notCovered.slice(0, notesMax)) {
    const more = scenarios.length > 1 ? ` and ${scenarios.length - 1} more` : "";
    lines.push(...wrapped(`${sentence} (${scenarios[0] ?? ""}${more})`, "  ", printing));
  }
  if (card.notCovered.length > notesMax) lines.push(`  ... and ${card.notCovered.length - notesMax} more`);
  lines.push(
    "",
    paint("bold", "Controls") + paint("dim", "  where evidence is to be found; not a claim that one is met"),
  );
  for (const { name, criteria, records } of card.controls) {
    const first = records[0] === undefined ? "no drill record" : counted(records.length, "drill record");
    lines.push(`  ${name.padEnd(18)}${controlText(criteria, card)}, ${first}`);
  }
  lines.push("");
  if (card.runNext !== undefined) lines.push(`decide    ${oneLine(paste(card.runNext))}   (then assess both runs)`);
  lines.push(...checkCommands(card).map((command) => paint("dim", `check     ${oneLine(paste(command))}`)));
  return `${lines.join("\n")}\n`;
}

function criterionLines(criterion: CriterionResult, told: Set<string>, printing: Printing): string[] {
  const { verdict, title, why, risk, next, evidence, moreEvidence } = criterion;
  const { paint, paste } = printing;
  const mark = paint(colours[verdict], verdict.padEnd(indent.length));
  const lines = wrapped(title, indent, printing).map((line, at) =>
    at === 0 ? mark + line.slice(indent.length) : line,
  );
  const [first] = evidence;
  const dim = (text: string): void =>
    void lines.push(...wrapped(text, indent, printing).map((line) => paint("dim", line)));
  if (verdict === "met") {
    const more = evidence.length + moreEvidence - 1;
    if (first !== undefined) dim(`${recordName(first)}${more > 0 ? ` and ${more} more` : ""}`);
    return lines;
  }
  lines.push(...wrapped(why, indent, printing));
  // The page has risk and advice for all; here what was not tried is told in one command at the end.
  if (verdict === "not covered") return lines;
  if (verdict === "not met") {
    if (first?.finding !== undefined) lines.push(...findingLines(first.finding, why, told, printing));
    lines.push(...wrapped(`risk: ${risk}`, indent, printing));
  }
  if (next !== undefined) dim(`next: ${paste(next)}`);
  if (verdict === "not met" && first !== undefined && !told.has(first.repeat)) dim(`again: ${paste(first.repeat)}`);
  if (first !== undefined) told.add(first.repeat);
  return lines;
}

/** A finding that several criteria rest on is told once. */
function findingLines(
  { code, subject, message }: NonNullable<DrillRecord["finding"]>,
  why: string,
  told: Set<string>,
  printing: Printing,
): string[] {
  const text = [code, subject, ...(why.includes(message) ? [] : [message])].join(": ");
  if (told.has(text)) return [];
  told.add(text);
  return wrapped(text, indent, printing);
}

/** The text in lines of the terminal's width, each indented. What a graph holds must not steer a terminal. */
function wrapped(text: string, margin: string, { columns }: Printing): string[] {
  const lines: string[] = [];
  for (const word of oneLine(text).split(" ")) {
    const last = lines.at(-1);
    if (last === undefined || margin.length + last.length + 1 + word.length > columns) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines.map((line) => margin + line);
}

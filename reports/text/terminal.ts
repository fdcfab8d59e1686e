// The summary that ends a run in a terminal: a line a scenario, what was drilled and verified, and last of all, where the
// eye is, the verdict, what went wrong by cause, and what a person would ask next.
import { oneLine } from "../../harness/base/one-line.ts";
import { formatCount, formatDuration } from "../../harness/base/units.ts";
import type { ScenarioResult, Verdict } from "../../harness/record/result.ts";
import { figures } from "../figures/figures.ts";
import { drilled } from "../drilled.ts";
import {
  type FindingGroup,
  findingKinds,
  type FindingKind,
  groupCount,
  kindNames,
} from "../findings/finding-groups.ts";
import type { Headline, ObjectiveVerdict } from "../figures/headlines.ts";
import { type ReportModel, verdictSentence } from "../model/model.ts";
import { alignedLines, persistenceTable } from "../model/persistence.ts";
import { bar, restoreTimeline } from "../model/timeline.ts";
import { uncoveredSentences, verifiedRows } from "../model/verified.ts";

type Style = "green" | "red" | "yellow" | "magenta" | "bold" | "dim" | "cyan";
export interface TerminalOptions {
  readonly paint: (style: Style, text: string) => string;
  /** Commands in a text as they have to be typed where it is read. */
  readonly paste: (text: string) => string;
  /** The run directories, to say where the rest is. */
  readonly directories: readonly string[];
  /** Column at which lists are wrapped. */
  readonly columns: number;
  /** Leaves out the list of scenarios, which the reader has seen. */
  readonly omitsList?: boolean;
}

type Paint = TerminalOptions["paint"];

const colours: Readonly<Record<Verdict, Style>> = { pass: "green", fail: "red", inconclusive: "yellow" };
/** Failed and unproven scenarios must look different. */
const kindColours: Readonly<Record<FindingKind, Style>> = {
  data: "red",
  system: "red",
  objective: "magenta",
  ours: "cyan",
  machine: "yellow",
  assumption: "yellow",
  engine: "yellow",
};
const objectiveColours: Readonly<Record<ObjectiveVerdict, Style>> = {
  met: "green",
  missed: "red",
  "not judged": "yellow",
};
const groupsMax = 12;
const passedMax = 50;
const namesMax = 3;
const barWidth = 32;
const indent = " ".repeat(13);

export function terminalSummary(model: ReportModel, options: TerminalOptions): string {
  const { paint, paste, directories } = options;
  const { result, counts, scenarios } = model;
  const title = `${result.verdict.toUpperCase()}  ${counts.pass} of ${scenarios.length} scenarios passed`;
  const [directory] = directories;
  return `${[
    ...scenarioList(model, options),
    "",
    paint(colours[result.verdict], paint("bold", title)) + paint("dim", `  exit code ${result.exitCode}`),
    ...(result.verdict === "pass" ? [] : [oneLine(verdictSentence(model))]),
    ...damageLines(model, paint),
    ...groupLines(model, options),
    ...headlineLines(model, paint),
    ...aboutLines(model, options),
    ...directories.map((each) => paint("dim", `report    ${oneLine(each)}/report.html`)),
    ...(directory === undefined
      ? []
      : [paint("dim", `again     ${paste(`falkordrill verify ${oneLine(directory)}`)}   (judges it again, offline)`)]),
    ...(result.verdict === "pass" ? [] : [`replay    ${oneLine(paste(result.replay))}`]),
  ].join("\n")}\n`;
}

function scenarioList(model: ReportModel, { paint, omitsList = false }: TerminalOptions): string[] {
  const { scenarios, main } = model;
  const lines: string[] = [""];
  let passed = 0;
  for (const scenario of scenarios) {
    // With many scenarios, figures are printed for the one whose recovery is shown.
    const inFull = scenarios.length === 1 || scenario === main;
    if (omitsList && !inFull) continue;
    if (scenario.verdict === "pass" && (passed += 1) > passedMax) continue;
    lines.push(...scenarioLines(scenario, inFull, paint));
  }
  if (passed > passedMax) lines.push(paint("dim", `${indent}... and ${formatCount(passed - passedMax)} more passed`));
  const persistence = persistenceTable(scenarios);
  if (persistence !== undefined) lines.push("", ...alignedLines(persistence).map(oneLine));
  return lines;
}

/** What was drilled, and what was looked at in it. */
function aboutLines(model: ReportModel, { columns }: TerminalOptions): string[] {
  const { scenarios, groups, result } = model;
  const rows = verifiedRows(scenarios, groups, false);
  const equal = rows.filter(({ verdict }) => verdict === "equal");
  const differs = rows.filter(({ verdict }) => verdict === "differs");
  const isAll = result.verdict === "pass" && differs.length === 0;
  const compared = equal.map((row) => row.compared);
  const facts = drilled(model).map(([name, value]) =>
    /^(?:Engine|Size|Machine)$/.test(name) ? value : `${name.toLowerCase()} ${value}`,
  );
  return [
    ...listLine("drilled", facts, columns),
    ...listLine("verified", equal.length === 0 ? [] : [...compared, isAll ? "all equal" : "these equal"], columns),
    ...listLine(
      "differs",
      differs.map(({ check, different }) => `${check} (${different})`),
      columns,
    ),
    ...brokenBefore(scenarios).map(
      (sentence, at) => `${(at === 0 ? "before" : "").padEnd(listIndent)}${oneLine(sentence)}`,
    ),
    ...uncoveredSentences(result.notCovered ?? []).flatMap((sentence) =>
      listLine("not run", sentence.split(", "), columns),
    ),
  ];
}

/** What was odd in a team's own graphs before any backup. */
function brokenBefore(scenarios: ReportModel["scenarios"]): string[] {
  const found = scenarios.flatMap(({ findings }) => findings.filter(({ code }) => code === "source-broken-before"));
  const sentences = [...new Set(found.map(({ subject, message }) => `${subject}: ${message}`))];
  const more = sentences.length - brokenMax;
  return more <= 0 ? sentences : [...sentences.slice(0, brokenMax), `and ${more} more, in findings.jsonl`];
}

const brokenMax = 8;

/** Words behind a name, wrapped; empty where there are no words. */
function listLine(name: string, words: readonly string[], columns: number): string[] {
  const lines: string[] = [];
  for (const [at, word] of words.map(oneLine).entries()) {
    const text = at === words.length - 1 ? word : `${word},`;
    const last = lines.at(-1);
    if (last === undefined || listIndent + last.length + 1 + text.length > columns) lines.push(text);
    else lines[lines.length - 1] = `${last} ${text}`;
  }
  return lines.map((line, at) => `${(at === 0 ? name : "").padEnd(listIndent)}${line}`);
}

const listIndent = 10;

function damageLines({ damage, scenarios }: ReportModel, paint: Paint): string[] {
  if (damage === undefined) return [];
  const where = scenarios.length === 1 ? "" : paint("dim", `  (${oneLine(damage.scenario)})`);
  return [paint("red", oneLine(damage.damage.sentence)) + where];
}

function groupLines({ groups, scenarios, result }: ReportModel, { paint, paste }: TerminalOptions): string[] {
  if (result.verdict === "pass" && groups.length === 0) return [];
  const shown = groups.slice(0, groupsMax);
  const lines: string[] = [];
  for (const kind of findingKinds) {
    const ofKind = shown.filter((group) => group.kind === kind);
    if (ofKind.length > 0) lines.push("", paint("bold", paint(kindColours[kind], kindNames[kind])));
    for (const group of ofKind) lines.push(...oneGroup(group, scenarios.length > 1, { paint, paste }));
  }
  if (groups.length > shown.length) lines.push(`  ... ${groupCount(groups)} in all; the others are in the report`);
  return lines.length === 0 ? [] : [...lines, ""];
}

function oneGroup(
  group: FindingGroup,
  isOneOfMany: boolean,
  { paint, paste }: Pick<TerminalOptions, "paint" | "paste">,
): string[] {
  const { severity, kind, title, code, example, next, derived, scenarios } = group;
  const style = severity === "error" ? kindColours[kind] : "yellow";
  const note = severity === "error" ? "" : ` (${severity})`;
  const lines = [`  ${paint(style, oneLine(title))}${note}  ${paint("dim", oneLine(code))}`];
  // What a graph holds must not steer a terminal.
  const about = title === example.message ? example.subject : `${example.subject}: ${example.message}`;
  if (!scenarios.includes(about)) lines.push(`    e.g. ${oneLine(about)}`);
  if (isOneOfMany) lines.push(paint("dim", `    in ${listed(scenarios)}`));
  if (derived.length > 0)
    lines.push(
      paint("dim", `    follows from it: ${listed(derived.map(({ code: of, count }) => `${of} (${count})`))}`),
    );
  if (next !== undefined) lines.push(paint("dim", `    next: ${oneLine(paste(next))}`));
  return lines;
}

function listed(names: readonly string[]): string {
  const more = names.length - namesMax;
  const shown = names.slice(0, more > 1 ? namesMax : names.length).map(oneLine);
  return more > 1 ? `${shown.join(", ")} and ${more} more` : shown.join(", ");
}

/** A single scenario has printed its figures above; objectives are printed in any case. */
function headlineLines({ rto, rpo, scenarios }: ReportModel, paint: Paint): string[] {
  const line = (name: string, { text, explained, rank, scenario, objective, judged }: Headline): string[] => {
    if (scenario === undefined || (objective === undefined && scenarios.length === 1)) return [];
    const against = judged === undefined ? "" : paint(objectiveColours[judged], `  objective ${objective} ${judged}`);
    const about = [rank, oneLine(scenario)].filter((part) => part !== "").join(", ");
    return [`${name.padEnd(listIndent)}${text}${against}${paint("dim", `  ${explained} (${about})`)}`];
  };
  return [...line("RTO", rto), ...line("RPO", rpo)];
}

function scenarioLines(scenario: ScenarioResult, inFull: boolean, paint: Paint): string[] {
  const mark = paint(colours[scenario.verdict], scenario.verdict.padEnd(12));
  const head = `${mark} ${paint("bold", oneLine(scenario.id))}  ${formatDuration(scenario.durationMs)}`;
  const lines = [inFull ? head : `${head}  ${paint("dim", brief(scenario))}`.trimEnd()];
  if (inFull) {
    const shown = figures(scenario);
    const width = Math.max(...shown.map(({ name }) => name.length));
    for (const { name, value } of shown) lines.push(`${indent}${oneLine(name).padEnd(width)}  ${oneLine(value)}`);
    lines.push(...timelineLines(scenario, paint));
  }
  if (inFull || scenario.verdict !== "pass")
    for (const sentence of scenario.notCovered) lines.push(paint("dim", `${indent}not covered: ${oneLine(sentence)}`));
  return lines;
}

function brief({ metrics }: ScenarioResult): string {
  const { nodes, rtoMs } = metrics as Partial<Record<string, number>>;
  return [
    nodes === undefined ? "" : `${formatCount(nodes)} nodes`,
    rtoMs === undefined ? "" : `RTO ${formatDuration(rtoMs)}`,
  ]
    .filter((part) => part !== "")
    .join("  ");
}

function timelineLines(scenario: ScenarioResult, paint: Paint): string[] {
  const rows = restoreTimeline(scenario);
  const endMs = Math.max(0, ...rows.map((row) => row.startMs + row.ms));
  return rows.map((row) => {
    const ratio = row.ofRawLoad === undefined ? "" : paint("dim", `${row.ofRawLoad.toFixed(2)}x`);
    const time = formatDuration(row.ms).padStart(9);
    return `${indent}${oneLine(row.name).padEnd(24)} ${paint("cyan", bar(row, endMs, barWidth))} ${time} ${ratio}`.trimEnd();
  });
}

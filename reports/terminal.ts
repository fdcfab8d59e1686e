// The summary that ends a run in a terminal: what failed first, and last of all, where the eye is, the verdict and what a
// person would ask next.
import { oneLine } from "../harness/base/one-line.ts";
import { formatCount, formatDuration } from "../harness/base/units.ts";
import type { ScenarioResult, StoredFinding, Verdict } from "../harness/drill/result.ts";
import { figures } from "./figures.ts";
import { type ReportModel, verdictSentence } from "./model.ts";
import { alignedLines, persistenceTable } from "./persistence.ts";
import { findingsOf } from "./severity.ts";
import { bar, restoreTimeline } from "./timeline.ts";

type Style = "green" | "red" | "yellow" | "bold" | "dim" | "cyan";
export interface TerminalOptions {
  readonly paint: (style: Style, text: string) => string;
  /** The run directories, to say where the rest is. */
  readonly directories: readonly string[];
}

const colours: Readonly<Record<Verdict, Style>> = { pass: "green", fail: "red", inconclusive: "yellow" };
const findingsMax = 6;
const passedMax = 50;
const barWidth = 32;

export function terminalSummary(model: ReportModel, options: TerminalOptions): string {
  const { paint } = options;
  const { result, scenarios, counts } = model;
  const lines: string[] = [""];
  const alone = scenarios.length === 1;
  let passed = 0;
  for (const scenario of scenarios) {
    if (scenario.verdict === "pass" && (passed += 1) > passedMax) continue;
    // Where there are many, figures are told of the one whose recovery is shown; findings of each that did not pass.
    lines.push(...scenarioLines(scenario, alone || scenario === model.main, paint));
  }
  if (passed > passedMax)
    lines.push(paint("dim", `             ... and ${formatCount(passed - passedMax)} more passed`));
  const persistence = persistenceTable(scenarios);
  if (persistence !== undefined) lines.push("", ...alignedLines(persistence).map(oneLine));
  const title = `${result.verdict.toUpperCase()}  ${counts.pass} of ${scenarios.length} scenarios passed`;
  lines.push("", paint(colours[result.verdict], paint("bold", title)) + paint("dim", `  exit code ${result.exitCode}`));
  if (result.verdict !== "pass") lines.push(oneLine(verdictSentence(model)));
  lines.push(...headlineLines(model, paint));
  for (const directory of options.directories)
    lines.push(
      paint("dim", `report: ${oneLine(directory)}/report.html   judge again: falkordrill verify ${oneLine(directory)}`),
    );
  if (result.verdict !== "pass") lines.push(`replay: ${oneLine(result.replay)}`);
  return `${lines.join("\n")}\n`;
}

/** Against objectives, where there are any; a single scenario has said its figures above. */
function headlineLines({ rto, rpo, scenarios }: ReportModel, paint: TerminalOptions["paint"]): string[] {
  return [
    { name: "RTO", ...rto },
    { name: "RPO", ...rpo },
  ].flatMap(({ name, text, scenario, objective, isMet }) => {
    if (scenario === undefined || (objective === undefined && scenarios.length === 1)) return [];
    const style = isMet === false ? "red" : "green";
    const against =
      objective === undefined ? "" : paint(style, `  objective ${objective} ${isMet === true ? "met" : "missed"}`);
    return [`${name}  ${text}${against}${paint("dim", `  ${oneLine(scenario)}`)}`];
  });
}

function scenarioLines(scenario: ScenarioResult, inFull: boolean, paint: TerminalOptions["paint"]): string[] {
  const mark = paint(colours[scenario.verdict], scenario.verdict.padEnd(12));
  const head = `${mark} ${paint("bold", oneLine(scenario.id))}  ${formatDuration(scenario.durationMs)}`;
  const lines = [inFull ? head : `${head}  ${paint("dim", brief(scenario))}`.trimEnd()];
  if (!inFull && scenario.verdict === "pass") return lines;
  const bad = findingsOf(scenario).filter((finding) => finding.severity !== "info");
  for (const finding of bad.slice(0, findingsMax)) lines.push(...findingLines(finding, paint));
  if (bad.length > findingsMax) lines.push(`             ... and ${bad.length - findingsMax} more in findings.jsonl`);
  if (inFull) {
    for (const figure of figures(scenario))
      lines.push(`             ${oneLine(figure.name).padEnd(38)} ${oneLine(figure.value)}`);
    lines.push(...timelineLines(scenario, paint));
  }
  for (const sentence of scenario.notCovered)
    lines.push(paint("dim", `             not covered: ${oneLine(sentence)}`));
  if (scenario.verdict !== "pass") lines.push(`             replay: ${oneLine(scenario.replay)}`);
  return lines;
}

function brief({ metrics }: ScenarioResult): string {
  const { nodes, rtoMs, verifyMs, rpoWrites } = metrics as Partial<Record<string, number>>;
  return [
    nodes === undefined ? "" : `${formatCount(nodes)} nodes`,
    rtoMs === undefined ? "" : `RTO ${formatDuration(rtoMs)}`,
    verifyMs === undefined ? "" : `proof ${formatDuration(verifyMs)}`,
    rpoWrites === undefined ? "" : `RPO ${formatCount(rpoWrites)} writes`,
  ]
    .filter((part) => part !== "")
    .join("  ");
}

function timelineLines(scenario: ScenarioResult, paint: TerminalOptions["paint"]): string[] {
  const rows = restoreTimeline(scenario);
  const endMs = Math.max(0, ...rows.map((row) => row.startMs + row.ms));
  return rows.map((row) => {
    const ratio = row.ofRawLoad === undefined ? "" : paint("dim", `${row.ofRawLoad.toFixed(2)}x`);
    const time = formatDuration(row.ms).padStart(9);
    return `             ${oneLine(row.name).padEnd(24)} ${paint("cyan", bar(row, endMs, barWidth))} ${time} ${ratio}`.trimEnd();
  });
}

function findingLines(finding: StoredFinding, paint: TerminalOptions["paint"]): string[] {
  const style = finding.severity === "error" ? "red" : "yellow";
  // What a graph holds must not steer a terminal.
  const what = oneLine(`${finding.subject}: ${finding.message}`);
  const lines = [`             ${paint(style, oneLine(finding.code))} ${what}`];
  if (finding.hint !== undefined) lines.push(paint("dim", `               next: ${oneLine(finding.hint)}`));
  return lines;
}

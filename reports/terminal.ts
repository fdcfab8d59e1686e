// The summary that ends a run in a terminal: verdict first, then what a person would ask next.
import { formatCount, formatDuration } from "../harness/base/units.ts";
import type { DrillResult, ScenarioResult, StoredFinding, Verdict } from "../harness/drill/result.ts";
import { figures } from "./figures.ts";
import { alignedLines, persistenceTable } from "./persistence.ts";
import { bar, restoreTimeline } from "./timeline.ts";

type Style = "green" | "red" | "yellow" | "bold" | "dim" | "cyan";
export interface TerminalOptions {
  readonly paint: (style: Style, text: string) => string;
  /** The run directory, to say where the rest is. */
  readonly out: string;
}

const colours: Readonly<Record<Verdict, Style>> = { pass: "green", fail: "red", inconclusive: "yellow" };
const findingsMax = 10;
const barWidth = 32;

export function terminalSummary(result: DrillResult, options: TerminalOptions): string {
  const { paint } = options;
  const lines: string[] = [""];
  const alone = result.scenarios.length === 1;
  for (const scenario of result.scenarios) {
    // Where there are many, the whole story is told of those that failed, and of those that have raw limits beside them.
    const inFull = alone || scenario.verdict !== "pass" || scenario.metrics["rawLoadMs"] !== undefined;
    lines.push(...scenarioLines(scenario, inFull, paint));
  }
  const persistence = persistenceTable(result.scenarios);
  if (persistence !== undefined) lines.push("", ...alignedLines(persistence));
  const passed = result.scenarios.filter((scenario) => scenario.verdict === "pass").length;
  const title = `${result.verdict.toUpperCase()}  ${passed} of ${result.scenarios.length} scenarios passed`;
  lines.push("", paint(colours[result.verdict], paint("bold", title)) + paint("dim", `  exit code ${result.exitCode}`));
  lines.push(paint("dim", `report: ${options.out}/report.md   judge again: falkordrill verify ${options.out}`));
  if (result.verdict !== "pass") lines.push(`replay: ${result.replay}`);
  return `${lines.join("\n")}\n`;
}

function scenarioLines(scenario: ScenarioResult, inFull: boolean, paint: TerminalOptions["paint"]): string[] {
  const mark = paint(colours[scenario.verdict], scenario.verdict.padEnd(12));
  const head = `${mark} ${paint("bold", scenario.id)}  ${formatDuration(scenario.durationMs)}`;
  if (!inFull) return [`${head}  ${paint("dim", brief(scenario))}`];
  const lines = [head];
  for (const figure of figures(scenario)) lines.push(`             ${figure.name.padEnd(38)} ${figure.value}`);
  lines.push(...timelineLines(scenario, paint));
  const bad = scenario.findings.filter((finding) => finding.severity !== "info");
  for (const finding of bad.slice(0, findingsMax)) lines.push(...findingLines(finding, paint));
  if (bad.length > findingsMax) lines.push(`             ... and ${bad.length - findingsMax} more in findings.jsonl`);
  for (const sentence of scenario.notCovered) lines.push(paint("dim", `             not covered: ${sentence}`));
  if (scenario.verdict !== "pass") lines.push(`             replay: ${scenario.replay}`);
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
    return `             ${row.name.padEnd(24)} ${paint("cyan", bar(row, endMs, barWidth))} ${time} ${ratio}`.trimEnd();
  });
}

function findingLines(finding: StoredFinding, paint: TerminalOptions["paint"]): string[] {
  const style = finding.severity === "error" ? "red" : "yellow";
  const lines = [`             ${paint(style, finding.code)} ${finding.subject}: ${finding.message}`];
  if (finding.hint !== undefined) lines.push(paint("dim", `               next: ${finding.hint}`));
  return lines;
}

// The run as Markdown, for a job summary or a pull request: verdict line first, then a table, details folded.
import { formatBytes, formatDuration } from "../harness/base/units.ts";
import type { DrillResult, ScenarioResult } from "../harness/drill/result.ts";
import { figures } from "./figures.ts";
import { markdownLines, persistenceTable } from "./persistence.ts";
import { restoreTimeline } from "./timeline.ts";

const findingsMax = 50;

export function markdown(result: DrillResult): string {
  const passed = result.scenarios.filter((scenario) => scenario.verdict === "pass").length;
  const lines = [
    `# Disaster-recovery drill: ${result.verdict}`,
    "",
    `${passed} of ${result.scenarios.length} scenarios passed, seed ${result.seed}, exit code ${result.exitCode}.`,
    `Run it again: \`${result.replay}\``,
    "",
    "| scenario | verdict | duration | RTO | RPO (writes) | findings |",
    "|---|---|---:|---:|---:|---:|",
    ...result.scenarios.map(tableRow),
    "",
  ];
  const persistence = persistenceTable(result.scenarios);
  const table = persistence === undefined ? [] : [...markdownLines(persistence), ""];
  lines.push(...table, ...result.scenarios.flatMap(details));
  return `${lines.join("\n")}\n`;
}

function tableRow(scenario: ScenarioResult): string {
  const rto = scenario.metrics["rtoMs"];
  const errors = scenario.findings.filter((finding) => finding.severity === "error").length;
  const cells = [
    `\`${scenario.id}\``,
    scenario.verdict,
    formatDuration(scenario.durationMs),
    rto === undefined ? "" : formatDuration(rto),
    scenario.metrics["rpoWrites"]?.toString() ?? "",
    errors === 0 ? "" : errors.toString(),
  ];
  return `| ${cells.join(" | ")} |`;
}

function details(scenario: ScenarioResult): string[] {
  const open = scenario.verdict === "pass" ? "" : " open";
  const lines = [`<details${open}><summary>${escape(scenario.id)}: ${escape(scenario.title)}</summary>`, ""];
  for (const figure of figures(scenario)) lines.push(`- ${figure.name}: **${figure.value}**`);
  const rows = restoreTimeline(scenario);
  if (rows.length > 0) {
    lines.push(
      "",
      "| phase of the restore | starts at | takes | bytes | of the plain load |",
      "|---|---:|---:|---:|---:|",
    );
    for (const row of rows) {
      const bytes = row.bytes === undefined ? "" : formatBytes(row.bytes);
      const ratio = row.ofRawLoad === undefined ? "" : `${row.ofRawLoad.toFixed(2)}x`;
      lines.push(`| ${row.name} | ${formatDuration(row.startMs)} | ${formatDuration(row.ms)} | ${bytes} | ${ratio} |`);
    }
  }
  for (const finding of scenario.findings.slice(0, findingsMax)) {
    lines.push("", `**${finding.severity}: ${finding.code}** ${escape(finding.subject)}: ${escape(finding.message)}`);
    lines.push("", "```json", JSON.stringify(finding.evidence, undefined, 2), "```");
  }
  if (scenario.findings.length > findingsMax)
    lines.push("", `${scenario.findings.length - findingsMax} more in findings.jsonl.`);
  for (const sentence of scenario.notCovered) lines.push("", `Not covered: ${escape(sentence)}`);
  const witnesses = Object.entries(scenario.witnesses).map(([name, value]) => `${name} ${value}`);
  if (witnesses.length > 0) lines.push("", `Witnesses: ${witnesses.join(", ")}.`);
  return [...lines, "", `Replay: \`${scenario.replay}\``, "", "</details>", ""];
}

/** Text from a graph may hold anything; it must not become markup. */
function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll("|", "&#124;").replaceAll("`", "&#96;");
}

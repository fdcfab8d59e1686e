// The run as Markdown: the verdict, what failed and why, how to run it again, then a table and the details. Where there is a limit it
// degrades in steps, each of which is said: first the details of what passed, then its rows, then evidence, and so on.
import { formatBytes, formatCount, formatDuration } from "../../harness/base/units.ts";
import { drilled } from "../drilled.ts";
import { figures, otherFigures } from "../figures/figures.ts";
import { findingLines } from "./markdown-findings.ts";
import { findingGroups, groupCount, kindNames } from "../findings/finding-groups.ts";
import { code, fenced, inline, outsideMarkdown } from "./markdown-text.ts";
import type { MergedScenario } from "../model/merge.ts";
import { countedWitness } from "../figures/metrics.ts";
import type { Headline } from "../figures/headlines.ts";
import { type ReportModel, verdictSentence } from "../model/model.ts";
import { markdownLines, persistenceTable } from "../model/persistence.ts";
import { findingsOf } from "../findings/severity.ts";
import { restoreTimeline } from "../model/timeline.ts";
import { verifiedRows } from "../model/verified.ts";

interface Depth {
  readonly passedDetails: boolean;
  readonly passedRows: boolean;
  readonly evidence: boolean;
  readonly findings: number;
  /** Scenarios that did not pass, worst first. */
  readonly failed: number;
}

const whole: Depth = { passedDetails: true, passedRows: true, evidence: true, findings: 50, failed: Infinity };
const rowsOnly: Depth = { ...whole, passedDetails: false };
const failedOnly: Depth = { ...rowsOnly, passedRows: false };
const bare: Depth = { ...failedOnly, evidence: false };
const barest: Depth = { ...bare, findings: 1 };
const steps: readonly Depth[] = [whole, rowsOnly, failedOnly, bare, { ...bare, findings: 3 }, barest];

const causesMax = 10;
const scenariosMax = 4;
/** Findings shown per scenario; the rest is collapsed. */
const findingsOpen = 5;

export function markdown(model: ReportModel): string {
  return render(model, whole, Infinity) ?? "";
}

/** The report in at most `maxBytes` of UTF-8. */
export function markdownWithin(model: ReportModel, maxBytes: number): string {
  for (const depth of steps) {
    const text = render(model, depth, maxBytes);
    if (text !== undefined) return text;
  }
  for (let failed = model.scenarios.length; failed > 0;) {
    failed = Math.floor(failed / 2);
    const text = render(model, { ...barest, failed }, maxBytes);
    if (text !== undefined) return text;
  }
  return `# Disaster-recovery drill: ${model.result.verdict}\n\n${formatCount(model.scenarios.length)} scenarios.\n`;
}

/** Undefined, and soon, where it would be longer than `maxBytes`. */
function render(model: ReportModel, depth: Depth, maxBytes: number): string | undefined {
  const done: string[] = [];
  let bytes = 0;
  for (const line of linesOf(model, depth)) {
    bytes += Buffer.byteLength(line) + 1;
    if (bytes > maxBytes) return undefined;
    done.push(line);
  }
  return `${done.join("\n")}\n`;
}

function* linesOf(model: ReportModel, depth: Depth): Generator<string> {
  const { result, scenarios, counts } = model;
  const bad = scenarios.filter((scenario) => scenario.verdict !== "pass");
  const shownBad = bad.slice(0, depth.failed);
  const rows = [...shownBad, ...(depth.passedRows ? scenarios.filter(({ verdict }) => verdict === "pass") : [])];
  const passed = `${formatCount(counts.pass)} of ${formatCount(scenarios.length)} scenarios passed`;
  yield* [
    `# Disaster-recovery drill: ${result.verdict}`,
    "",
    inline(verdictSentence(model)),
    "",
    ...(model.damage === undefined ? [] : [`**${inline(model.damage.damage.sentence)}**`, ""]),
    ...causes(model),
    ...headlines(model),
    "",
    drilled(model)
      .map(([name, value]) => `${name}: ${inline(value)}`)
      .join(", "),
    "",
  ];
  yield* [`${passed}, seed ${model.seeds.join(", ")}, exit code ${result.exitCode}. Run it again:`, ""];
  yield* [...fenced(result.replay, "sh"), ""];
  yield* verified(model);
  yield* leftOut(depth, counts.pass, bad.length - shownBad.length);
  yield* table(rows);
  const persistence = persistenceTable(rows);
  if (persistence !== undefined) yield* [...markdownLines(persistence), ""];
  for (const scenario of depth.passedDetails ? rows : shownBad) yield* scenarioDetails(scenario, depth);
}

/** One line per cause: the overview above the details. */
function causes({ groups, result }: ReportModel): string[] {
  if (result.verdict === "pass") return [];
  const lines = groups.slice(0, causesMax).map(({ title, kind, code: name, scenarios, derived }) => {
    const more = scenarios.length - scenariosMax;
    const ids = scenarios.slice(0, scenariosMax).map(code).join(", ");
    const where = `in ${ids}${more > 0 ? ` and ${formatCount(more)} more` : ""}`;
    const follow = derived.reduce((sum, { count }) => sum + count, 0);
    const follows = follow === 0 ? "" : `; ${formatCount(follow)} other findings follow from it`;
    return `- **${inline(title)}** (${kindNames[kind]}, ${code(name)}) ${where}${follows}`;
  });
  const more = groups.length - lines.length;
  return [...lines, ...(more > 0 ? [`- and ${formatCount(more)} more causes, below`] : []), ""];
}

function* verified({ scenarios, groups, result }: ReportModel): Generator<string> {
  yield "| What was verified | compared | different | verdict |";
  yield "|---|---|---:|---|";
  for (const { check, compared, different, verdict } of verifiedRows(scenarios, groups, true, result.notCovered))
    yield `| ${inline(check)} | ${inline(compared)} | ${different} | ${verdict} |`;
  yield "";
}

function headlines({ rto, rpo }: ReportModel): string[] {
  const line = (name: string, { text, rank, scenario, objective, judged }: Headline): string => {
    const where = scenario === undefined ? "" : `, ${rank === "" ? "" : `${rank}: `}${code(scenario)}`;
    const against =
      judged === undefined ? "" : ` (objective ${objective}: ${judged === "missed" ? "**missed**" : judged})`;
    return `- ${name}: **${text}**${against}${where}`;
  };
  return [line("RTO", rto), line("RPO", rpo)];
}

function leftOut(depth: Depth, passed: number, failed: number): string[] {
  const sentences = [
    !depth.passedDetails && passed > 0 ? `the details of ${formatCount(passed)} passed scenarios` : undefined,
    !depth.passedRows && passed > 0 ? "their rows" : undefined,
    depth.evidence ? undefined : "the evidence of findings",
    depth.findings < whole.findings ? `all but ${depth.findings} findings of each scenario` : undefined,
    failed > 0 ? `${formatCount(failed)} more that did not pass` : undefined,
  ].filter((sentence) => sentence !== undefined);
  return sentences.length === 0
    ? []
    : [`_Left out here for its length: ${sentences.join(", ")}. The run directory has all of it._`, ""];
}

function* table(rows: readonly MergedScenario[]): Generator<string> {
  if (rows.length === 0) return;
  yield "| scenario | verdict | duration | RTO | RPO (writes) | causes |";
  yield "|---|---|---:|---:|---:|---:|";
  for (const scenario of rows) yield tableRow(scenario);
  yield "";
}

function tableRow(scenario: MergedScenario): string {
  const { rtoMs, rpoWrites } = scenario.metrics as { rtoMs?: number; rpoWrites?: number };
  const found = scenario.verdict === "pass" ? "" : groupCount(findingGroups([scenario]));
  const cells = [
    code(scenario.id),
    scenario.verdict,
    formatDuration(scenario.durationMs),
    rtoMs === undefined ? "" : formatDuration(rtoMs),
    rpoWrites === undefined ? "" : formatCount(rpoWrites),
    found,
  ];
  return `| ${cells.join(" | ")} |`;
}

function scenarioDetails(scenario: MergedScenario, depth: Depth): string[] {
  const isPass = scenario.verdict === "pass";
  const shown = findingsOf(scenario).slice(0, depth.findings);
  const folded = shown.slice(findingsOpen);
  const more = scenario.findings.length - shown.length;
  const witnesses = Object.entries(scenario.witnesses).map(([name, value]) => inline(countedWitness(name, value)));
  const numbers = [...figures(scenario), ...(depth.evidence ? otherFigures(scenario) : [])];
  return [
    `<details${isPass ? "" : " open"}><summary>${outsideMarkdown(`${scenario.verdict} ${scenario.id}: ${scenario.title}`)}</summary>`,
    "",
    ...(isPass ? [] : ["Run it again:", "", ...fenced(scenario.replay, "sh"), ""]),
    ...shown.slice(0, findingsOpen).flatMap((finding) => findingLines(finding, depth.evidence)),
    ...(folded.length === 0 ? [] : [`<details><summary>${formatCount(folded.length)} more findings</summary>`, ""]),
    ...folded.flatMap((finding) => findingLines(finding, depth.evidence)),
    ...(folded.length === 0 ? [] : ["</details>", ""]),
    ...(more > 0 ? [`${formatCount(more)} more in findings.jsonl.`, ""] : []),
    ...numbers.map((figure) => `- ${inline(figure.name)}: **${inline(figure.value)}**`),
    "",
    ...restoreTable(scenario),
    ...scenario.notCovered.flatMap((sentence) => [`Not covered: ${inline(sentence)}`, ""]),
    ...(witnesses.length > 0 ? [`Looked at: ${witnesses.join(", ")}.`, ""] : []),
    ...(isPass ? ["Run it again:", "", ...fenced(scenario.replay, "sh"), ""] : []),
    "</details>",
    "",
  ];
}

function restoreTable(scenario: MergedScenario): string[] {
  const rows = restoreTimeline(scenario);
  if (rows.length === 0) return [];
  return [
    "| phase of the restore | starts at | takes | bytes | of the engine's own load |",
    "|---|---:|---:|---:|---:|",
    ...rows.map((row) => {
      const bytes = row.bytes === undefined ? "" : formatBytes(row.bytes);
      const ratio = row.ofRawLoad === undefined ? "" : `${row.ofRawLoad.toFixed(2)}x`;
      return `| ${inline(row.name)} | ${formatDuration(row.startMs)} | ${formatDuration(row.ms)} | ${bytes} | ${ratio} |`;
    }),
    "",
  ];
}

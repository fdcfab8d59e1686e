// What GitHub shows of a run: the job summary, a comment on a pull request, annotations, and the outputs of a step. Its
// limits are hard: what is over them is dropped, mostly in silence.
import { oneLine, visible } from "../harness/base/one-line.ts";
import { markdownWithin } from "./markdown.ts";
import type { MergedScenario } from "./merge.ts";
import { type ReportModel, verdictSentence } from "./model.ts";
import { reasonOf } from "./severity.ts";

// 1 MiB a step, and near the limit a summary has been seen to vanish.
export const summaryBytesMax: number = 900 * 1024;
// 65,535 characters, of which whoever posts it may add some.
export const commentBytesMax: number = 60 * 1024;
// Of each step GitHub shows ten errors and hides the rest.
const annotationsMax = 10;

/** The first line of a comment of ours; whoever posts it looks for a comment with this line and replaces it. */
export const commentMarker = "<!-- falkordrill report -->";

export function jobSummary(model: ReportModel): string {
  return markdownWithin(model, summaryBytesMax);
}

export function comment(model: ReportModel): string {
  const head = `${commentMarker}\n`;
  return `${head}${markdownWithin(model, commentBytesMax - Buffer.byteLength(head))}`;
}

/** Workflow commands, one a line, worst first. Empty where everything passed. */
export function annotations({ scenarios }: ReportModel): string {
  const bad = scenarios.filter((scenario) => scenario.verdict !== "pass");
  const shown = bad.length <= annotationsMax ? bad : bad.slice(0, annotationsMax - 1);
  const lines = shown.map(annotation);
  const more = bad.length - shown.length;
  if (more > 0) lines.push(command("error", "More scenarios that did not pass", `+${more} more: see the job summary`));
  return lines.map((line) => `${line}\n`).join("");
}

function annotation(scenario: MergedScenario): string {
  const level = scenario.verdict === "fail" ? "error" : "warning";
  return command(
    level,
    `${scenario.id}: ${scenario.verdict}`,
    `${reasonOf(scenario) ?? ""}\nreplay: ${scenario.replay}`,
  );
}

function command(level: "error" | "warning", title: string, message: string): string {
  return `::${level} title=${property(oneLine(title))}::${data(visible(message))}`;
}

/** As the runner decodes it; nothing that a graph holds can end the line and begin a command of its own. */
function data(text: string): string {
  return text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}

function property(text: string): string {
  return data(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
}

/** The outputs of a step, as later steps read them. What was not measured is an empty string. */
export function stepOutputs(model: ReportModel, reportPath: string): Readonly<Record<string, string>> {
  const { result, counts, rto, rpo } = model;
  return {
    verdict: result.verdict,
    "rto-ms": rto.value === undefined ? "" : String(Math.round(rto.value)),
    "rpo-writes": rpo.value === undefined ? "" : String(rpo.value),
    failed: String(counts.fail),
    inconclusive: String(counts.inconclusive),
    summary: oneLine(verdictSentence(model)),
    "report-path": reportPath,
    replay: oneLine(result.replay),
    seed: model.seeds.join(","),
  };
}

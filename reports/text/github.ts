// What GitHub shows of a run: the job summary, annotations, and the outputs of a step. Its
// limits are hard: what is over them is dropped, mostly in silence.
import { oneLine, visible } from "../../harness/base/one-line.ts";
import { markdownWithin } from "./markdown.ts";
import type { MergedScenario } from "../model/merge.ts";
import { type ReportModel, verdictSentence } from "../model/model.ts";
import { reasonForVerdict } from "../findings/severity.ts";

// 1 MiB a step, and near the limit a summary has been seen to vanish.
export const summaryBytesMax: number = 900 * 1024;
// Of each step GitHub shows ten errors and hides the rest.
const annotationsMax = 10;

export function jobSummary(model: ReportModel): string {
  return markdownWithin(model, summaryBytesMax);
}

/** Workflow commands, one a line, worst first. Empty where everything passed. */
export function annotations({ scenarios }: ReportModel): string {
  const bad = scenarios.filter((scenario) => scenario.verdict !== "pass");
  const shown = bad.length <= annotationsMax ? bad : bad.slice(0, annotationsMax - 1);
  const lines = shown.map(scenarioAnnotation);
  const more = bad.length - shown.length;
  if (more > 0)
    lines.push(annotation("error", "More scenarios that did not pass", `+${more} more: see the job summary`));
  return lines.join("");
}

function scenarioAnnotation(scenario: MergedScenario): string {
  const level = scenario.verdict === "fail" ? "error" : "warning";
  return annotation(
    level,
    `${scenario.id}: ${scenario.verdict}`,
    `${reasonForVerdict(scenario) ?? ""}\nreplay: ${scenario.replay}`,
  );
}

/** A workflow command, as one line. */
export function annotation(level: "error" | "warning" | "notice", title: string, message: string): string {
  return `::${level} title=${property(oneLine(title))}::${data(visible(message))}\n`;
}

/** Escapes text as the runner decodes it, so that no text of a graph can end the line and start another command. */
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

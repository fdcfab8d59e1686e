// What went wrong in one scenario as lines of plain text: the same order and counts as in the terminal and the report.
import { counted, type FindingGroup, findingGroups, kindNames } from "./findings/finding-groups.ts";
import type { MergedScenario } from "./model/merge.ts";

const causesMax = 20;

/** Causes, worst first, and the command that runs the scenario again. */
export function causeLines(scenario: Pick<MergedScenario, "id" | "findings" | "replay">): readonly string[] {
  const groups = findingGroups([scenario]);
  const more = groups.length - causesMax;
  return [
    ...groups.slice(0, causesMax).flatMap(linesOf),
    ...(more > 0 ? [counted(more, "more cause")] : []),
    `replay: ${scenario.replay}`,
  ];
}

function linesOf({ kind, code, title, example, derived, next }: FindingGroup): string[] {
  const about = title === example.message ? example.subject : `${example.subject}: ${example.message}`;
  return [
    `${kindNames[kind]}: ${title} (${code})`,
    `  e.g. ${about}`,
    ...(derived.length === 0 ? [] : [`  follows from it: ${derived.map((folded) => folded.title).join(", ")}`]),
    ...(next === undefined ? [] : [`  next: ${next}`]),
  ];
}

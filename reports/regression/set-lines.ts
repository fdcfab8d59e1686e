// A comparison of two sets of runs as lines for people: verdicts first, then headline figures, then what is slower.
import { formatCount, formatDuration } from "../../harness/base/units.ts";
import { counted } from "../findings/finding-groups.ts";
import { metricLabel } from "../figures/metrics.ts";
import { type HeadlineChange, runsMin, type SetComparison } from "./compare-sets.ts";
import type { VerdictChange } from "./verdict-changes.ts";
import { changeText, exactText, figureText, percent } from "./words.ts";

/** Results that need no attention; counted, and listed with `all`. */
const quiet: ReadonlySet<string> = new Set(["within", "too-few", "unclear", "same"]);
const nameWidth = 64;

export function setLines(found: SetComparison, all: boolean): readonly string[] {
  const { runs, allowed, times, exact, oneSided, verdict, exitCode } = found;
  const judged = [
    ...times.map(({ name, says, base, head, change, detectable }) => ({
      says,
      lines: [
        `${says.padEnd(12)} ${name.padEnd(nameWidth)} ${changeText(change)}`,
        `${"".padEnd(13)}${base.toFixed(3)}x -> ${head.toFixed(3)}x; could have seen ${percent(detectable)}`,
      ],
    })),
    ...exact.map(({ name, says, ...rest }) => ({
      says,
      lines: [`${says.padEnd(12)} ${name.padEnd(nameWidth)} ${exactText(rest)}`],
    })),
  ];
  const shown = all ? judged : judged.filter(({ says }) => !quiet.has(says));
  const left = judged.length - shown.length;
  const counts = [
    left > 0 ? `${formatCount(left)} figures that show no change for certain` : "",
    !all && oneSided.length > 0 ? `${formatCount(oneSided.length)} that only one side measured` : "",
  ].filter((part) => part !== "");
  return [
    `${counted(runs.base, "run")} against ${counted(runs.head, "run")}, ${percent(1 + allowed)} allowed`,
    "",
    ...verdictLines(found.verdicts),
    ...found.headlines.map(headlineLine),
    ...(shown.length === 0 ? [] : ["", ...shown.flatMap(({ lines }) => lines)]),
    ...(all ? oneSided.map(({ name, only }) => `${`only in ${only}`.padEnd(12)} ${name}`) : []),
    ...(times.some(({ says }) => says === "too-few")
      ? [`too few runs: times are judged from ${runsMin} on each side`]
      : []),
    ...(counts.length === 0 ? [] : ["", `not shown: ${counts.join(", ")} (--all shows them)`]),
    "",
    `${verdict}, exit code ${exitCode}`,
  ];
}

/** "verdicts  1 pass -> fail, 8 pass -> missing", and then which. */
function verdictLines(changes: readonly VerdictChange[]): string[] {
  if (changes.length === 0) return ["verdicts     as before"];
  const kinds = Map.groupBy(changes, ({ from, to }) => `${from} -> ${to}`);
  const counts = [...kinds].map(([kind, list]) => `${formatCount(list.length)} ${kind}`);
  const lines = [`verdicts     ${counts.join(", ")}`];
  for (const [kind, list] of kinds) {
    for (const { scenario } of list.slice(0, changesMax)) lines.push(`  ${kind.padEnd(22)} ${scenario}`);
    if (list.length > changesMax) lines.push(`  ${"".padEnd(22)} and ${list.length - changesMax} more`);
  }
  return lines;
}

const changesMax = 10;

function headlineLine({ name, unit, base, head }: HeadlineChange): string {
  const text = (value: number): string => (unit === "ms" ? formatDuration(value) : figureText(unit, value));
  const delta = base === 0 ? "" : `  (${percent(head / base)})`;
  return `${metricLabel(name).padEnd(52)} ${text(base)} -> ${text(head)}${base === head ? "" : delta}`;
}

// Trends as lines for people: where each figure is, where it changed, and what of it is for the worse.
import { formatCount } from "../../harness/base/units.ts";
import type { Change, Trend } from "./trend.ts";
import { figureText, percent } from "./words.ts";

export function trendLines(found: readonly Trend[]): readonly string[] {
  return found.flatMap(({ figure, points, changes, judged }) => {
    const last = points.at(-1)?.value ?? Number.NaN;
    const state = judged ? (changes.at(-1)?.says ?? "steady") : "too few";
    const line = `${state.padEnd(8)} ${figure.name.padEnd(64)} ${figureText(figure.unit, last)}, ${points.length} runs`;
    return [line, ...changes.map(changeLine)];
  });
}

/** What all trends say together. */
export function trendSentence(found: readonly Trend[], worse: readonly Trend[]): string {
  const judged = found.filter((trend) => trend.judged);
  const of = `${formatCount(judged.length)} figure${judged.length === 1 ? "" : "s"}`;
  const few = found.length - judged.length;
  const rest = few === 0 ? "" : ` ${formatCount(few)} more have too few runs to see a change.`;
  if (judged.length === 0) return "There are too few runs to see any change.";
  if (worse.length > 0) return `The last change of ${formatCount(worse.length)} of ${of} is for the worse.${rest}`;
  const changed = judged.filter(({ changes }) => changes.length > 0).length;
  if (changed === 0) return `${judged.length === 1 ? "The figure is" : `All ${of} are`} steady.${rest}`;
  return `Of ${of} ${formatCount(changed)} changed; no last change is for the worse, or it was accepted.${rest}`;
}

function changeLine({ point, ratio, says, p }: Change): string {
  const where = `${point.at.slice(0, 10)} ${point.commit?.slice(0, 10) ?? point.version}`;
  return `${"".padEnd(9)}${percent(ratio)} (${says}) from ${where} on, p = ${p.toPrecision(2)}`;
}

// Trends as lines for people: where each figure is, and where it changed.
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

function changeLine({ point, ratio, says, p }: Change): string {
  const where = `${point.at.slice(0, 10)} ${point.commit?.slice(0, 10) ?? point.version}`;
  return `${"".padEnd(9)}${percent(ratio)} (${says}) from ${where} on, p = ${p.toPrecision(2)}`;
}

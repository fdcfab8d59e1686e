// An analysis in a terminal: what to do first, then what is expected, and how good such forecasts were so far.
import type { TerminalOptions } from "../text/terminal.ts";
import type { Analysis, ForecastState, Insight, Score } from "./analysis.ts";
import { breakText, money, objectiveNames, rateText, share, valueText } from "./words.ts";

type Options = Pick<TerminalOptions, "paint" | "paste">;

const colours = { bad: "red", warn: "yellow", good: "green" } as const;
const signs: Readonly<Record<Insight["tone"], string>> = { bad: "NOW  ", warn: "SOON ", good: "     " };
const stateTones: Readonly<Record<ForecastState, Insight["tone"]>> = {
  broken: "bad",
  soon: "warn",
  later: "good",
  holds: "good",
  "too short": "warn",
};

export function analysisLines(analysis: Analysis, { paint, paste }: Options): readonly string[] {
  const { insights, rates, forecasts, cost, tooShort, score } = analysis;
  const told = insights.flatMap(({ tone, says, command }) => [
    `${paint(colours[tone], signs[tone])}${says}`,
    `     ${paint("dim", paste(command))}`,
  ]);
  const expected = forecasts
    .filter(({ state }) => state !== "too short")
    .map((forecast) => {
      const { state, objective, subject, unit, limit, now } = forecast;
      const name = `${objectiveNames[objective]} ${subject}`;
      const is =
        unit === "time"
          ? `ends ${valueText(now, unit)}`
          : `${valueText(now, unit, cost?.currency)} of ${valueText(limit, unit, cost?.currency)}, ${breakText(forecast)}`;
      return `${paint(colours[stateTones[state]], state.padEnd(8))} ${name.padEnd(40)} ${is}`;
    });
  const spent = (cost?.vaults ?? []).map(
    ({ vault, total, storage, requests, traffic, proofs }) =>
      `cost     ${vault.padEnd(40)} ${money(total)} ${cost?.currency ?? ""} a month: storage ${money(storage)}, requests ${money(requests)}, traffic ${money(traffic)}, proofs ${money(proofs)}`,
  );
  return [
    ...(told.length === 0 ? [rates.length === 0 ? "Nothing is known yet." : "Nothing needs to be done."] : told),
    "",
    ...expected,
    ...rates.map((rate) => `${rate.of.padEnd(8)} ${rate.subject.padEnd(40)} ${rateText(rate)}`),
    ...spent,
    ...tooShort,
    "",
    scoreText(score),
  ];
}

/** How good the stored forecasts were. */
export function scoreText({ forecasts, intervals, covered, hits, missed, falseWarnings, open }: Score): string {
  if (intervals + hits + missed + falseWarnings === 0)
    return `Forecasts are stored and graded later: ${forecasts} stored, none graded yet.`;
  const held =
    intervals === 0
      ? ""
      : ` ${share(covered / intervals)} of ${intervals} measurements were within their 90 % interval;`;
  const warned = `${hits} of ${hits + missed} broken objectives were warned of a week before`;
  return `Of ${forecasts} stored forecasts:${held} ${warned}; ${falseWarnings} warnings were false, ${open} are open.`;
}

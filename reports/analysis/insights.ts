// What a person should know and do: sentences with a number, and a command for each, the most urgent first.
import { shellWord } from "../../harness/base/invocation.ts";
import { parseChange } from "./cost/what-if.ts";
import type { Analysis, Insight, ObjectiveForecast, Rate, Trend } from "./analysis.ts";
import type { History, VaultHistory } from "./history.ts";
import type { ObjectiveSeries } from "./series.ts";
import { breakText, dayText, money, objectiveNames, rateText, share, valueText } from "./words.ts";

interface Found {
  readonly history: History;
  readonly forecasts: readonly ObjectiveForecast[];
  /** In the order of the forecasts. */
  readonly series: readonly ObjectiveSeries[];
  readonly rates: readonly Rate[];
  readonly trends: readonly Trend[];
  readonly cost: Analysis["cost"];
}

const rank: Readonly<Record<Insight["tone"], number>> = { bad: 0, warn: 1, good: 2 };
/** A share of success below this is worth a sentence when it is sure. */
const successMin = 0.99;
const growthMin = 0.1;
/** It grows as what is stored of it does. */
const snapshotMeasure = "size of the snapshot";

export function insightsOf(found: Found): readonly Insight[] {
  const all = [
    ...found.forecasts.flatMap((forecast, index) => ofForecast(forecast, found.series[index], found)),
    ...found.rates.flatMap((rate) => ofRate(rate, found.history)),
    ...found.trends.flatMap((trend) => ofTrend(trend, found.history)),
    ...ofCost(found),
  ];
  return all.toSorted((a, b) => rank[a.tone] - rank[b.tone]);
}

/** Flags that name a vault and its key ring on a command line. */
function vaultFlags({ place, keys }: VaultHistory): string {
  return `--vault ${shellWord(place)} --keys ${shellWord(keys)}`;
}

function ofForecast(
  forecast: ObjectiveForecast,
  series: ObjectiveSeries | undefined,
  { cost }: Found,
): readonly Insight[] {
  const { state, objective, subject, unit, limit, now } = forecast;
  if (state !== "broken" && state !== "soon") return [];
  const tone = state === "broken" ? "bad" : "warn";
  const command = commandFor(forecast, series?.vault);
  const name = `${objectiveNames[objective]} of ${subject}`;
  if (unit === "time") return [{ tone, says: `The ${name}: ${forecast.why}.`, command }];
  const [is, most] = [valueText(now, unit, cost?.currency), valueText(limit, unit, cost?.currency)];
  const says =
    state === "broken"
      ? `The ${name} is ${is}, above its limit of ${most}.`
      : `The ${name} is ${is} and reaches its limit of ${most} ${breakText(forecast)}.`;
  return [{ tone, says, command }];
}

function commandFor({ objective, subject }: ObjectiveForecast, vault: VaultHistory | undefined): string {
  if (vault === undefined) return `falkordrill run ${shellWord(subject)}`;
  const flags = vaultFlags(vault);
  if (objective === "key") return `falkordrill vault keys list ${flags}`;
  if (objective === "lock") return `falkordrill vault list --locks ${flags}`;
  if (objective === "window") return `falkordrill vault list ${flags}`;
  return pruneCommand(vault);
}

/** What its rules would remove, or those that fit a daily backup. */
function pruneCommand(vault: VaultHistory, keep = vault.keep): string {
  const { last, daily, weekly, monthly, yearly, within } = keep ?? { daily: 7, weekly: 4, monthly: 12 };
  const rules = Object.entries({ last, daily, weekly, monthly, yearly, within: within?.text });
  const flags = rules.flatMap(([name, value]) => (value === undefined ? [] : [`--keep-${name} ${value}`]));
  return `falkordrill vault prune ${vaultFlags(vault)} ${flags.join(" ")} --dry-run`;
}

function ofRate(rate: Rate, { vaults }: History): readonly Insight[] {
  const { subject, of, succeeded, tries, high } = rate;
  const vault = vaults.find(({ name }) => name === subject);
  const what =
    of === "drills" ? `Drills of ${subject} pass` : `${of === "backups" ? "Backups" : "Proofs"} of ${subject} succeed`;
  // What fails once in three tries may be chance; a rate whose whole interval is low is not.
  if (succeeded < tries && high < successMin) {
    const command =
      vault === undefined
        ? `falkordrill run ${shellWord(subject)}`
        : of === "backups"
          ? `falkordrill vault audit ${vaultFlags(vault)}`
          : `falkordrill vault verify ${vaultFlags(vault)}`;
    return [{ tone: "bad", says: `${what} in ${rateText(rate)}.`, command }];
  }
  return [];
}

function ofTrend({ subject, measure, unit, growth, changes, points }: Trend, history: History): readonly Insight[] {
  const vault = history.vaults.find(({ name }) => name === subject);
  const command =
    vault === undefined ? `falkordrill run ${shellWord(subject)}` : `falkordrill vault list ${vaultFlags(vault)}`;
  const now = valueText(points.at(-1)?.value ?? 0, unit);
  const last = changes.at(-1);
  const insights: Insight[] = [];
  if (last !== undefined) {
    const [more, by] = last.ratio > 1 ? ["up", last.ratio - 1] : ["down", 1 - last.ratio];
    const says = `The ${measure} of ${subject} went ${more} by ${share(by)} on ${dayText(last.at)}, and is ${now} now.`;
    insights.push({ tone: last.ratio > 1 ? "warn" : "good", says, command });
  }
  if (growth !== undefined && growth > growthMin && measure !== snapshotMeasure)
    insights.push({
      tone: "good",
      says: `The ${measure} of ${subject} grows by ${share(growth)} in 30 days, and is ${now} now.`,
      command,
    });
  return insights;
}

function ofCost({ cost, history }: Found): readonly Insight[] {
  if (cost === undefined) return [];
  const { currency } = cost;
  const proven = cost.vaults.flatMap(({ vault: name, total, provenRestores, perProvenRestore }): Insight[] => {
    const vault = history.vaults.find((one) => one.name === name);
    if (vault === undefined) return [];
    const command = `falkordrill vault verify ${vaultFlags(vault)}`;
    if (perProvenRestore === undefined) {
      const says = `${name} costs ${money(total)} ${currency} a month, and none of its restores was proven in the last 30 days.`;
      return [{ tone: "warn", says, command }];
    }
    const times = `${provenRestores} proven ${provenRestores === 1 ? "restore" : "restores"} of the last 30 days`;
    const says = `${name} costs ${money(total)} ${currency} a month, ${money(perProvenRestore)} for each of the ${times}.`;
    return [{ tone: "good", says, command }];
  });
  const changes = cost.whatIf.flatMap(
    ({ vault: name, change, says: changed, nowPerMonth, thenPerMonth }): Insight[] => {
      const vault = history.vaults.find((one) => one.name === name);
      if (vault === undefined) return [];
      const difference = thenPerMonth - nowPerMonth;
      const more = `${money(Math.abs(difference))} ${currency} ${difference < 0 ? "less" : "more"}`;
      const says = `${name} with ${changed}: ${more} a month (${money(nowPerMonth)} to ${money(thenPerMonth)} ${currency}).`;
      return [{ tone: "good", says, command: pruneCommand(vault, parseChange(change).keep) }];
    },
  );
  return [...proven, ...changes];
}

// The whole analysis, as a pure function of what was read, of prices and limits, and of what earlier analyses remembered.
import type { Analysis, CostLine } from "./analysis.ts";
import { costOf } from "./cost/cost.ts";
import type { Prices } from "./cost/prices.ts";
import { type WhatIf, whatIf } from "./cost/what-if.ts";
import { forecastOf } from "./forecasts.ts";
import type { History, Limits } from "./history.ts";
import { insightsOf } from "./insights.ts";
import { type JournalLine, scoreOf } from "./journal.ts";
import { objectiveSeries, unremembered } from "./series.ts";
import { ratesOf, trendsOf } from "./trends.ts";

export interface Asked {
  readonly history: History;
  readonly limits: Limits;
  readonly prices?: Prices | undefined;
  /** Changes as `--what-if` takes them. */
  readonly changes: readonly string[];
  /** Lines of earlier analyses, the oldest first. */
  readonly journal: readonly JournalLine[];
}

/** `line` is what the journal has to remember of it. */
export function analyze(asked: Asked): { readonly analysis: Analysis; readonly line: JournalLine } {
  const { history, limits, prices, changes, journal } = asked;
  const at = new Date(history.nowMs).toISOString();
  const series = objectiveSeries(history, limits, prices, journal);
  const forecasts = series.map((one) => forecastOf(one, history.nowMs));
  const rates = ratesOf(history);
  const trends = trendsOf(history);
  const cost = prices === undefined ? undefined : costsOf(history, prices, changes);
  const line: JournalLine = {
    schemaVersion: 1,
    at,
    measured: unremembered(series, journal),
    forecasts: forecasts
      .filter(({ state }) => state !== "too short" && state !== "broken")
      .map(({ objective, subject, limit, breaksAt, checks }) => ({ objective, subject, limit, breaksAt, checks })),
  };
  const score = scoreOf([...journal, line], history.nowMs);
  const insights = insightsOf({ history, forecasts, rates, trends, cost, series });
  const short = forecasts.filter(({ state }) => state === "too short");
  return {
    line,
    analysis: {
      schemaVersion: 1,
      analyzedAt: at,
      insights,
      rates,
      forecasts,
      score,
      trends,
      ...(cost === undefined ? {} : { cost }),
      tooShort: [
        ...short.map(({ objective, subject, why }) => `${objective} of ${subject}: the history is too short, ${why}.`),
        ...notAsked(limits, prices),
      ],
    },
  };
}

function notAsked({ rtoSeconds, windowSeconds, costPerMonth }: Limits, prices: Prices | undefined): readonly string[] {
  const missing = [
    rtoSeconds === undefined && "rto",
    windowSeconds === undefined && "window",
    (costPerMonth === undefined || prices === undefined) && "cost",
  ].filter((name) => name !== false);
  return missing.length === 0 ? [] : [`No forecast of ${missing.join(", ")}: no such objective is set.`];
}

function costsOf(history: History, prices: Prices, changes: readonly string[]): NonNullable<Analysis["cost"]> {
  const { vaults, nowMs } = history;
  return {
    currency: prices.currency,
    vaults: vaults.flatMap((vault): CostLine[] => {
      const cost = costOf(vault, prices, nowMs);
      return cost === undefined ? [] : [cost];
    }),
    whatIf: changes.flatMap((change) =>
      vaults
        .map((vault) => whatIf(vault, prices, change, nowMs))
        .filter((found): found is WhatIf => found !== undefined),
    ),
  };
}

// How often backups, proofs and drills succeed, and how their durations and sizes went.
import { changePoints } from "../statistics/e-divisive.ts";
import { robustDeviation, theilSen } from "../statistics/theil-sen.ts";
import { rateOf } from "../statistics/wilson.ts";
import type { Rate, Trend, TrendPoint } from "./analysis.ts";
import { middle } from "./cost/cost.ts";
import { daily, dayLengthMs, type Measured } from "./forecast/measured.ts";
import type { History } from "./history.ts";
import { durationsOf } from "./series.ts";

/** A backup that began less long ago may still run. */
const runningMs = dayLengthMs;

export function ratesOf({ nowMs, vaults, drills }: History): readonly Rate[] {
  const rate = (subject: string, of: Rate["of"], all: readonly boolean[]): readonly Rate[] => {
    if (all.length === 0) return [];
    const { shown: succeeded, tries, low, high } = rateOf(all.filter(Boolean).length, all.length);
    return [{ subject, of, succeeded, tries, low, high }];
  };
  return [
    ...vaults.flatMap(({ name, attempts, judged }) => {
      const ended = attempts.filter(({ beganMs, endedMs }) => endedMs !== undefined || beganMs < nowMs - runningMs);
      return [
        ...rate(
          name,
          "backups",
          ended.map(({ endedMs }) => endedMs !== undefined),
        ),
        ...rate(
          name,
          "proofs",
          judged.map(({ ok }) => ok),
        ),
      ];
    }),
    ...[...Map.groupBy(drills, ({ id }) => id)].flatMap(([id, all]) =>
      rate(
        id,
        "drills",
        all.map(({ verdict }) => verdict === "pass"),
      ),
    ),
  ];
}

export function trendsOf({ vaults, drills }: History): readonly Trend[] {
  const found = vaults.flatMap((vault) => {
    const { name, backups, points, judged } = vault;
    const increments = points.filter(({ isFull }) => !isFull);
    return [
      trendOf(name, "backup duration", "s", durationsOf(vault)),
      trendOf(
        name,
        "stored size of a backup",
        "bytes",
        backups.map(({ atMs, storedBytes: value }) => ({ atMs, value })),
      ),
      trendOf(
        name,
        "size of the snapshot",
        "bytes",
        backups.map(({ atMs, rawBytes: value }) => ({ atMs, value })),
      ),
      trendOf(name, "increments a day", "bytes", addedADay(increments)),
      trendOf(
        name,
        "proof duration",
        "s",
        judged.flatMap(({ atMs, ms }) => (ms === undefined ? [] : [{ atMs, value: ms / 1000 }])),
      ),
    ];
  });
  const recoveries = [...Map.groupBy(drills, ({ id }) => id)].map(([id, all]) =>
    trendOf(
      id,
      "recovery time",
      "s",
      all.flatMap(({ startedMs: atMs, rtoMs }) => (rtoMs === undefined ? [] : [{ atMs, value: rtoMs / 1000 }])),
    ),
  );
  return [...found, ...recoveries].filter(({ points }) => points.length > 1);
}

function addedADay(points: History["vaults"][number]["points"]): readonly Measured[] {
  const days = Map.groupBy(points, ({ atMs }) => Math.floor(atMs / dayLengthMs));
  // The first and the last day are not whole.
  return [...days]
    .toSorted(([a], [b]) => a - b)
    .slice(1, -1)
    .map(([day, all]) => ({
      atMs: (day + 0.5) * dayLengthMs,
      value: all.flatMap(({ objectBytes }) => objectBytes).reduce((sum, size) => sum + size, 0),
    }));
}

/** Fewer points show no change, and their slope is mostly noise. */
const judgedMin = 8;
/** E-divisive takes time quadratic in the number of points. */
const judgedMax = 120;
/** A smaller change of level is none that anybody would look for. */
const changeMin = 0.1;

function trendOf(subject: string, measure: string, unit: Trend["unit"], all: readonly Measured[]): Trend {
  const measured = daily(all);
  const points = measured.map(({ atMs, value }): TrendPoint => ({ at: new Date(atMs).toISOString(), value }));
  if (measured.length < judgedMin) return { subject, measure, unit, points, changes: [] };
  const recent = measured.slice(-judgedMax);
  const { flat } = withoutTrend(recent);
  const changes = changePoints(flat, { seed: 1 })
    .map(({ at, p }) => {
      const levels = [flat.slice(Math.max(0, at - 10), at), flat.slice(at, at + 10)].map(middle);
      return { at, ratio: Math.exp((levels[1] as number) - (levels[0] as number)), p };
    })
    .filter(({ ratio }) => Math.abs(Math.log(ratio)) > Math.log1p(changeMin));
  // A jump is no growth.
  const since = recent.slice(changes.at(-1)?.at ?? 0);
  return {
    subject,
    measure,
    unit,
    points,
    ...(since.length < judgedMin ? {} : { growth: Math.expm1(30 * withoutTrend(since).slope) }),
    changes: changes.map(({ at, ratio, p }) => ({
      at: new Date((recent[at] as Measured).atMs).toISOString(),
      ratio,
      p,
    })),
  };
}

/** What is left of the logarithms beside a straight line of the values or of their logarithms, whichever fits better. */
function withoutTrend(measured: readonly Measured[]): { readonly flat: readonly number[]; readonly slope: number } {
  const days = measured.map(({ atMs }) => (atMs - (measured.at(-1)?.atMs ?? 0)) / dayLengthMs);
  const logs = measured.map(({ value }) => Math.log(value));
  const values = measured.map(({ value }) => value);
  const share = theilSen(days, logs);
  const amount = theilSen(days, values);
  const least = Math.min(...values) / 10;
  const lines = [
    { slope: share.slope, at: (day: number) => share.intercept + share.slope * day },
    {
      slope: amount.slope / Math.max(least, amount.intercept),
      at: (day: number) => Math.log(Math.max(least, amount.intercept + amount.slope * day)),
    },
  ];
  const fitted = lines.map(({ slope, at }) => {
    const flat = logs.map((log, i) => log - at(days[i] as number));
    return { slope, flat, left: robustDeviation(flat) };
  });
  return fitted.toSorted((a, b) => a.left - b.left)[0] as (typeof fitted)[number];
}

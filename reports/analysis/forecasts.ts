// The forecast of one objective: what is measured now, when it breaks its limit, and how sure that is.
import { formatDuration } from "../../harness/base/units.ts";
import type { ForecastState, Objective, ObjectiveForecast } from "./analysis.ts";
import { deadlineOf } from "./forecast/deadline.ts";
import { follow } from "./forecast/follow.ts";
import { pointsMin, spanDaysMin } from "./forecast/forecaster.ts";
import { daily, dayLengthMs, isBroken, type Measured } from "./forecast/measured.ts";
import { standsAt, warningsOf } from "./forecast/warnings.ts";
import { isEnd } from "./journal.ts";
import type { ObjectiveSeries } from "./series.ts";

const units: Readonly<Record<Objective, ObjectiveForecast["unit"]>> = {
  rto: "s",
  window: "s",
  space: "bytes",
  cost: "money",
  lock: "time",
  key: "time",
};

export function forecastOf(series: ObjectiveSeries, nowMs: number): ObjectiveForecast {
  const { objective, subject, limit } = series;
  const common = { objective, subject, unit: units[objective], limit };
  return { ...common, ...(isEnd(objective) ? ofEnd(series, nowMs) : ofLevel(series, nowMs)) };
}

type Said = Omit<ObjectiveForecast, "objective" | "subject" | "unit" | "limit">;

function ofEnd({ measured, objective }: ObjectiveSeries, nowMs: number): Said {
  const deadline = deadlineOf(
    measured.map(({ atMs, value }) => ({ atMs, endMs: value })),
    nowMs,
  );
  const endMs = deadline?.endMs ?? 0;
  const left = formatDuration(Math.max(0, endMs - nowMs));
  const verb = objective === "lock" ? "was extended" : "was prolonged";
  const renewed =
    deadline?.usualLeftMs === undefined
      ? `it never ${verb} as far as is known`
      : `it ${verb} ${deadline.renewals} times, with ${formatDuration(deadline.usualLeftMs)} left at least`;
  const state = endMs <= nowMs ? "broken" : deadline?.isLate === true ? "soon" : "holds";
  return {
    now: endMs,
    state,
    ...(state === "holds" ? {} : { breaksAt: iso(endMs) }),
    checks: [],
    points: [],
    why: endMs <= nowMs ? `it ended ${iso(endMs)}` : `it ends in ${left}; ${renewed}`,
  };
}

function ofLevel({ measured, limit }: ObjectiveSeries, nowMs: number): Said {
  const points = daily(measured);
  const shown = points.map(({ atMs, value }) => ({ at: iso(atMs), value }));
  const now = points.at(-1)?.value ?? 0;
  const { made, forecaster } = follow(points, limit);
  const last = made.at(-1);
  if (isBroken(points, limit)) {
    const why = "three of its last five measurements are above it";
    return { now, state: "broken", checks: last === undefined ? [] : checksOf(last.checks), points: shown, why };
  }
  if (last === undefined) return { now, state: "too short", checks: [], points: shown, why: tooShort(points) };
  const warning = warningsOf(made).at(-1);
  const isWarned = warning !== undefined && standsAt(warning, Math.max(last.atMs, nowMs));
  const at = (side: -1 | 0 | 1): string | undefined => {
    const ms = forecaster.breaksAtMs(limit, side);
    return ms === undefined ? undefined : iso(Math.max(ms, nowMs));
  };
  const breaksAt = at(0);
  const state: ForecastState = isWarned ? "soon" : breaksAt === undefined ? "holds" : "later";
  return {
    now,
    state,
    breaksAt,
    earliest: at(1),
    latest: at(-1),
    checks: checksOf(last.checks),
    points: shown,
    why: `from ${points.length} days with a measurement; ${made.length} earlier forecasts say how sure it is`,
  };
}

function checksOf(checks: readonly { atMs: number; low: number; high: number }[]): ObjectiveForecast["checks"] {
  return checks.map(({ atMs, low, high }) => ({ at: iso(atMs), low, high }));
}

function tooShort(points: readonly Measured[]): string {
  const [first, last] = [points[0], points.at(-1)];
  const days = first === undefined || last === undefined ? 0 : Math.round((last.atMs - first.atMs) / dayLengthMs);
  return `${points.length} of at least ${pointsMin} days with a measurement, over ${days} of at least ${spanDaysMin} days`;
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}

// What analyses remember from one to the next, a line each: measurements that nothing else keeps, such as free space, and
// every forecast, so that it can be graded when the time has come.
import { z } from "zod";
import { type Objective, objectives, type Score } from "./analysis.ts";
import { type Grade, gradeForecasts, joinedGrades, type Made } from "./forecast/grade.ts";
import { daily, type Measured } from "./forecast/measured.ts";

interface StoredForecast {
  readonly objective: Objective;
  readonly subject: string;
  readonly limit: number;
  readonly breaksAt?: string | undefined;
  readonly checks: readonly { readonly at: string; readonly low: number; readonly high: number }[];
}

export interface StoredSeries {
  readonly objective: Objective;
  readonly subject: string;
  /** Milliseconds since 1970, and the value; only what no earlier line has. */
  readonly points: readonly (readonly [atMs: number, value: number])[];
}

export interface JournalLine {
  readonly schemaVersion: 1;
  readonly at: string;
  readonly measured: readonly StoredSeries[];
  readonly forecasts: readonly StoredForecast[];
}

const named = { objective: z.enum(objectives), subject: z.string() };
export const journalSchema: z.ZodType<JournalLine> = z.object({
  schemaVersion: z.literal(1),
  at: z.iso.datetime(),
  measured: z.array(z.object({ ...named, points: z.array(z.tuple([z.number(), z.number()])) })),
  forecasts: z.array(
    z.object({
      ...named,
      limit: z.number(),
      breaksAt: z.iso.datetime().optional(),
      checks: z.array(z.object({ at: z.iso.datetime(), low: z.number(), high: z.number() })),
    }),
  ),
});

/** The values of such a series are moments: those at which something ends. */
export function isEnd(objective: Objective): boolean {
  return objective === "lock" || objective === "key";
}

export function seriesKey({ objective, subject }: Pick<StoredSeries, "objective" | "subject">): string {
  return `${objective} ${subject}`;
}

/** All that was measured, by series and in order of time. */
export function remembered(lines: readonly JournalLine[]): ReadonlyMap<string, readonly Measured[]> {
  const series = Map.groupBy(
    lines.flatMap(({ measured }) => measured),
    seriesKey,
  );
  return new Map(
    [...series].map(([key, parts]) => {
      const points = new Map(parts.flatMap(({ points: own }) => own.map(([atMs, value]) => [atMs, value])));
      return [key, [...points].map(([atMs, value]) => ({ atMs, value })).toSorted((a, b) => a.atMs - b.atMs)];
    }),
  );
}

/** A limit that was changed begins a series of its own: what was said of the old one is graded by the old one. */
export function scoreOf(lines: readonly JournalLine[], nowMs: number): Score {
  const measured = remembered(lines);
  const made = Map.groupBy(
    lines.flatMap(({ at, forecasts }) => forecasts.map((forecast) => ({ ...forecast, atMs: Date.parse(at) }))),
    (forecast) => `${forecast.limit} ${seriesKey(forecast)}`,
  );
  const grades = Array.from(made.values(), (forecasts): Grade => {
    const [first] = forecasts;
    if (first === undefined) return joinedGrades([]);
    const points = measured.get(seriesKey(first)) ?? [];
    // What ends is broken when it has ended.
    const graded = isEnd(first.objective)
      ? points.map(({ atMs, value }) => ({ atMs, value: atMs - value }))
      : daily(points);
    return gradeForecasts(forecasts.map(madeOf), graded, first.limit, nowMs);
  });
  return { forecasts: lines.reduce((sum, { forecasts }) => sum + forecasts.length, 0), ...joinedGrades(grades) };
}

function madeOf({ atMs, breaksAt, checks }: StoredForecast & { readonly atMs: number }): Made {
  return {
    atMs,
    breaksAtMs: breaksAt === undefined ? undefined : Date.parse(breaksAt),
    checks: checks.map(({ at, low, high }) => ({ atMs: Date.parse(at), low, high })),
  };
}

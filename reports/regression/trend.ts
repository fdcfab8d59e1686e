// How the figures of a history went, and where they changed.
import { changePoints } from "../statistics/e-divisive.ts";
import { medianInPlace } from "../statistics/median.ts";
import { isJudged, type MeasuredFigure, type MeasuredRun } from "./measured-run.ts";
import { differences } from "./provenance.ts";

interface TrendPoint {
  readonly at: string;
  readonly version: string;
  readonly commit: string | undefined;
  readonly value: number;
}

export interface Change {
  /** Index of the first point after it. */
  readonly index: number;
  readonly point: TrendPoint;
  /** Level after the change over the level before it. */
  readonly ratio: number;
  readonly p: number;
  readonly says: "worse" | "better";
}

export interface Trend {
  readonly figure: Pick<MeasuredFigure, "name" | "unit" | "better">;
  readonly points: readonly TrendPoint[];
  /** Changes in the order of the history. */
  readonly changes: readonly Change[];
  /** False where there are too few runs to see any change. */
  readonly judged: boolean;
}

const sideMin = 4;

/** Only the runs that were measured like the last one: others say nothing about its level. */
export function comparableRuns(history: readonly MeasuredRun[]): readonly MeasuredRun[] {
  const last = history.at(-1);
  return last === undefined ? [] : history.filter((run) => differences(run.provenance, last.provenance).length === 0);
}

/** A run that lacks a figure is left out of its trend; it is not zero. */
export function trends(
  runs: readonly MeasuredRun[],
  { seed, allowed }: { seed: number; allowed: number },
): readonly Trend[] {
  const judged = runs.flatMap((run) => run.figures).filter(isJudged);
  const figures = new Map(judged.map((figure) => [figure.name, figure]));
  return [...figures.values()].map((figure) => {
    const points = runs.flatMap(({ at, version, commit, figures: own }) => {
      const found = own.find(({ name }) => name === figure.name);
      return found === undefined ? [] : [{ at, version, commit, value: found.value }];
    });
    const values = points.map(({ value }) => value);
    const least = figure.exactWithin ?? allowed;
    const changes = changePoints(values, { seed, sideMin }).map(({ at, p }) => changeAt(points, { at, p }, figure));
    return {
      figure: { name: figure.name, unit: figure.unit, better: figure.better },
      points,
      changes: changes.filter(({ ratio }) => Math.abs(Math.log(ratio)) > Math.log1p(least)),
      judged: points.length >= 2 * sideMin,
    };
  });
}

/** Those whose newest change is for the worse, and later than `accepted` (ISO 8601; empty where nothing is). */
export function worsened(found: readonly Trend[], accepted: string): readonly Trend[] {
  return found.filter(({ changes }) => {
    const last = changes.at(-1);
    return last !== undefined && last.says === "worse" && last.point.at > accepted;
  });
}

function changeAt(points: readonly TrendPoint[], { at, p }: { at: number; p: number }, figure: MeasuredFigure): Change {
  const levels = [points.slice(Math.max(0, at - 10), at), points.slice(at, at + 10)].map(level);
  const ratio = (levels[1] ?? Number.NaN) / (levels[0] ?? Number.NaN);
  const says = ratio > 1 === (figure.better === "less") ? "worse" : "better";
  return { index: at, point: points[at] as TrendPoint, ratio, p, says };
}

function level(points: readonly TrendPoint[]): number {
  return medianInPlace(Float64Array.from(points, ({ value }) => value));
}

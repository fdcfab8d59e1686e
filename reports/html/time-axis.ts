// The time axis that the charts of one scenario share: writers, memory and events.
import type { TimelineMark } from "../../harness/record/result.ts";
import type { Trace } from "../model/stored-run.ts";
import type { Lane } from "../svg/line-chart.ts";
import type { Tone } from "../svg/svg.ts";

export interface TimeAxis {
  /** Start of the axis in ms, on the clock of the history. */
  readonly originMs: number;
  readonly lengthMs: number;
}

/** Axis from the first recorded event or sample of a scenario to the last. */
export function timeAxis({ activity, marks, memory }: Trace): TimeAxis {
  const ends =
    activity === undefined ? [] : [activity.fromMs, activity.fromMs + activity.intervals.length * activity.intervalMs];
  const all = [marks[0]?.atMs, marks.at(-1)?.atMs, memory[0]?.atMs, memory.at(-1)?.atMs, ...ends];
  const known = all.filter((value) => value !== undefined);
  const originMs = known.length === 0 ? 0 : Math.min(...known);
  return { originMs, lengthMs: Math.max(1, ...known.map((value) => value - originMs)) };
}

/** Events with a start mark and an end mark, in the order in which their rows are drawn. */
const spans: readonly { readonly from: string; readonly to: string; readonly tone: Tone; readonly name: string }[] = [
  { from: "backup-started", to: "backup-ended", tone: "accent", name: "backup" },
  { from: "writes-paused", to: "writes-resumed", tone: "warn", name: "writes paused" },
  { from: "transfer-started", to: "transfer-ended", tone: "second", name: "snapshot read" },
  { from: "disaster", to: "first-answer", tone: "bad", name: "outage until first answer" },
  { from: "first-answer", to: "operational", tone: "good", name: "until fully operational" },
];
/** Marks that start or end one of these spans, or coincide with one. */
const told = new Set([...spans.flatMap(({ from, to }) => [from, to]), "fork", "cut", "restore-started"]);
/** Maximum number of other event kinds drawn, so that the curves keep enough room. */
const otherLanesMax = 6;

export function lanesOf(marks: readonly TimelineMark[], { originMs, lengthMs }: TimeAxis): readonly Lane[] {
  const lanes = spans.map(({ from, to, tone, name }): Lane => {
    const starts = marks.filter(({ mark }) => mark === from);
    const all = starts.map((start) => {
      const end = marks.find(({ mark, atMs }) => mark === to && atMs >= start.atMs);
      return { from: start.atMs - originMs, to: (end?.atMs ?? originMs + lengthMs) - originMs };
    });
    return { name: all.length > 1 ? `${name} ×${all.length}` : name, tone, spans: all };
  });
  const others = Map.groupBy(
    marks.filter(({ mark }) => !told.has(mark)),
    ({ mark, label }) => mark.replaceAll("-", " ") + (label === undefined ? "" : `: ${label}`),
  );
  const events = [...others].slice(0, otherLanesMax).map(([name, same]): Lane => {
    const tone = /disaster|fault|kill|crash/.test(name) ? "bad" : "muted";
    return { name: cut(name), tone, spans: same.map(({ atMs }) => ({ from: atMs - originMs, to: atMs - originMs })) };
  });
  return [...lanes, ...events].filter((lane) => lane.spans.length > 0);
}

function cut(name: string): string {
  return name.length <= 36 ? name : `${name.slice(0, 35)}…`;
}

// The axis of time of one scenario: writers, memory and what happened stand on it together.
import { html, type Markup } from "./markup.ts";
import type { KeyItem } from "./html-parts.ts";
import type { TimelineMark } from "../harness/drill/result.ts";
import type { Trace } from "./stored-run.ts";
import type { Tone } from "./svg.ts";
import type { LineChart } from "./svg-line.ts";

export interface TimeAxis {
  /** On the clock of the history. */
  readonly originMs: number;
  readonly lengthMs: number;
}

const marksMax = 24;

/** From the first thing that is known of a scenario to the last. */
export function timeAxis({ activity, marks, memory }: Trace): TimeAxis {
  const ends =
    activity === undefined ? [] : [activity.fromMs, activity.fromMs + activity.intervals.length * activity.intervalMs];
  const all = [marks[0]?.atMs, marks.at(-1)?.atMs, memory[0]?.atMs, memory.at(-1)?.atMs, ...ends];
  const known = all.filter((value) => value !== undefined);
  const originMs = known.length === 0 ? 0 : Math.min(...known);
  return { originMs, lengthMs: Math.max(1, ...known.map((value) => value - originMs)) };
}

/** What begins with one mark and ends with another. */
const spans: readonly { readonly from: string; readonly to: string; readonly tone: Tone; readonly name: string }[] = [
  { from: "backup-started", to: "backup-ended", tone: "accent", name: "backup" },
  { from: "writes-paused", to: "writes-resumed", tone: "warn", name: "writes paused" },
  { from: "disaster", to: "first-answer", tone: "bad", name: "outage, to the first correct answer" },
];

export function bandsOf(marks: readonly TimelineMark[], x: TimeAxis): NonNullable<LineChart["bands"]> {
  return spans.flatMap(({ from, to, tone }) =>
    marks
      .filter(({ mark }) => mark === from)
      .map((begin) => {
        const end = marks.find(({ mark, atMs }) => mark === to && atMs >= begin.atMs);
        return { from: begin.atMs - x.originMs, to: (end?.atMs ?? x.originMs + x.lengthMs) - x.originMs, tone };
      }),
  );
}

export function bandKeys(marks: readonly TimelineMark[]): KeyItem[] {
  return spans
    .filter(({ from }) => marks.some(({ mark }) => mark === from))
    .map(({ tone, name }) => ({ tone, name, isBand: true }));
}

function isBad({ mark }: TimelineMark): boolean {
  return /disaster|fault|kill|crash/.test(mark);
}

export function numberedMarks(marks: readonly TimelineMark[], x: TimeAxis): NonNullable<LineChart["marks"]> {
  return marks.slice(0, marksMax).map((mark) => ({ x: mark.atMs - x.originMs, tone: isBad(mark) ? "bad" : "muted" }));
}

/** What the numbers in the charts stand for. */
export function markList(marks: readonly TimelineMark[], x: TimeAxis): Markup | "" {
  if (marks.length === 0) return "";
  return html`<ol class="marks">
      ${marks.slice(0, marksMax).map((mark, index) => {
        const seconds = ((mark.atMs - x.originMs) / 1000).toFixed(2);
        return html`<li${isBad(mark) ? html` class="bad"` : ""}><b>${index + 1}</b><span class="at">${seconds} s</span><span>${mark.mark.replaceAll("-", " ")}${mark.label === undefined ? "" : `: ${mark.label}`}</span></li>`;
      })}
    </ol>
    ${marks.length > marksMax ? html`<p class="small quiet">${marks.length - marksMax} more are in timeline.jsonl.</p>` : ""}`;
}

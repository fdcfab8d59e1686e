// Rows of spans on one scale: the phases of a recovery, one below the other, with their limits.
import { html, type Markup } from "../html/markup.ts";
import { type Drawing, label, rule, span, svg, textAt, type Tone } from "./svg.ts";
import { axis, percentOnAxis } from "./scale.ts";

export interface GanttRow {
  readonly name: string;
  readonly from: number;
  readonly to: number;
  /** Written at the right end of the row, in columns: the last one outermost. */
  readonly texts: readonly string[];
  readonly tone: Tone;
}

export interface Gantt extends Drawing {
  readonly rows: readonly GanttRow[];
  /** Headings of the columns of texts. */
  readonly heads: readonly string[];
  /** What the axis counts, with its unit. */
  readonly axisTitle: string;
  readonly format: (value: number) => string;
  /** Vertical lines through all rows. */
  readonly rules?: readonly { readonly at: number; readonly text: string }[];
  /** Ends of the scale; by default 0 and the end of the last row. */
  readonly min?: number;
  readonly max?: number;
}

const rowHeight = 32;
const barHeight = 8;
const axisHeight = 38;
const columnWidth = 62;

export function gantt(chart: Gantt): Markup {
  const { rows, heads, rules = [], min = 0 } = chart;
  const x = axis(min, chart.max ?? Math.max(min, ...rows.map((row) => row.to)), 6);
  const top = 20 + (rules.length > 0 ? 18 : 0);
  const bottom = top + rows.length * rowHeight;
  return svg(chart, bottom + axisHeight, [
    columns(heads, 11),
    x.ticks.map((tick) => rule([percentOnAxis(tick, x), top], [percentOnAxis(tick, x), bottom], "grid")),
    rules.map(({ at, text }) => [
      rule([percentOnAxis(at, x), top - 4], [percentOnAxis(at, x), bottom], "mark"),
      label(percentOnAxis(at, x), top - 8, text),
    ]),
    rows.map((row, index) => {
      const y = top + index * rowHeight;
      return [
        textAt([0, y + 13], row.name, { tone: "halo" }),
        columns(row.texts, y + 13),
        html`<rect class="track" x="0" y="${y + 18}" width="100%" height="${barHeight}" rx="2" />`,
        span(percentOnAxis(row.from, x), percentOnAxis(row.to, x), y + 18, barHeight, `tone-${row.tone}`),
      ];
    }),
    x.ticks.map((tick) => label(percentOnAxis(tick, x), bottom + 15, chart.format(tick))),
    textAt([100, bottom + 33], chart.axisTitle, { anchor: "end" }),
  ]);
}

function columns(texts: readonly string[], y: number): Markup[] {
  return texts.map((text, at) => {
    const left = (at - texts.length + 1) * columnWidth;
    return textAt([100, y], text, { anchor: "end", dx: left, tone: "quiet halo" });
  });
}

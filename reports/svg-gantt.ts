// Rows of spans on one scale: the phases of a recovery, one below the other, with limits drawn beside them.
import { html, type Markup } from "./markup.ts";
import { type Drawing, label, rule, span, svg, type Tone } from "./svg.ts";
import { axis, percent } from "./svg-scale.ts";

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
  readonly format: (value: number) => string;
  /** Vertical lines through all rows. */
  readonly rules?: readonly { readonly at: number; readonly text: string }[];
  /** Where the scale begins and ends; by default at 0 and at the end of the last row. */
  readonly min?: number;
  readonly max?: number;
}

const rowHeight = 32;
const barHeight = 8;
const axisHeight = 20;
const columnWidth = 58;

export function gantt(chart: Gantt): Markup {
  const { rows, rules = [], min = 0 } = chart;
  const x = axis(min, chart.max ?? Math.max(min, ...rows.map((row) => row.to)), 6);
  const top = rules.length > 0 ? 18 : 0;
  const bottom = top + rows.length * rowHeight;
  return svg(chart, bottom + axisHeight, [
    x.ticks.map((tick) => rule(percent(tick, x), top, bottom, "grid")),
    rules.map(({ at, text }) => [
      rule(percent(at, x), top - 4, bottom, "mark tone-muted"),
      label(percent(at, x), top - 8, text, "quiet"),
    ]),
    rows.map((row, index) => {
      const y = top + index * rowHeight;
      return [
        html`<text class="halo" x="0" y="${y + 13}">${row.name}</text>`,
        columns(row.texts, y + 13),
        html`<rect class="track" x="0" y="${y + 18}" width="100%" height="${barHeight}" rx="2" />`,
        span(percent(row.from, x), percent(row.to, x), y + 18, barHeight, `tone-${row.tone}`),
      ];
    }),
    x.ticks.map((tick) => label(percent(tick, x), bottom + 14, chart.format(tick), "quiet")),
  ]);
}

function columns(texts: readonly string[], y: number): Markup[] {
  return texts.map((text, at) => {
    const left = (at - texts.length + 1) * columnWidth;
    return html`<text class="quiet halo" x="100%" dx="${left}" y="${y}" text-anchor="end">${text}</text>`;
  });
}

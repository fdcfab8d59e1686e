// Horizontal bars on one scale, each with its name and its value in words.
import { html, type Markup } from "../html/markup.ts";
import { type Drawing, span, svg, textAt, type Tone } from "./svg.ts";
import { percentOnAxis } from "./scale.ts";

export interface Bar {
  readonly name: string;
  readonly value: number;
  readonly text: string;
  readonly tone: Tone;
}

const rowHeight = 32;

/** `max`: the value of a whole bar; by default the largest. */
export function bars(chart: Drawing & { readonly rows: readonly Bar[]; readonly max?: number }): Markup {
  const max = chart.max ?? Math.max(0, ...chart.rows.map((row) => row.value));
  return svg(
    chart,
    chart.rows.length * rowHeight,
    chart.rows.map((row, index) => {
      const y = index * rowHeight;
      return [
        textAt([0, y + 13], row.name, { tone: "" }),
        textAt([100, y + 13], row.text, { anchor: "end" }),
        html`<rect class="track" x="0" y="${y + 18}" width="100%" height="8" rx="2" />`,
        span(0, percentOnAxis(row.value, { min: 0, max }), y + 18, 8, `tone-${row.tone}`),
      ];
    }),
  );
}

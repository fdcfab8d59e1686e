// What all our charts share. They are drawn without a view box: horizontal positions are percentages and text keeps its
// size, so one drawing serves a phone, a desk and paper. Colours are classes (`tone-...`) that chartStyles fills.
import { html, type Markup, type MarkupValue, trusted } from "./markup.ts";

export type Tone = "accent" | "second" | "third" | "good" | "bad" | "warn" | "muted" | "raw";

export interface Drawing {
  /** Unique in the document; names the title and the description for screen readers. */
  readonly id: string;
  readonly title: string;
  /** What the drawing shows, in a sentence with numbers. */
  readonly description: string;
}

/** The frame of a chart, `height` pixels high. */
export function svg({ id, title, description }: Drawing, height: number, content: MarkupValue): Markup {
  return html`<svg class="chart" width="100%" height="${height}" role="img" aria-labelledby="${id}-t ${id}-d">
    <title id="${id}-t">${title}</title>
    <desc id="${id}-d">${description}</desc>
    ${content}
  </svg>`;
}

/** A rectangle between two percentages, two pixels wide at least, so that nothing that happened is invisible. */
export function span(from: number, to: number, y: number, height: number, className: string): Markup {
  const least = html`<rect class="${className}" x="${from}%" y="${y}" width="2" height="${height}" rx="1" />`;
  if (to <= from) return least;
  return html`<rect
      class="${className}"
      x="${from}%"
      y="${y}"
      width="${digits(to - from)}%"
      height="${height}"
      rx="2"
    />${least}`;
}

export function rule(atPercent: number, fromY: number, toY: number, className: string): Markup {
  return html`<line class="${className}" x1="${atPercent}%" x2="${atPercent}%" y1="${fromY}" y2="${toY}" />`;
}

/** Text at a percentage; near the edges it is aligned to them, so that it is never cut off. */
export function label(atPercent: number, y: number, text: string, className: string = ""): Markup {
  const anchor = atPercent < 4 ? "start" : atPercent > 96 ? "end" : "middle";
  return html`<text class="${className}" x="${atPercent}%" y="${y}" text-anchor="${anchor}">${text}</text>`;
}

export function digits(value: number): number {
  return Math.round(value * 1000) / 1000;
}

/** Goes once into the style of a document with charts. The variables are the document's: see the names below. */
export const chartStyles: Markup = trusted(`
.chart { display: block; overflow: visible; font: 11.5px/1 var(--font); fill: var(--ink); font-variant-numeric: tabular-nums; }
.chart .quiet { fill: var(--ink-2); }
.chart .strong { font-weight: 600; }
.chart .halo { paint-order: stroke; stroke: var(--surface); stroke-width: 4px; stroke-linejoin: round; }
.chart .grid { stroke: var(--line); stroke-width: 1; }
.chart .base { stroke: var(--line-2); stroke-width: 1; }
.chart .track { fill: var(--track); }
.chart .mark { stroke: var(--ink-2); stroke-width: 1; stroke-dasharray: 2 3; }
.chart .mark.tone-bad { stroke: var(--bad); stroke-dasharray: none; }
.chart .dot { fill: var(--surface); stroke: var(--ink-2); }
.chart .dot.tone-bad { fill: var(--bad); stroke: var(--bad); }
.chart .dot-text { font-size: 9.5px; font-weight: 600; text-anchor: middle; fill: var(--ink); }
.chart .dot-text.tone-bad { fill: var(--surface); }
.chart path { fill: none; stroke-width: 1.75; stroke-linejoin: round; stroke-linecap: round; vector-effect: non-scaling-stroke; }
.chart path.area { stroke: none; opacity: .14; }
${["accent", "second", "third", "good", "bad", "warn", "muted"]
  .map(
    (tone) => `.chart rect.tone-${tone} { fill: var(--${tone}); }
.chart path.tone-${tone} { stroke: var(--${tone}); } .chart path.area.tone-${tone} { fill: var(--${tone}); }
.chart circle.point.tone-${tone} { fill: var(--${tone}); }
.chart rect.band.tone-${tone} { fill: var(--${tone}); opacity: .16; }
.key-swatch.tone-${tone} { background: var(--${tone}); }`,
  )
  .join("\n")}
.chart rect.tone-raw { fill: var(--hatch); stroke: var(--ink-2); stroke-width: 1; stroke-dasharray: 3 2; }
.key-swatch.tone-raw { background: var(--hatch); outline: 1px dashed var(--ink-2); outline-offset: -1px; }
`);

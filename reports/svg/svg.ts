// What all our charts share. They are drawn without a view box: horizontal positions are percentages and text keeps its
// size, so one drawing serves a phone, a desk and paper. Colours are classes (`tone-...`) that chartStyles fills.
import { html, type Markup, type MarkupValue, trusted } from "../html/markup.ts";

export type Tone = "accent" | "second" | "third" | "good" | "bad" | "warn" | "muted" | "raw";

type Point = readonly [xPercent: number, y: number];

export interface Drawing {
  /** Unique in the document; names the title and the description for screen readers. */
  readonly id: string;
  readonly title: string;
  /** What the drawing shows, in a sentence with numbers. */
  readonly description: string;
}

/** Room left of a plot for the values of its axis, in pixels. */
export const gutter = 64;

/** The frame of a chart, `height` pixels high. */
export function svg(
  { id, title, description, isGuttered }: Drawing & { readonly isGuttered?: boolean },
  height: number,
  content: MarkupValue,
): Markup {
  const name = isGuttered === true ? "chart guttered" : "chart";
  return html`<svg class="${name}" width="100%" height="${height}" role="img" aria-labelledby="${id}-t ${id}-d">
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

/** A line from one point to another, each a percentage of the width and a height in pixels. */
export function rule([x1, y1]: Point, [x2, y2]: Point, className: string): Markup {
  return html`<line class="${className}" x1="${x1}%" x2="${x2}%" y1="${y1}" y2="${y2}" />`;
}

/** Text at a percentage of the width, moved by pixels. */
export function textAt(
  [xPercent, y]: Point,
  text: string,
  {
    anchor = "start",
    dx = 0,
    tone = "quiet",
  }: { anchor?: "start" | "middle" | "end"; dx?: number; tone?: string } = {},
): Markup {
  const moved = dx === 0 ? "" : html` dx="${dx}"`;
  return html`<text class="${tone}" x="${xPercent}%" y="${y}" ${moved} text-anchor="${anchor}">${text}</text>`;
}

/** Near the edges it is aligned to them, so that it is never cut off. */
export function label(atPercent: number, y: number, text: string): Markup {
  return textAt([atPercent, y], text, { anchor: atPercent < 4 ? "start" : atPercent > 96 ? "end" : "middle" });
}

export function digits(value: number): number {
  return Math.round(value * 1000) / 1000;
}

/** Goes once into the style of a document with charts. The variables are the document's: see the names below. */
export const chartStyles: Markup = trusted(`
.chart { display: block; overflow: visible; font: var(--small)/1 var(--font); fill: var(--ink); font-variant-numeric: tabular-nums; }
.chart.guttered { padding: 0 4px 0 ${gutter}px; }
.chart .quiet { fill: var(--ink-2); }
.chart .strong { font-weight: 600; }
.chart .halo { paint-order: stroke; stroke: var(--surface); stroke-width: 4px; stroke-linejoin: round; }
.chart .grid { stroke: var(--line); stroke-width: 1; }
.chart .base { stroke: var(--line-2); stroke-width: 1; }
.chart .track { fill: var(--track); }
.chart .mark { stroke: var(--ink-2); stroke-width: 1; stroke-dasharray: 2 3; }
.chart path { fill: none; stroke-width: 1.75; stroke-linejoin: round; stroke-linecap: round; vector-effect: non-scaling-stroke; }
.chart path.area { stroke: none; opacity: .14; }
${["accent", "second", "third", "good", "bad", "warn", "muted"]
  .map(
    (tone) => `.chart rect.tone-${tone} { fill: var(--${tone}); }
.chart path.tone-${tone} { stroke: var(--${tone}); } .chart path.area.tone-${tone} { fill: var(--${tone}); }
.chart circle.point.tone-${tone} { fill: var(--${tone}); }
.chart rect.band.tone-${tone} { fill: var(--${tone}); opacity: .1; }
.key-swatch.tone-${tone} { background: var(--${tone}); }`,
  )
  .join("\n")}
.chart rect.tone-raw { fill: var(--hatch); stroke: var(--ink-2); stroke-width: 1; stroke-dasharray: 3 2; }
.key-swatch.tone-raw { background: var(--hatch); outline: 1px dashed var(--ink-2); outline-offset: -1px; }
`);

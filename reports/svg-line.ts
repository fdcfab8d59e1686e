// A line chart over time or over runs: series, spans and marks behind them, grid lines with their values inside the plot.
import { html, type Markup } from "./markup.ts";
import { digits, type Drawing, label, rule, span, svg, type Tone } from "./svg.ts";
import { axis, type Axis, percent, roundAxis } from "./svg-scale.ts";

/** `y` undefined breaks the line: nothing was measured there. */
interface Point {
  readonly x: number;
  readonly y: number | undefined;
}

export interface Series {
  readonly name: string;
  readonly tone: Tone;
  readonly points: readonly Point[];
  /** Fills what is below the line. */
  readonly area?: boolean;
  /** Marks each point: where few were measured, the line between them is only a guess. */
  readonly dots?: boolean;
}

export interface LineChart extends Drawing {
  readonly series: readonly Series[];
  readonly x: { readonly min: number; readonly max: number; readonly format: (value: number) => string };
  /** The axis begins at zero unless `min` is given. */
  readonly y: { readonly min?: number; readonly format: (value: number) => string };
  /** Times with a length, drawn behind: a pause, a backup. */
  readonly bands?: readonly { readonly from: number; readonly to: number; readonly tone: Tone }[];
  /** Instants, numbered in the order given; the document explains the numbers. */
  readonly marks?: readonly { readonly x: number; readonly tone: Tone }[];
  /** Horizontal lines such as an objective. */
  readonly guides?: readonly { readonly y: number; readonly text: string }[];
  readonly plotHeight?: number;
}

const laneHeight = 17;
const lanesMax = 5;
const axisHeight = 18;

export function lineChart(chart: LineChart): Markup {
  const { plotHeight = 120, bands = [], marks = [], guides = [] } = chart;
  const x = axis(chart.x.min, chart.x.max, 6);
  const lanes = lanesOf(marks.map((mark) => percent(mark.x, x)));
  const top = 8 + (Math.max(-1, ...lanes) + 1) * laneHeight;
  const bottom = top + plotHeight;
  const high = Math.max(
    ...chart.series.flatMap(({ points }) => points.map(({ y }) => y ?? 0)),
    ...guides.map((g) => g.y),
  );
  const y = roundAxis(chart.y.min ?? 0, Math.max(high, (chart.y.min ?? 0) + 1e-9));
  const yOf = (value: number): number => digits(bottom - (percent(value, y) / 100) * plotHeight);
  return svg(chart, bottom + axisHeight, [
    bands.map((b) => span(percent(b.from, x), percent(b.to, x), top, plotHeight, `band tone-${b.tone}`)),
    y.ticks.map(
      (t) =>
        html`<line class="${t === y.ticks[0] ? "base" : "grid"}" x1="0" x2="100%" y1="${yOf(t)}" y2="${yOf(t)}" />`,
    ),
    html`<svg
      aria-hidden="true"
      x="0"
      y="${top}"
      width="100%"
      height="${plotHeight}"
      viewBox="0 0 1000 ${plotHeight}"
      preserveAspectRatio="none"
    >
      ${chart.series.map((series) => paths(series, x, (value) => yOf(value) - top, plotHeight))}
    </svg>`,
    guides.map(
      (g) =>
        html`<line
            class="mark"
            x1="0"
            x2="100%"
            y1="${yOf(g.y)}"
            y2="${yOf(g.y)}"
          />${label(100, yOf(g.y) - 4, g.text, "halo quiet")}`,
    ),
    y.ticks.map((t, index) => {
      // Zero needs no name. An axis that begins elsewhere says where, in the place of the tick above.
      if (y.min === 0 ? index === 0 : index === 1) return "";
      return html`<text class="quiet halo" x="0" y="${yOf(t) + (index === 0 ? -5 : 12)}">${chart.y.format(t)}</text>`;
    }),
    // Above the values of the grid, which would cover what was measured at the left end.
    chart.series.filter(({ dots }) => dots === true).map((series) => points(series, x, yOf)),
    x.ticks.map((t) => label(percent(t, x), bottom + 13, chart.x.format(t), "quiet")),
    marks.map((mark, index) => numbered(percent(mark.x, x), index + 1, lanes[index] ?? 0, { bottom, tone: mark.tone })),
  ]);
}

function paths(series: Series, x: Axis, yOf: (value: number) => number, height: number): Markup[] {
  return unbroken(series.points).flatMap((points) => {
    const at = points.map((point) => `${digits(percent(point.x, x) * 10)} ${digits(yOf(point.y))}`);
    // A single point has no length, so it gets a little.
    const line = at.length === 1 ? `M${at[0]}h6` : `M${at.join("L")}`;
    const drawn = html`<path class="tone-${series.tone}" d="${line}" />`;
    const [first, last] = [points[0], points.at(-1)];
    if (series.area !== true || first === undefined || last === undefined) return [drawn];
    const shape = `${line}L${digits(percent(last.x, x) * 10)} ${height}L${digits(percent(first.x, x) * 10)} ${height}Z`;
    return [html`<path class="area tone-${series.tone}" d="${shape}" />`, drawn];
  });
}

function points({ tone, points: all }: Series, x: Axis, yOf: (value: number) => number): Markup[] {
  return all.flatMap(({ x: at, y }) =>
    y === undefined ? [] : [html`<circle class="point tone-${tone}" cx="${percent(at, x)}%" cy="${yOf(y)}" r="3" />`],
  );
}

function unbroken(points: readonly Point[]): { x: number; y: number }[][] {
  const runs: { x: number; y: number }[][] = [[]];
  for (const { x, y } of points) {
    if (y === undefined) runs.push([]);
    else runs.at(-1)?.push({ x, y });
  }
  return runs.filter((run) => run.length > 0);
}

/** Numbers that would cover each other are put in lanes above each other. */
function lanesOf(positions: readonly number[]): number[] {
  const ends: number[] = [];
  return positions.map((position) => {
    const free = ends.findIndex((end) => Math.abs(position - end) > 4.5);
    const lane = free === -1 ? Math.min(ends.length, lanesMax - 1) : free;
    ends[lane] = position;
    return lane;
  });
}

function numbered(at: number, number: number, lane: number, { bottom, tone }: { bottom: number; tone: Tone }): Markup {
  const y = 9 + lane * laneHeight;
  return html`${rule(at, y + 7, bottom, `mark tone-${tone}`)}<circle
      class="dot tone-${tone}"
      cx="${at}%"
      cy="${y}"
      r="7.5"
    /><text class="dot-text tone-${tone}" x="${at}%" y="${y + 3.5}">${number}</text>`;
}

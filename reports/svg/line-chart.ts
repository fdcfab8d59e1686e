// A line chart over time or over runs. Values are left of the plot, and events are above it, each on its own
// named lane, so that no text lies on a curve or on other text, however narrow the page is.
import { html, type Markup, type MarkupValue } from "../html/markup.ts";
import { digits, type Drawing, gutter, label, rule, span, svg, textAt, type Tone } from "./svg.ts";
import { axis, type Axis, percentOnAxis, roundAxis } from "./scale.ts";

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
  /** Marks each point: with few measurements the line between them is only a guess. */
  readonly dots?: boolean;
}

/** What lies between two curves, such as an interval. */
interface Band {
  readonly tone: Tone;
  readonly points: readonly { readonly x: number; readonly low: number; readonly high: number }[];
}

/** Something that happened once or several times; with from = to at an instant. */
export interface Lane {
  readonly name: string;
  readonly tone: Tone;
  readonly spans: readonly { readonly from: number; readonly to: number }[];
}

export interface LineChart extends Drawing {
  readonly series: readonly Series[];
  /** Drawn behind the lines. */
  readonly bands?: readonly Band[];
  /** `title`: what is on the axis, with its unit. */
  readonly x: {
    readonly title: string;
    readonly min: number;
    readonly max: number;
    readonly format: (value: number) => string;
  };
  /** The axis begins at zero unless `min` is given. */
  readonly y: { readonly title: string; readonly min?: number; readonly format: (value: number) => string };
  /** What happened, from the top down. */
  readonly lanes?: readonly Lane[];
  /** Horizontal lines such as an objective. */
  readonly guides?: readonly { readonly y: number; readonly text: string }[];
  readonly plotHeight?: number;
}

const laneHeight = 16;
const titleHeight = 20;
const axisHeight = 38;

export function lineChart(chart: LineChart): Markup {
  const { plotHeight = 120, lanes = [], guides = [], bands = [] } = chart;
  const x = axis(chart.x.min, chart.x.max, 6);
  const top = lanes.length * laneHeight + titleHeight + 4;
  const bottom = top + plotHeight;
  const high = Math.max(
    ...chart.series.flatMap(({ points }) => points.map(({ y }) => y ?? 0)),
    ...guides.map((g) => g.y),
    ...bands.flatMap((band) => band.points.map((point) => point.high)),
  );
  const y = roundAxis(chart.y.min ?? 0, Math.max(high, (chart.y.min ?? 0) + 1e-9), plotHeight < 60 ? 2 : 4);
  const yOf = (value: number): number => digits(bottom - (percentOnAxis(value, y) / 100) * plotHeight);
  return svg({ ...chart, isGuttered: true }, bottom + axisHeight, [
    lanes.map((lane, index) => laneOf(lane, x, { y: index * laneHeight, top, bottom })),
    textAt([0, top - 10], chart.y.title, { dx: -gutter }),
    y.ticks.map((t) => [
      rule([0, yOf(t)], [100, yOf(t)], t === y.ticks[0] ? "base" : "grid"),
      textAt([0, yOf(t) + 4], chart.y.format(t), { anchor: "end", dx: -8 }),
    ]),
    html`<svg
      aria-hidden="true"
      x="0"
      y="${top}"
      width="100%"
      height="${plotHeight}"
      viewBox="0 0 1000 ${plotHeight}"
      preserveAspectRatio="none"
    >
      ${bands.map((band) => shape(band, x, (value) => yOf(value) - top))}
      ${chart.series.map((series) => paths(series, x, (value) => yOf(value) - top, plotHeight))}
    </svg>`,
    guides.map((g) => rule([0, yOf(g.y)], [100, yOf(g.y)], "mark")),
    guides.length > 0 &&
      textAt([100, top - 10], `dashed: ${guides.map(({ text }) => text).join("; ")}`, { anchor: "end" }),
    chart.series.filter(({ dots }) => dots === true).map((series) => points(series, x, yOf)),
    x.ticks.map((t) => label(percentOnAxis(t, x), bottom + 15, chart.x.format(t))),
    textAt([100, bottom + 33], chart.x.title, { anchor: "end" }),
  ]);
}

/** Bars of one event row, each as a band through the plot, and the name where there is room: after the last or before
 * the first. */
function laneOf({ name, tone, spans }: Lane, x: Axis, at: { y: number; top: number; bottom: number }): MarkupValue {
  const { y, top, bottom } = at;
  const middle = y + laneHeight / 2;
  const first = percentOnAxis(Math.min(...spans.map(({ from }) => from)), x);
  const last = percentOnAxis(Math.max(...spans.map(({ to }) => to)), x);
  // On the left there is the room of the axis as well.
  const isBefore = 100 - last < first + 15;
  return [
    spans.map(({ from, to }) => {
      const [left, right] = [percentOnAxis(from, x), percentOnAxis(to, x)];
      if (to > from)
        return [
          span(left, right, middle - 4, 8, `tone-${tone}`),
          span(left, right, top, bottom - top, `band tone-${tone}`),
        ];
      return [
        html`<circle class="point tone-${tone}" cx="${left}%" cy="${middle}" r="4" />`,
        rule([left, middle + 4], [left, bottom], `mark tone-${tone}`),
      ];
    }),
    textAt([isBefore ? first : last, y + 12], name, {
      anchor: isBefore ? "end" : "start",
      dx: isBefore ? -8 : 8,
      tone: "halo",
    }),
  ];
}

function shape({ tone, points: all }: Band, x: Axis, yOf: (value: number) => number): Markup | undefined {
  if (all.length < 2) return undefined;
  const at = (of: number, value: number): string => `${digits(percentOnAxis(of, x) * 10)} ${digits(yOf(value))}`;
  const upper = all.map((point) => at(point.x, point.high));
  const lower = all.toReversed().map((point) => at(point.x, point.low));
  return html`<path class="area tone-${tone}" d="M${[...upper, ...lower].join("L")}Z" />`;
}

function paths(series: Series, x: Axis, yOf: (value: number) => number, height: number): Markup[] {
  return unbroken(series.points).flatMap((points) => {
    const at = points.map((point) => `${digits(percentOnAxis(point.x, x) * 10)} ${digits(yOf(point.y))}`);
    // A single point has no length, so it gets a little.
    const line = at.length === 1 ? `M${at[0]}h6` : `M${at.join("L")}`;
    const drawn = html`<path class="tone-${series.tone}" d="${line}" />`;
    const [first, last] = [points[0], points.at(-1)];
    if (series.area !== true || first === undefined || last === undefined) return [drawn];
    const shape = `${line}L${digits(percentOnAxis(last.x, x) * 10)} ${height}L${digits(percentOnAxis(first.x, x) * 10)} ${height}Z`;
    return [html`<path class="area tone-${series.tone}" d="${shape}" />`, drawn];
  });
}

function points({ tone, points: all }: Series, x: Axis, yOf: (value: number) => number): Markup[] {
  return all.flatMap(({ x: at, y }) =>
    y === undefined
      ? []
      : [html`<circle class="point tone-${tone}" cx="${percentOnAxis(at, x)}%" cy="${yOf(y)}" r="3" />`],
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

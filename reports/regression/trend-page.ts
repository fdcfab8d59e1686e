// The trends of a history as one page that opens from disk: what changed for the worse first, then a chart a figure, its
// changes marked above it and described below it.
import { key, part } from "../html/parts.ts";
import { html, type Markup } from "../html/markup.ts";
import { pageFrame } from "../html/page-frame.ts";
import { medianInPlace } from "../statistics/median.ts";
import { lineChart } from "../svg/line-chart.ts";
import type { MeasuredRun } from "./measured-run.ts";
import type { Change, Trend } from "./trend.ts";
import { trendSentence } from "./trend-lines.ts";
import { figureText, percent } from "./words.ts";

export function trendPage(found: readonly Trend[], worse: readonly Trend[], runs: readonly MeasuredRun[]): string {
  const title = `Benchmarks over ${runs.length} ${runs.length === 1 ? "run" : "runs"}`;
  const [first, last] = [runs[0]?.at.slice(0, 10), runs.at(-1)?.at.slice(0, 10)];
  const sorted = found.toSorted((a, b) => rank(b, worse) - rank(a, worse));
  const ids = new Map(sorted.map((trend, index) => [trend, `figure-${index + 1}`]));
  return pageFrame({
    title,
    body: html`<a class="skip" href="#main">Skip to the trends</a>
      <div class="page">
        <header class="top">
          <p>
            <span class="brand">FalkorDrill</span>
            <span class="quiet">${title}${first === undefined ? "" : `, ${first} to ${last}`}</span>
          </p>
        </header>
        <main id="main" tabindex="-1">${lead(found, worse, ids)} ${[...ids].map(figurePart)}</main>
        <footer>
          <p>
            Only runs that were measured like the last one:
            ${Object.entries(runs.at(-1)?.provenance ?? {})
              .map(([name, value]) => `${name} ${value}`)
              .join(" · ")}
          </p>
        </footer>
      </div>`,
  });
}

/** Order: changes for the worse, other changes, steady figures. */
function rank(trend: Trend, worse: readonly Trend[]): number {
  return worse.includes(trend) ? 2 : trend.changes.length > 0 ? 1 : 0;
}

function lead(found: readonly Trend[], worse: readonly Trend[], ids: ReadonlyMap<Trend, string>): Markup {
  const isJudged = found.some(({ judged }) => judged);
  const [tone, word] =
    worse.length > 0 ? ["fail", "Worse"] : isJudged ? ["pass", "No worse"] : ["inconclusive", "Too few runs"];
  return html`<div class="lead trends ${tone}">
    <h1>${word}</h1>
    <p class="sentence">${trendSentence(found, worse)}</p>
    <ul class="worse">
      ${worse.map((trend) => html`<li><a href="#${ids.get(trend)}">${trend.figure.name}</a> ${trend.changes.slice(-1).map(changeText)}</li>`)}
    </ul>
    ${key([
      { tone: "accent", name: "each run" },
      { tone: "muted", name: "the middle of the runs between two changes" },
    ])}
  </div>`;
}

function figurePart([{ figure, points, changes, judged }, id]: readonly [Trend, string]): Markup {
  const values = points.map(({ value }) => value);
  const last = figureText(figure.unit, values.at(-1) ?? Number.NaN);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const told = !judged ? "too few runs to see a change" : changed(changes.length);
  const about = html`<p>now ${last}; ${figure.better} is better</p>
    <p>${told}</p>`;
  const unit = axisUnit(figure.unit, high);
  const chart = lineChart({
    id: `${id}-chart`,
    title: figure.name,
    description: `${points.length} runs between ${figureText(figure.unit, low)} and ${figureText(figure.unit, high)}, now ${last}; ${told}.`,
    series: [
      { name: "each run", tone: "accent", points: values.map((y, x) => ({ x, y: y / unit })) },
      ...levels(values, changes, unit),
    ],
    x: { title: "day of the run", min: 0, max: Math.max(1, points.length - 1), format: (at) => dayOf(points[at]) },
    y: {
      title: axisTitle(figure),
      min: lowest(low, high) / unit,
      format: (value) => figureText(figure.unit, value * unit),
    },
    lanes: changes.map(({ index, says, ratio }) => ({
      name: `${percent(ratio)} (${says})`,
      tone: says === "worse" ? "bad" : "good",
      spans: [{ from: index, to: index }],
    })),
  });
  return part(id, figure.name, about, [
    html`<figure>${chart}</figure>`,
    changes.length > 0 &&
      html`<ul class="small">
        ${changes.map((change) => html`<li>${changeText(change)}</li>`)}
      </ul>`,
  ]);
}

function changed(times: number): string {
  return times === 0 ? "steady" : times === 1 ? "one change" : `${times} changes`;
}

function changeText({ point, ratio, says, p }: Change): Markup {
  const tone = says === "worse" ? "missed" : "met";
  return html`<strong class="${tone}">${percent(ratio)}</strong> (${says}) from ${point.at.slice(0, 10)} on,
    <code>${point.commit?.slice(0, 10) ?? point.version}</code>, p = ${p.toPrecision(2)}`;
}

/** Ticks between two runs have no day. */
function dayOf(point: Trend["points"][number] | undefined): string {
  return point?.at.slice(5, 10) ?? "";
}

/** The axis spans at least a tenth of the level: steps are visible, and noise of a steady figure does not look like steps. */
function lowest(low: number, high: number): number {
  return Math.max(0, low - Math.max(high - low, low / 10));
}

function axisTitle({ unit, better }: Trend["figure"]): string {
  return `${unit === "x" ? "times the engine's own time" : unit} (${better} is better)`;
}

/** Bytes are shown in KiB, MiB and so on, and the ticks of an axis are round numbers of the unit shown. */
function axisUnit(unit: string, high: number): number {
  return unit === "bytes" && high > 0 ? 1024 ** Math.floor(Math.log(high) / Math.log(1024)) : 1;
}

/** The middle of the runs between two changes, a line each. */
function levels(
  values: readonly number[],
  changes: Trend["changes"],
  unit: number,
): { name: string; tone: "muted"; points: { x: number; y: number }[] }[] {
  const ends = [0, ...changes.map(({ index }) => index), values.length];
  return ends.slice(1).map((end, index) => {
    const from = ends[index] ?? 0;
    const y = medianInPlace(Float64Array.from(values.slice(from, end)));
    const points = [from, end - 1].map((x) => ({ x, y: y / unit }));
    return { name: "level", tone: "muted", points };
  });
}

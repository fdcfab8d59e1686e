// The trends of a history as one page that opens from disk: a chart a figure, its changes numbered and told below it.
import { hashOf } from "../content-policy.ts";
import { part } from "../html-parts.ts";
import { reportStyles } from "../html-style.ts";
import { html, type Markup, trusted } from "../markup.ts";
import { lineChart } from "../svg-line.ts";
import type { MeasuredRun } from "./measured-run.ts";
import type { Change, Trend } from "./trend.ts";
import { figureText, percent } from "./words.ts";

export function trendPage(found: readonly Trend[], runs: readonly MeasuredRun[]): string {
  const last = runs.at(-1);
  const title = `Benchmarks over ${runs.length} runs`;
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta
          http-equiv="Content-Security-Policy"
          content="default-src 'none'; style-src '${hashOf(reportStyles)}'; img-src data:; base-uri 'none'; form-action 'none'"
        />
        <meta name="color-scheme" content="light dark" />
        <title>${title}</title>
        <link rel="icon" href="data:," />
        ${trusted(`<style>${reportStyles.text}</style>`)}
      </head>
      <body>
        <main class="page">
          <header class="top">
            <h1>${title}</h1>
            <p class="quiet">${Object.values(last?.provenance ?? {}).join(" · ")}</p>
          </header>
          ${found.map((trend, index) => section(trend, `trend-${index}`))}
        </main>
      </body>
    </html> `.text;
}

function section({ figure, points, changes, judged }: Trend, id: string): Markup {
  const { name, unit } = figure;
  const values = points.map(({ value }) => value);
  const last = figureText(unit, values.at(-1) ?? Number.NaN);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const told = judged ? changed(changes.length) : "too few runs to see a change";
  const about = html`<p>now ${last}, ${figure.better} is better</p>
    <p>${told}</p>`;
  const chart = lineChart({
    id: `${id}-chart`,
    title: name,
    description: `${points.length} runs between ${figureText(unit, low)} and ${figureText(unit, high)}, now ${last}; ${told}.`,
    series: [
      { name, tone: "accent", points: values.map((y, x) => ({ x, y })) },
      { name: "level", tone: "muted", points: levels(values, changes) },
    ],
    x: { min: 0, max: Math.max(1, points.length - 1), format: (at) => points[Math.round(at)]?.at.slice(5, 10) ?? "" },
    y: { format: (value) => figureText(unit, value) },
    marks: changes.map(({ index, says }) => ({ x: index, tone: says === "worse" ? "bad" : "good" })),
  });
  return part(id, name, about, [
    chart,
    changes.length > 0 &&
      html`<ol class="small">
        ${changes.map(changeItem)}
      </ol>`,
  ]);
}

function changed(times: number): string {
  return times === 0 ? "steady" : times === 1 ? "one change" : `${times} changes`;
}

function changeItem({ point, ratio, says, p }: Change, index: number): Markup {
  return html`<li>
    ${index + 1}. <strong>${percent(ratio)}</strong> (${says}) from ${point.at.slice(0, 10)} on,
    <code>${point.commit?.slice(0, 10) ?? point.version}</code>, p = ${p.toPrecision(2)}
  </li>`;
}

/** The middle between two changes, as steps. */
function levels(values: readonly number[], changes: Trend["changes"]): { x: number; y: number }[] {
  const ends = [0, ...changes.map(({ index }) => index), values.length];
  return ends.slice(1).flatMap((end, index) => {
    const from = ends[index] ?? 0;
    const part = values.slice(from, end).toSorted((a, b) => a - b);
    const y = part[Math.floor(part.length / 2)] ?? Number.NaN;
    return [
      { x: from, y },
      { x: end - 1, y },
    ];
  });
}

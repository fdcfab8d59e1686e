// The rows of benchmarks as one page: for each benchmark its lines as charts, and every row in a table below them.
import { benchFigureText, type BenchUnit } from "./figures/bench-figure.ts";
import { key, part, tableOf } from "./html/parts.ts";
import { html, type Markup } from "./html/markup.ts";
import { pageFrame } from "./html/page-frame.ts";
import type { Tone } from "./svg/svg.ts";
import { lineChart } from "./svg/line-chart.ts";

/** A row of harness/bench/rows.ts, as far as it is shown. */
export interface BenchFigure {
  readonly name: string;
  readonly unit: BenchUnit;
  readonly value: number;
  readonly runs: readonly number[];
  readonly target?: { readonly bound: "at most" | "at least"; readonly value: number } | undefined;
  readonly curve?: { readonly chart: string; readonly line: string; readonly x: number } | undefined;
}

export interface MeasuredBenchmark {
  readonly name: string;
  readonly title: string;
  readonly rows: readonly BenchFigure[];
}

const tones: readonly Tone[] = ["accent", "second", "third", "warn", "muted"];

/** Renders the page; `about` describes what was measured and on which machine. */
export function benchPage(measured: readonly MeasuredBenchmark[], about: string): string {
  return pageFrame({
    title: "Benchmarks",
    body: html`<main class="page">
      <header class="top">
        <h1>Benchmarks</h1>
        <p class="quiet">${about}</p>
      </header>
      ${measured.map(section)}
    </main>`,
  });
}

function section({ name, title, rows }: MeasuredBenchmark): Markup {
  const charts = Map.groupBy(
    rows.filter(({ curve }) => curve !== undefined),
    ({ curve }) => curve?.chart ?? "",
  );
  return part(`bench-${name}`, name, html`<p>${title}</p>`, [
    [...charts].map(([chart, points], index) => curves(`bench-${name}-${index}`, chart, points)),
    html`<div class="scroll figures" tabindex="0" role="region" aria-label="All figures of ${name}">
      ${tableOf(["figure", "median", "target", "lowest to highest run"], rows.map(tableRow))}
    </div>`,
  ]);
}

function curves(id: string, title: string, points: readonly BenchFigure[]): Markup {
  const { unit = "count" } = points[0] ?? {};
  const lines = [...Map.groupBy(points, ({ curve }) => curve?.line ?? "")].map(([name, figures], index) => ({
    name,
    tone: tones[index % tones.length] ?? "muted",
    dots: true,
    points: figures.map(({ value, curve }) => ({ x: curve?.x ?? 0, y: value })).toSorted((a, b) => a.x - b.x),
  }));
  const longest = Math.max(...points.map(({ curve }) => curve?.x ?? 0));
  const text = (value: number): string => benchFigureText(unit, value);
  const description = lines
    .map(({ name, points: at }) => `${name}: ${at.map(({ x, y }) => `${text(y)} at ${x}`).join(", ")}`)
    .join("; ");
  const guides = points.flatMap(({ target, curve }) =>
    target === undefined ? [] : [{ y: target.value, text: `${target.bound} ${text(target.value)} at ${curve?.x}` }],
  );
  return html`<figure>
    <figcaption>${title}</figcaption>
    ${key(lines.map(({ name, tone, points: at }) => ({ name, tone, value: text(at.at(-1)?.y ?? Number.NaN) })))}
    ${lineChart({
      id,
      title,
      description: `${description}.`,
      series: lines,
      x: { title: "increments of the chain", min: 0, max: longest, format: String },
      y: { title: unit === "x" ? "times the restore of a full backup" : unit, format: text },
      guides,
      plotHeight: 160,
    })}
  </figure>`;
}

function tableRow({ name, unit, value, runs, target }: BenchFigure): Markup {
  const text = (figure: number): string => benchFigureText(unit, figure);
  const spread = runs.length > 1 ? `${text(Math.min(...runs))} to ${text(Math.max(...runs))}` : "";
  return html`<tr>
    <th scope="row">${name}</th>
    <td>${text(value)}</td>
    <td>${target === undefined ? "" : verdict(value, target, text)}</td>
    <td>${spread}</td>
  </tr>`;
}

function verdict(
  value: number,
  { bound, value: limit }: NonNullable<BenchFigure["target"]>,
  text: (figure: number) => string,
): Markup {
  const isMet = bound === "at most" ? value <= limit : value >= limit;
  return html`${bound} ${text(limit)} <span class="${isMet ? "met" : "missed"}">${isMet ? "met" : "missed"}</span>`;
}

// The charts of an analysis: what was measured, what is expected, and where the limit is.
import { html, type Markup } from "../html/markup.ts";
import { type LineChart, lineChart } from "../svg/line-chart.ts";
import type { ObjectiveForecast, Trend, TrendPoint } from "./analysis.ts";
import { dayLengthMs } from "./forecast/measured.ts";
import { breakText, objectiveNames, share, valueText } from "./words.ts";

type Unit = ObjectiveForecast["unit"];

/** Values are drawn in the largest unit in which the highest one is at least 1, so that ticks are round numbers of it. */
const scales: Readonly<Record<Unit, readonly (readonly [size: number, name: string])[]>> = {
  s: [
    [1e-3, "ms"],
    [1, "s"],
    [60, "min"],
    [3600, "h"],
  ],
  bytes: [
    [1, "B"],
    [2 ** 10, "KiB"],
    [2 ** 20, "MiB"],
    [2 ** 30, "GiB"],
    [2 ** 40, "TiB"],
  ],
  money: [[1, ""]],
  time: [[1, ""]],
};

function scaleOf(unit: Unit, high: number): readonly [size: number, name: string] {
  return scales[unit].findLast(([size]) => high >= size) ?? (scales[unit][0] as readonly [number, string]);
}

/** Days since 1970, so that ticks are whole days. */
function dayOf(at: string): number {
  return Date.parse(at) / dayLengthMs;
}

function dayAxis(days: readonly string[]): LineChart["x"] {
  const ends = days.map(dayOf);
  return {
    title: "day, UTC",
    min: Math.min(...ends),
    max: Math.max(...ends),
    format: (day) => new Date(day * dayLengthMs).toISOString().slice(5, 10),
  };
}

export function forecastChart(forecast: ObjectiveForecast, id: string, currency = ""): Markup {
  const { objective, subject, unit, limit, now, points, checks } = forecast;
  const high = Math.max(limit, ...points.map(({ value }) => value));
  const [size, scale] = scaleOf(unit, high);
  const title = `${objectiveNames[objective]} of ${subject}`;
  // A wide interval must not press what was measured to the ground.
  const most = 1.5 * high;
  const band = checks.map(({ at, low, high: top }) => ({
    x: dayOf(at),
    low: low / size,
    high: Math.min(most, top) / size,
  }));
  const last = points.at(-1);
  const from = last === undefined ? [] : [{ x: dayOf(last.at), low: last.value / size, high: last.value / size }];
  const chart = lineChart({
    id,
    title,
    description: `${points.length} days, now ${valueText(now, unit, currency)}, limit ${valueText(limit, unit, currency)}, broken ${breakText(forecast)}.`,
    series: [{ name: title, tone: "accent", points: scaled(points, size), dots: points.length < 40 }],
    bands: [{ tone: "second", points: [...from, ...band] }],
    x: dayAxis([...points, ...checks].map(({ at }) => at)),
    y: { title: `${title}${scale === "" ? `, ${currency}` : `, ${scale}`}`, format: tick },
    guides: [{ y: limit / size, text: `limit ${valueText(limit, unit, currency)}` }],
  });
  return html`<figure>${chart}</figure>`;
}

export function trendChart({ subject, measure, unit, points, changes }: Trend, id: string): Markup {
  const values = points.map(({ value }) => value);
  const [size, scale] = scaleOf(unit, Math.max(...values));
  const chart = lineChart({
    id,
    title: `${measure} of ${subject}`,
    description: `${points.length} days between ${valueText(Math.min(...values), unit)} and ${valueText(Math.max(...values), unit)}, now ${valueText(values.at(-1) ?? 0, unit)}.`,
    series: [{ name: measure, tone: "accent", points: scaled(points, size), dots: points.length < 40 }],
    x: dayAxis(points.map(({ at }) => at)),
    y: { title: `${measure} of ${subject}, ${scale}`, format: tick },
    lanes: changes.map(({ at, ratio }) => ({
      name: `${ratio < 1 ? "−" : "+"}${share(Math.abs(ratio - 1))}`,
      tone: ratio > 1 ? "warn" : "good",
      spans: [{ from: dayOf(at), to: dayOf(at) }],
    })),
    plotHeight: 80,
  });
  return html`<figure>${chart}</figure>`;
}

function scaled(points: readonly TrendPoint[], size: number): LineChart["series"][number]["points"] {
  return points.map(({ at, value }) => ({ x: dayOf(at), y: value / size }));
}

function tick(value: number): string {
  return String(Number(value.toPrecision(6)));
}

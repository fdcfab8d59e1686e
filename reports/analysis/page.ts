// An analysis as one HTML page: what to do, what is expected, how good such forecasts were, costs and trends.
import { formatBytes, formatCount } from "../../harness/base/units.ts";
import { bars } from "../svg/bars.ts";
import { html, type Markup, type MarkupValue } from "../html/markup.ts";
import { pageFrame } from "../html/page-frame.ts";
import { key, part, tableOf } from "../html/parts.ts";
import type { Analysis, Insight } from "./analysis.ts";
import { forecastChart, trendChart } from "./page-charts.ts";
import { scoreText } from "./text.ts";
import { breakText, dayText, money, objectiveNames, rateText, share, valueText } from "./words.ts";

const toneNames: Readonly<Record<Insight["tone"], string>> = { bad: "now", warn: "soon", good: "known" };
const toneClasses: Readonly<Record<Insight["tone"], string>> = { bad: "missed", warn: "not-judged", good: "met" };

/** `paste` writes commands as they have to be typed. */
export function analysisPage(analysis: Analysis, paste: (command: string) => string): string {
  const { analyzedAt, insights, tooShort } = analysis;
  const title = `Backups: what is and what comes, ${dayText(analyzedAt)}`;
  return pageFrame({
    title,
    body: html`<a class="skip" href="#main">Skip to what to do</a>
      <div class="page">
        <header class="top">
          <p>
            <span class="brand">FalkorDrill</span>
            <span class="quiet">analysis of ${analyzedAt.slice(0, 16).replace("T", " ")} UTC</span>
          </p>
        </header>
        <main id="main" tabindex="-1">
          ${lead(analysis)}
          ${
            insights.length > 0 &&
            part(
              "insights",
              "What to do",
              html`<p>The most urgent first.</p>`,
              insights.map((insight) => insightItem(insight, paste)),
            )
          }
          ${forecastsPart(analysis)} ${ratesPart(analysis)} ${costPart(analysis)} ${trendsPart(analysis)}
          ${
            tooShort.length > 0 &&
            part(
              "short",
              "Not said",
              html`<p>What there is too little of, or no objective.</p>`,
              html`<ul>
                ${tooShort.map((sentence) => html`<li>${sentence}</li>`)}
              </ul>`,
            )
          }
        </main>
        <footer><p>${scoreText(analysis.score)}</p></footer>
      </div>`,
  });
}

function lead({ insights, forecasts, score, rates, trends }: Analysis): Markup {
  const count = (tone: Insight["tone"]): number => insights.filter((insight) => insight.tone === tone).length;
  const [bad, warn] = [count("bad"), count("warn")];
  const isKnown = rates.length + trends.length > 0;
  const [tone, word] =
    bad > 0
      ? ["fail", "Act now"]
      : warn > 0
        ? ["inconclusive", "Act soon"]
        : isKnown
          ? ["pass", "As it should be"]
          : ["inconclusive", "Nothing known"];
  const judged = forecasts.filter(({ state }) => state !== "too short").length;
  const sentence = `${formatCount(bad)} now, ${formatCount(warn)} soon; ${formatCount(judged)} of ${formatCount(forecasts.length)} objectives have a forecast.`;
  return html`<div class="lead trends ${tone}">
    <h1>${word}</h1>
    <p class="sentence">${sentence}</p>
    <p class="note">${scoreText(score)}</p>
  </div>`;
}

function insightItem({ tone, says, command }: Insight, paste: (command: string) => string): Markup {
  return html`<div>
    <p><strong class="${toneClasses[tone]}">${toneNames[tone]}</strong> ${says}</p>
    <p class="replay"><code>${paste(command)}</code></p>
  </div>`;
}

function forecastsPart({ forecasts, cost }: Analysis): MarkupValue {
  const shown = forecasts.filter(({ state }) => state !== "too short");
  if (shown.length === 0) return "";
  const rows = shown.map((forecast) => {
    const { objective, subject, state, unit, limit, now } = forecast;
    const value = (of: number): string => valueText(of, unit, cost?.currency);
    return html`<tr>
      <th scope="row">${objectiveNames[objective]} of ${subject}</th>
      <td>${state}</td>
      <td>${unit === "time" ? `ends ${value(now)}` : `${value(now)} of ${value(limit)}`}</td>
      <td>${unit === "time" ? forecast.why : breakText(forecast)}</td>
    </tr>`;
  });
  const charts = shown.flatMap((forecast, index) =>
    forecast.points.length < 2 ? [] : [forecastChart(forecast, `forecast-${index + 1}`, cost?.currency)],
  );
  return part(
    "forecasts",
    "When objectives break",
    html`<p>Days with an interval of 90 %, at most 90 days ahead.</p>`,
    [
      html`<div class="scroll wide">${tableOf(["Objective", "State", "Now", "Broken"], rows)}</div>`,
      charts.length > 0 &&
        key([
          { tone: "accent", name: "measured, one a day" },
          { tone: "second", name: "90 % of what comes", isBand: true },
        ]),
      charts,
    ],
  );
}

function ratesPart({ rates }: Analysis): MarkupValue {
  if (rates.length === 0) return "";
  const rows = rates.map(
    (rate) =>
      html`<tr>
        <th scope="row">${rate.of} of ${rate.subject}</th>
        <td>${rateText(rate)}</td>
      </tr>`,
  );
  return part(
    "rates",
    "How often it succeeds",
    html`<p>With the interval of Wilson.</p>`,
    html`<div class="scroll wide">${tableOf(["What", "Share that succeeded"], rows)}</div>`,
  );
}

function costPart({ cost }: Analysis): MarkupValue {
  if (cost === undefined) return "";
  const { currency, vaults, whatIf } = cost;
  const drawn = vaults.flatMap(({ vault, total, classes, graphs, perProvenRestore, ...parts }, index) => {
    const proven =
      perProvenRestore === undefined ? "none proven" : `${money(perProvenRestore)} ${currency} for each proven restore`;
    const names = ["storage", "requests", "traffic", "proofs"] as const;
    const row = (name: string, value: number, text = ""): Parameters<typeof bars>[0]["rows"][number] => ({
      name,
      value,
      text: `${money(value)} ${currency}${text}`,
      tone: "accent",
    });
    const inClasses = Object.entries(classes).map(([name, { bytes, cost: of }]) =>
      row(name, of, `, ${formatBytes(bytes)}`),
    );
    const largest = Object.entries(graphs)
      .toSorted(([, a], [, b]) => b - a)
      .slice(0, 12);
    const rest =
      Object.values(graphs).reduce((sum, value) => sum + value, 0) - largest.reduce((sum, [, value]) => sum + value, 0);
    const others = largest.length < Object.keys(graphs).length ? [row("all other graphs", rest)] : [];
    const figure = (what: string, rows: Parameters<typeof bars>[0]["rows"]): Markup =>
      html`<figure>
        <figcaption>${vault}: ${what}</figcaption>
        ${bars({ id: `cost-${index}-${what}`, title: `Cost of ${vault}: ${what}`, description: `${money(total)} ${currency} a month; ${rows.map(({ name, text }) => `${name} ${text}`).join(", ")}.`, rows })}
      </figure>`;
    return [
      html`<p><strong>${vault}: ${money(total)} ${currency} a month</strong>, ${proven}.</p>`,
      figure(
        "what it is for",
        names.map((name) => row(name, parts[name])),
      ),
      figure("by class of storage", inClasses),
      largest.length > 0 && figure("by graph", [...largest.map(([name, value]) => row(name, value)), ...others]),
    ];
  });
  const changes = whatIf.map(
    ({ vault, says, nowPerMonth, thenPerMonth }) =>
      html`<tr>
        <th scope="row">${vault}: ${says}</th>
        <td>${money(nowPerMonth)} ${currency}</td>
        <td>${money(thenPerMonth)} ${currency}</td>
        <td>${thenPerMonth < nowPerMonth ? "−" : "+"}${money(Math.abs(thenPerMonth - nowPerMonth))} ${currency}</td>
      </tr>`,
  );
  return part("cost", "What it costs", html`<p>A month of 30 days, at the prices given.</p>`, [
    ...drawn,
    changes.length > 0 &&
      html`<div class="scroll wide">${tableOf(["What if", "Now", "Then", "Difference"], changes)}</div>`,
  ]);
}

function trendsPart({ trends }: Analysis): MarkupValue {
  if (trends.length === 0) return "";
  const drawn = trends.map((trend, index) => {
    const { growth, changes } = trend;
    const grown =
      growth === undefined
        ? "too few points for a trend"
        : `${growth < 0 ? "−" : "+"}${share(Math.abs(growth))} in 30 days`;
    return html`${trendChart(trend, `trend-${index + 1}`)}
      <p class="small">
        ${grown}${changes.map(({ at, ratio }) => ` · ${ratio < 1 ? "−" : "+"}${share(Math.abs(ratio - 1))} on ${dayText(at)}`)}
      </p>`;
  });
  return part(
    "trends",
    "How it went",
    html`<p>One value a day; changes of level beyond the growth are named.</p>`,
    drawn,
  );
}

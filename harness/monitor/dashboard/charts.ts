// How it went over time: how long backups and proofs took, how large they are, how far apart restore points are, and recovery
// times of drills, with the objectives. All of it from what is stored.
import { formatBytes, formatCount, formatDuration } from "../../base/units.ts";
import { counted } from "../../../reports/findings/finding-groups.ts";
import { html, type Markup } from "../../../reports/html/markup.ts";
import { key, part } from "../../../reports/html/parts.ts";
import { lineChart } from "../../../reports/svg/line-chart.ts";
import type { Tone } from "../../../reports/svg/svg.ts";
import type { MonitorState } from "../monitor.ts";
import type { VaultFacts } from "../vault/look-at-vault.ts";
import { plainLead } from "./frame.ts";
import { ageText, utc } from "./words.ts";

const pointsMax = 300;
const scenariosMax = 4;

interface Moment {
  readonly atMs: number;
  readonly value: number;
}

interface TimeChart {
  readonly id: string;
  readonly title: string;
  /** What the values count: milliseconds or bytes. */
  readonly unit: "ms" | "bytes";
  readonly series: readonly { readonly name: string; readonly tone: Tone; readonly moments: readonly Moment[] }[];
  readonly guide?: { readonly value: number; readonly text: string } | undefined;
}

export function chartsPage(state: MonitorState): Markup {
  const { vaults, objectives } = state;
  const parts = [
    ...vaults.map(
      ({ name, looked }, index) => looked && vaultCharts(name, `vault-${index}`, looked.facts, objectives.rpoMs),
    ),
    ...drillCharts(state),
  ].filter((one) => one !== undefined);
  return html`${plainLead("Charts", "From the records of vaults and run directories; nothing is sampled by this process.")}
  ${parts.length === 0 ? html`<p class="quiet">There is nothing to draw yet.</p>` : parts}`;
}

function vaultCharts(name: string, id: string, { points, counters }: VaultFacts, rpoMs: number | undefined): Markup {
  const oldestFirst = points.toReversed();
  const full = oldestFirst.filter(({ kind }) => kind === "full");
  const gaps = oldestFirst
    .slice(1)
    .map(({ atMs }, index) => ({ atMs, value: atMs - (oldestFirst[index]?.atMs ?? atMs) }));
  const judged = oldestFirst.flatMap((row) =>
    row.judged === undefined ? [] : [{ atMs: row.judged.atMs, value: row.judged.ms }],
  );
  const one = (tone: Tone, moments: readonly Moment[]): TimeChart["series"] => [{ name: "", tone, moments }];
  const charts: readonly TimeChart[] = [
    {
      id: `${id}-backup`,
      title: "Duration of a backup",
      unit: "ms",
      series: one(
        "accent",
        (counters?.newest ?? []).map(({ endMs, ms }) => ({ atMs: endMs, value: ms })),
      ),
    },
    {
      id: `${id}-size`,
      title: "Size of a full backup",
      unit: "bytes",
      series: one(
        "second",
        full.map(({ atMs, bytes }) => ({ atMs, value: bytes })),
      ),
    },
    {
      id: `${id}-gap`,
      title: "Time between restore points: what a disaster could have lost",
      unit: "ms",
      series: one("third", gaps),
      guide: rpoMs === undefined ? undefined : { value: rpoMs, text: `RPO ${ageText(rpoMs)}` },
    },
    {
      id: `${id}-proof`,
      title: "Duration of a proof or verify",
      unit: "ms",
      series: one(
        "accent",
        judged.toSorted((a, b) => a.atMs - b.atMs),
      ),
    },
  ];
  return part(id, name, html`<p>Vault</p>`, charts.map(timeChart));
}

function drillCharts({ runs, objectives: { rtoMs } }: MonitorState): readonly Markup[] {
  return runs.flatMap(({ name, looked }, index) => {
    const scenarios = Map.groupBy(looked?.facts.scenarios ?? [], ({ id }) => id);
    const tones: readonly Tone[] = ["accent", "second", "third", "warn"];
    const longest = [...scenarios].toSorted(([, a], [, b]) => b.length - a.length);
    const measured = longest.filter(([, all]) => all.some((run) => run.rtoMs !== undefined)).slice(0, scenariosMax);
    if (measured.length === 0) return [];
    const chart: TimeChart = {
      id: `runs-${index}-rto`,
      title: "Recovery time of drills",
      unit: "ms",
      series: measured.map(([id, newestFirst], at) => ({
        name: id,
        tone: tones[at] ?? "muted",
        moments: newestFirst
          .toReversed()
          .flatMap((run) => (run.rtoMs === undefined ? [] : [{ atMs: run.startedMs, value: run.rtoMs }])),
      })),
      guide: rtoMs === undefined ? undefined : { value: rtoMs, text: `RTO ${ageText(rtoMs)}` },
    };
    const hidden = scenarios.size - measured.length;
    const note =
      hidden > 0 &&
      html`<p class="small quiet">${counted(hidden, "scenario")} not drawn: measured in fewer runs, or in none.</p>`;
    return [part(`runs-${index}`, "Drills", html`<p>${name}</p>`, [timeChart(chart), note])];
  });
}

/** A guide that is so many times as high as all values would press them flat, and is only named. */
const guideTimesMax = 4;

/** Too few values make a sentence, not a chart. */
function timeChart({ id, title, unit, series, guide }: TimeChart): Markup {
  const drawn = series.map((one) => ({ ...one, moments: thinned(one.moments) }));
  const all = drawn.flatMap(({ moments }) => moments);
  const last = all.toSorted((a, b) => b.atMs - a.atMs)[0];
  if (last === undefined) return html`<p class="quiet"><b>${title}:</b> not measured yet.</p>`;
  const high = Math.max(...all.map(({ value }) => value));
  const isGuideDrawn = guide !== undefined && guide.value <= guideTimesMax * high;
  const y = scaleOf(unit, isGuideDrawn ? Math.max(high, guide.value) : high);
  const [fromMs, toMs] = [Math.min(...all.map(({ atMs }) => atMs)), last.atMs];
  const x = timeScale(fromMs, toMs);
  const words = unit === "ms" ? formatDuration : formatBytes;
  const about = `last ${words(last.value)}, at most ${words(high)}${guide === undefined ? "" : `, ${guide.text}`}`;
  return html`<figure>
    <figcaption>${title} <span class="quiet">${about}</span></figcaption>
    ${drawn.length > 1 && key(drawn.map(({ name, tone }) => ({ name, tone })))}
    ${lineChart({
      id,
      title,
      description: `${counted(all.length, "value")} from ${utc(fromMs)} to ${utc(toMs)}: ${about}`,
      series: drawn.map(({ name, tone, moments }) => ({
        name,
        tone,
        dots: moments.length <= 60,
        points: moments.map(({ atMs, value }) => ({ x: (atMs - x.originMs) / x.size, y: value / y.size })),
      })),
      x: { title: x.title, min: (fromMs - x.originMs) / x.size, max: (toMs - x.originMs) / x.size, format: x.format },
      y: { title: y.name, format: round },
      guides: isGuideDrawn ? [{ y: guide.value / y.size, text: guide.text }] : [],
      plotHeight: 96,
    })}
  </figure>`;
}

/** The largest of each of a bounded number of neighbours, so that no spike is hidden. */
function thinned(moments: readonly Moment[]): readonly Moment[] {
  const each = Math.ceil(moments.length / pointsMax);
  if (each <= 1) return moments;
  return Array.from({ length: Math.ceil(moments.length / each) }, (_, index) =>
    moments.slice(index * each, (index + 1) * each).reduce((a, b) => (b.value > a.value ? b : a)),
  );
}

const scales = {
  ms: [
    ["ms", 1],
    ["seconds", 1000],
    ["minutes", 60_000],
    ["hours", 3_600_000],
    ["days", 86_400_000],
  ],
  bytes: [
    ["bytes", 1],
    ["KiB", 2 ** 10],
    ["MiB", 2 ** 20],
    ["GiB", 2 ** 30],
    ["TiB", 2 ** 40],
  ],
} as const;

/** Ticks are round numbers of the unit that is shown. */
function scaleOf(unit: TimeChart["unit"], high: number): { readonly name: string; readonly size: number } {
  const [name, size] = scales[unit].findLast(([, least]) => high >= least) ?? scales[unit][0];
  return { name, size };
}

function round(value: number): string {
  return value >= 1000 ? formatCount(Math.round(value)) : String(Number(value.toPrecision(3)));
}

interface TimeScale {
  readonly originMs: number;
  readonly size: number;
  readonly title: string;
  readonly format: (value: number) => string;
}

const [minuteMs, hourMs, dayMs] = [60_000, 3_600_000, 86_400_000];
const ticksMax = 12;

/** Counts minutes, hours or days since a midnight, so that ticks are at round times. */
function timeScale(fromMs: number, toMs: number): TimeScale {
  const sizes = [5 * minuteMs, hourMs, 6 * hourMs, dayMs];
  const size = sizes.find((one) => toMs - fromMs <= ticksMax * one) ?? dayMs;
  const originMs = Math.floor(fromMs / Math.max(size, hourMs)) * Math.max(size, hourMs);
  const format = (value: number): string => {
    const text = new Date(originMs + value * size).toISOString();
    return text.startsWith("T00:00", 10) ? text.slice(5, 10) : text.slice(11, 16);
  };
  return {
    originMs,
    size,
    title: `${size === dayMs ? "day" : "time"}, UTC, from ${utc(originMs).slice(0, 10)}`,
    format,
  };
}

// The charts of one scenario: recovery and backup as rows of phases, writers and memory over one axis of time, storage.
import { formatBytes, formatCount, formatDuration } from "../../harness/base/units.ts";
import { html, type Markup } from "./markup.ts";
import { key } from "./parts.ts";
import type { MergedScenario } from "../model/merge.ts";
import { chainBars } from "../model/storage.ts";
import { lastOperation } from "../model/operations.ts";
import { bars } from "../svg/bars.ts";
import { gantt, type GanttRow } from "../svg/gantt.ts";
import { lineChart, type Series } from "../svg/line-chart.ts";
import type { Tone } from "../svg/svg.ts";
import { lanesOf, timeAxis, type TimeAxis } from "./time-axis.ts";
import { restoreTimeline } from "../model/timeline.ts";

const rowsMax = 40;
/** Phases that are a point reached, counted from the start of the restore, and not work of their own. */
const milestones = new Set(["first correct answer", "fully operational"]);

export function shortTime(ms: number): string {
  if (Math.abs(ms) < 1000) return ms === 0 ? "0" : `${Number(ms.toPrecision(3))} ms`;
  return Math.abs(ms) < 120e3 ? `${Number((ms / 1000).toFixed(2))} s` : `${Number((ms / 60e3).toFixed(1))} min`;
}

/** Phases from the disaster to the end of the restore; undefined if nothing was restored. */
export function recoveryChart(scenario: MergedScenario, id: string): Markup | undefined {
  const { rtoMs, firstAnswerMs, rawLoadMs } = scenario.metrics as Partial<Record<string, number>>;
  const phases = restoreTimeline(scenario);
  if (phases.length === 0) return undefined;
  const before = Math.max(0, (rtoMs ?? 0) - (firstAnswerMs ?? 0));
  const rows: GanttRow[] = phases.slice(0, rowsMax).map((row) => ({
    name: row.name,
    from: row.startMs + before,
    to: row.startMs + row.ms + before,
    texts: [
      bytesText(row.bytes),
      formatDuration(row.ms),
      row.ofRawLoad === undefined ? "" : `${row.ofRawLoad.toFixed(2)}x`,
    ],
    tone: milestones.has(row.name) ? "good" : row.name === "full proof" ? "muted" : "accent",
  }));
  if (before > 0.5)
    rows.unshift({
      name: "disaster, until the restore began",
      from: 0,
      to: before,
      texts: [formatDuration(before), ""],
      tone: "bad",
    });
  if (rawLoadMs !== undefined)
    rows.push({
      name: "the engine's own load",
      from: before,
      to: before + rawLoadMs,
      texts: [formatDuration(rawLoadMs), "1.00x"],
      tone: "raw",
    });
  const description = described(rows);
  return html`<figure>
    ${gantt({
      id,
      title: `Recovery of ${scenario.id}, phase by phase`,
      description,
      rows,
      heads: rawLoadMs === undefined ? ["size", "time", ""] : ["size", "time", "own load"],
      axisTitle: "time since the disaster",
      format: shortTime,
      rules: rtoMs === undefined ? [] : [{ at: rtoMs, text: `RTO ${formatDuration(rtoMs)}` }],
    })}${more(phases.length)}${lastOf(lastOperation("restore", scenario.phases).count, "restores")}${key([
      { tone: "accent", name: "phase of the restore" },
      { tone: "good", name: "point reached, counted from the start of the restore" },
      { tone: "muted", name: "proof by FalkorDrill, no part of the recovery" },
      ...(rawLoadMs === undefined
        ? []
        : [
            {
              tone: "raw" as const,
              name: "own load: the engine loads its own dump of the same graph in the same run; 0.71x is 71 % of that time",
            },
          ]),
    ])}
  </figure>`;
}

export function backupChart(scenario: MergedScenario, id: string): Markup | undefined {
  const { rawSaveMs } = scenario.metrics as Partial<Record<string, number>>;
  const { phases, count } = lastOperation("backup", scenario.phases);
  if (phases.length === 0) return undefined;
  const rows: GanttRow[] = phases.slice(0, rowsMax).map(({ name, startMs, ms, bytes }) => ({
    name: name.slice("backup/".length),
    from: startMs,
    to: startMs + ms,
    texts: [bytesText(bytes), formatDuration(ms)],
    tone: "accent",
  }));
  if (rawSaveMs !== undefined)
    rows.push({
      name: "the engine's own SAVE",
      from: 0,
      to: rawSaveMs,
      texts: [formatDuration(rawSaveMs)],
      tone: "raw",
    });
  const description = described(rows);
  return html`<figure>
    ${gantt({ id, title: `Backup of ${scenario.id}, phase by phase`, description, rows, heads: ["size", "time"], axisTitle: "time since the start of the backup", format: shortTime })}${more(phases.length)}${lastOf(count, "backups")}
  </figure>`;
}

export function writersCharts(scenario: MergedScenario, id: string): Markup | undefined {
  const { activity, marks } = scenario.trace;
  if (activity === undefined) return undefined;
  const x = timeAxis({ ...scenario.trace, memory: [] });
  const { fromMs, intervalMs, intervals } = activity;
  const at = (index: number): number => fromMs + (index + 0.5) * intervalMs - x.originMs;
  const rate = (count: number): number => (count * 1000) / intervalMs;
  const line = (value: (index: number) => number | undefined): Series["points"] =>
    intervals.map((_, index) => ({ x: at(index), y: value(index) }));
  const ended = { x: fromMs + intervals.length * intervalMs - x.originMs, y: 0 };
  const throughput: Series[] = [
    {
      name: "acknowledged",
      tone: "accent",
      area: true,
      points: [...line((index) => rate(intervals[index]?.acked ?? 0)), ended],
    },
    { name: "refused", tone: "warn", points: [...line((index) => rate(intervals[index]?.refused ?? 0)), ended] },
    {
      name: "failed or unknown",
      tone: "bad",
      points: [...line((index) => rate(intervals[index]?.unsure ?? 0)), ended],
    },
  ].filter(
    ({ name }) => name === "acknowledged" || (name === "refused" ? activity.refused : activity.unsure) > 0,
  ) as Series[];
  const latency: Series[] = [
    { name: "99th percentile", tone: "third", points: line((index) => intervals[index]?.p99Ms) },
    { name: "median", tone: "second", points: line((index) => intervals[index]?.p50Ms) },
  ];
  const worst = Math.max(0, ...intervals.map(({ p99Ms }) => p99Ms ?? 0));
  const time = { title: "time since the first event of the scenario", min: 0, max: x.lengthMs, format: shortTime };
  return html`<figure>
      ${key([
        { tone: "accent", name: "acknowledged", value: formatCount(activity.acked) },
        ...(activity.refused > 0
          ? [{ tone: "warn" as const, name: "refused", value: formatCount(activity.refused) }]
          : []),
        ...(activity.unsure > 0
          ? [{ tone: "bad" as const, name: "failed or unknown", value: formatCount(activity.unsure) }]
          : []),
      ])}${lineChart({
        id: `${id}-rate`,
        title: `Writes a second of ${scenario.id}`,
        description: `${activity.acked} acknowledged, ${activity.refused} refused, ${activity.unsure} failed or unknown, over ${shortTime(x.lengthMs)}`,
        series: throughput,
        lanes: lanesOf(marks, x),
        x: time,
        y: { title: "writes per second", format: formatCount },
      })}
    </figure>
    <figure>
      ${key(latency.map(({ name, tone }) => ({ name: `latency of acknowledged writes, ${name}`, tone })))}${lineChart({
        id: `${id}-latency`,
        title: `Latency of acknowledged writes of ${scenario.id}, from the first attempt on`,
        description: `The slowest interval has a 99th percentile of ${formatDuration(worst)}`,
        series: latency,
        x: time,
        y: { title: "time from the first attempt to the acknowledgement", format: shortTime },
        plotHeight: 80,
      })}
    </figure>`;
}

export function memoryChart(scenario: MergedScenario, id: string): Markup | undefined {
  const { memory, marks } = scenario.trace;
  if (memory.length < 2) return undefined;
  const x = timeAxis(scenario.trace);
  const tones: readonly Tone[] = ["accent", "second", "third", "warn", "good", "muted"];
  const names = [...new Set(memory.flatMap(({ rssBytes }) => Object.keys(rssBytes)))];
  const peakOf = (name: string): number => Math.max(...memory.map(({ rssBytes }) => rssBytes[name] ?? 0));
  const series = names.map((name, index): Series => {
    return { name, tone: tones[index % tones.length] ?? "muted", points: peaks(scenario, name, x) };
  });
  const peakText = names.map((name) => `${name} ${formatBytes(peakOf(name))}`).join(", ");
  return html`<figure>
    ${key(series.map(({ name, tone }) => ({ name, tone, value: `peak ${formatBytes(peakOf(name))}` })))}${lineChart({
      id,
      title: `Resident memory during ${scenario.id}`,
      description: `Peaks: ${peakText}`,
      series,
      lanes: lanesOf(marks, x),
      x: { title: "time since the first event of the scenario", min: 0, max: x.lengthMs, format: shortTime },
      y: { title: "resident memory in MiB", format: formatCount },
      plotHeight: 100,
    })}
  </figure>`;
}

const memoryPointsMax = 240;
const mebibyte = 2 ** 20;

/** The highest value of each of a bounded number of intervals; a process that did not run there breaks the line. */
function peaks({ trace: { memory } }: MergedScenario, name: string, x: TimeAxis): Series["points"] {
  const each = Math.max(1, Math.ceil(memory.length / memoryPointsMax));
  const points: { x: number; y: number | undefined }[] = [];
  for (let from = 0; from < memory.length; from += each) {
    const some = memory.slice(from, from + each);
    const values = some.flatMap(({ rssBytes }) => rssBytes[name] ?? []);
    points.push({
      x: (some[0]?.atMs ?? 0) - x.originMs,
      y: values.length === 0 ? undefined : Math.max(...values) / mebibyte,
    });
  }
  return points;
}

export function storageChart(scenario: MergedScenario, id: string): Markup | undefined {
  const rows = chainBars(scenario);
  if (rows.length === 0) return undefined;
  const description = rows.map(({ name, text }) => `${name} ${text}`).join(", ");
  return html`<figure>${bars({ id, title: `Storage of ${scenario.id}, by chain`, description, rows })}</figure>`;
}

function bytesText(bytes: number | undefined): string {
  return bytes === undefined ? "" : formatBytes(bytes);
}

function described(rows: readonly GanttRow[]): string {
  return rows.map(({ name, texts }) => `${name} ${texts.filter((text) => text !== "").join(" ")}`).join(", ");
}

function lastOf(count: number, what: string): Markup | "" {
  return count <= 1 ? "" : html`<p class="small quiet">The last of ${count} ${what}.</p>`;
}

function more(count: number): Markup | "" {
  return count <= rowsMax ? "" : html`<p class="small quiet">${count - rowsMax} more phases are in phases.jsonl.</p>`;
}

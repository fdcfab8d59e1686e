// The shape of a generated dataset next to that of two real Graphiti graphs (personal memories of a coding assistant,
// measured in dumps that their owner published; facts about them, nothing of their content).
import type { DatasetStatistics, Histogram } from "../../generators/statistics.ts";

type Row = readonly [metric: string, generated: string, a: string, b: string];

export function shapeTable(statistics: DatasetStatistics): string[] {
  return aligned([["", "generated", "measured A", "measured B"], ...shapeRows(statistics)]);
}

/** The same numbers for programs. */
export function shapeDocument(statistics: DatasetStatistics): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(statistics).map(([name, value]) => [name, isHistogram(value) ? summary(value) : value]),
  );
}

function shapeRows(s: DatasetStatistics): Row[] {
  const facts = s.types["RELATES_TO"] ?? 0;
  const entities = s.labels["Entity"] ?? 0;
  const count = (of: Readonly<Record<string, number>>, name: string): string => (of[name] ?? 0).toLocaleString("en-US");
  return [
    ["graphs (empty)", `${s.graphs} (${s.emptyGraphs})`, "1", "1"],
    ["Episodic", count(s.labels, "Episodic"), "686", "59"],
    ["Entity", count(s.labels, "Entity"), "393", "63"],
    ["Community, Saga", `${count(s.labels, "Community")}, ${count(s.labels, "Saga")}`, "0, 0", "0, 0"],
    ["MENTIONS", count(s.types, "MENTIONS"), "953", "213"],
    ["RELATES_TO", count(s.types, "RELATES_TO"), "309", "97"],
    ["mentions per episode: mean", s.mentionsPerEpisode.mean.toFixed(1), "1.4", "3.6"],
    ["  p50/p90/p99/max", points(s.mentionsPerEpisode, [0.5, 0.9, 0.99, 1]), "1/3/11/35", "3/7/10/10"],
    ["  none", percent(s.mentionsPerEpisode.of(0), s.mentionsPerEpisode.count), "31 %", "2 %"],
    ["entity_edges per episode p50/p90/max", points(s.listedPerEpisode, [0.5, 0.9, 1]), "1/6/26", "4/9/25"],
    ["facts per entity", (entities === 0 ? 0 : facts / entities).toFixed(2), "0.79", "1.54"],
    ["episodes per fact: mean (max)", mean(s.episodesPerFact), "1.0 (2)", "1.1 (2)"],
    ["entity fact degree 0/1/2/3/more", degrees(s.factDegree), "46/25/11/7/11 %", "10/52/17/10/11 %"],
    ["  max (share of all ends)", `${s.factDegree.max} (${percent(s.hubShare, 1)})`, "21", "43 (25 %)"],
    ["mentions per entity p50/p90/p99/max", points(s.mentionsPerEntity, [0.5, 0.9, 0.99, 1]), "1/5/22/34", "1/4/56/56"],
    [
      "content p10/p50/p90/p99",
      points(s.contentLength, [0.1, 0.5, 0.9, 0.99]),
      "630/1826/5124/31304",
      "116/1562/4452/11966",
    ],
    ["  mean, max", `${Math.round(s.contentLength.mean)}, ${s.contentLength.max}`, "3097, 65620", "2072, 11966"],
    ["episode name p50/max", points(s.episodeNameLength, [0.5, 1]), "38/71", "38/72"],
    ["entity name p10/p50/p90/max", points(s.entityNameLength, [0.1, 0.5, 0.9, 1]), "5/10/24/64", "4/14/33/60"],
    ["summary p10/p50/p90/max", points(s.summaryLength, [0.1, 0.5, 0.9, 1]), "402/765/1186/2231", "315/594/989/1528"],
    ["fact p10/p50/p90/max", points(s.factLength, [0.1, 0.5, 0.9, 1]), "31/57/134/258", "33/66/110/299"],
    ["  mean", String(Math.round(s.factLength.mean)), "72", "72"],
    [
      "relation name p50/max (distinct)",
      `${points(s.relationLength, [0.5, 1])} (${s.relations})`,
      "15/26 (72)",
      "8/19 (40)",
    ],
    ["valid_at", percent(s.validFacts, facts), "95 %", "48 %"],
    ["invalid_at and expired_at", percent(s.expiredFacts, facts), "6.8 %", "20.6 %"],
    ["invalid_at alone", percent(s.endedFacts, facts), "", ""],
  ];
}

function points(histogram: Histogram, shares: readonly number[]): string {
  return shares.map((share) => histogram.quantile(share)).join("/");
}

function mean(histogram: Histogram): string {
  return `${histogram.mean.toFixed(2)} (${histogram.max})`;
}

function degrees(histogram: Histogram): string {
  const share = (count: number): number => Math.round((100 * count) / Math.max(1, histogram.count));
  const few = [0, 1, 2, 3].map((degree) => histogram.of(degree));
  const more = histogram.count - few.reduce((sum, count) => sum + count, 0);
  return `${[...few, more].map(share).join("/")} %`;
}

function percent(part: number, whole: number): string {
  return whole === 0 ? "0 %" : `${((100 * part) / whole).toFixed(1)} %`;
}

function summary(histogram: Histogram): Record<string, number> {
  const { count, max } = histogram;
  const [p10 = 0, p50 = 0, p90 = 0, p99 = 0] = [0.1, 0.5, 0.9, 0.99].map((share) => histogram.quantile(share));
  return { count, mean: histogram.mean, zero: histogram.of(0), p10, p50, p90, p99, max };
}

function isHistogram(value: unknown): value is Histogram {
  return typeof value === "object" && value !== null && "quantile" in value;
}

function aligned(rows: readonly Row[]): string[] {
  const widths = [0, 1, 2, 3].map((column) => Math.max(...rows.map((row) => (row[column] ?? "").length)));
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
}

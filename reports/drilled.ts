// What was drilled, and on what: enough to know whether two reports speak of the same.
import { formatBytes, formatCount } from "../harness/base/units.ts";
import type { ReportModel } from "./model/model.ts";

/** Each fact with its name. */
export function drilled({ runs, scenarios, seeds }: ReportModel): readonly (readonly [name: string, value: string])[] {
  const [first] = runs;
  if (first === undefined) return [];
  const { record } = first;
  const traces = runs.flatMap((run) => [...run.traces.values()]);
  const engines = new Set(traces.flatMap(({ engine }) => (engine === undefined ? [] : [engineText(engine)])));
  const capabilities = traces.find(({ system }) => system !== undefined)?.system?.capabilities;
  const largest = scenarios.toSorted((a, b) => (b.metrics["nodes"] ?? 0) - (a.metrics["nodes"] ?? 0))[0]?.metrics;
  const { nodes, edges = 0 } = (largest ?? {}) as Partial<Record<string, number>>;
  const { cpus, memoryBytes } = record.machine;
  const commit = record.commit?.slice(0, 10);
  return [
    ["Engine", [...engines].join("; ") || "unknown"],
    ["System", `${record.system}${capabilities === undefined ? "" : ` (${declared(capabilities)})`}`],
    ["Size", nodes === undefined ? "no graph" : `up to ${formatCount(nodes)} nodes, ${formatCount(edges)} edges`],
    ["Machine", `${String(cpus)} processors${typeof memoryBytes === "number" ? `, ${formatBytes(memoryBytes)}` : ""}`],
    ...(commit === undefined ? [] : [["Commit", commit] as const]),
    ["Seed", seeds.join(", ")],
  ];
}

/** Only what changes how the figures are to be read. */
function declared(capabilities: readonly string[]): string {
  const has = (name: string, otherwise: string): string => (capabilities.includes(name) ? name : otherwise);
  return [has("coordinated", "not coordinated"), has("encrypted", "not encrypted"), has("signed", "not signed")].join(
    ", ",
  );
}

/** Versions and kind of an engine, as a run observed them. */
export function engineText(engine: Readonly<Record<string, unknown>>): string {
  const { kind, redis, module } = engine;
  const version =
    typeof module === "number"
      ? ` ${Math.floor(module / 10000)}.${Math.floor(module / 100) % 100}.${module % 100}`
      : "";
  return `FalkorDB${version}, Redis ${String(redis)}, ${String(kind)}`;
}

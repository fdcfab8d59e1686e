// Durations of scenarios, two side by side on two otherwise idle cores, used for the plan and for the estimate of the remaining time. Only an
// estimate: a run corrects it by how fast its own scenarios were.
import type { ScenarioDefinition } from "./scenario-definition.ts";

/** Seconds per scenario, at 10k nodes or its own size; per group where the scenario itself was not measured. */
const known: Readonly<Record<string, number>> = {
  concurrent: 9,
  conformance: 6,
  "concurrent/all-writers": 10,
  "concurrent/full-size": 60,
  "concurrent/killed-backup": 14,
  "concurrent/killed-service": 14,
  "concurrent/many-graphs": 14,
  "concurrent/schema-change": 9,
  cycle: 18,
  "cycle/dirty": 3,
  "cycle/edge-values": 6,
  "cycle/one-changed-property": 19,
  "cycle/source-untouched": 4,
  fault: 7,
  "fault/crash-points-archive": 60,
  "fault/crash-points-backup": 60,
  "fault/crash-points-compact": 90,
  "fault/crash-points-prune": 10,
  "fault/crash-points-restore": 30,
  "fault/crash-points-verify": 40,
  incremental: 9,
  "incremental/any-moment": 15,
  "incremental/archiver-killed": 25,
  "incremental/chain": 27,
  "incremental/traps": 25,
  persistence: 17,
  "persistence/append-only-target": 9,
  "persistence/container-recreated": 9,
  "persistence/recreated": 6,
  retention: 6,
  "retention/shrunk": 9,
  "track-record": 2,
  "track-record/bulk-hang": 20,
};

const otherwise = 10;
/** Startup of engines, graph service and writers: the same at every size. */
const fixedSeconds = 3;
const nodesKnown = 10_000;

/** `nodes`: size at which the scenario runs. */
export function expectedMs({ id, nodes: own }: Pick<ScenarioDefinition, "id" | "nodes">, nodes: number): number {
  const seconds = known[id] ?? known[id.split("/")[0] ?? ""] ?? otherwise;
  if (own !== undefined) return seconds * 1000;
  return (fixedSeconds + Math.max(0.5, seconds - fixedSeconds) * (nodes / nodesKnown)) * 1000;
}

// Durations of scenarios, two side by side on two otherwise idle cores, used for the plan and for the estimate of the remaining time. Only an
// estimate: a run corrects it by how fast its own scenarios were.
import type { DrillOptions } from "./drill-options.ts";
import type { ScenarioDefinition } from "./scenario-definition.ts";

/** Seconds per scenario, at 10k nodes or its own size; per group where the scenario itself was not measured. */
const known: Readonly<Record<string, number>> = {
  concurrent: 10,
  conformance: 6,
  "concurrent/all-writers": 10,
  "concurrent/full-size": 110,
  "concurrent/killed-backup": 14,
  "concurrent/killed-service": 15,
  "concurrent/many-graphs": 14,
  "concurrent/ring-and-ledger-at-the-cut": 11,
  "concurrent/schema-change": 9,
  cycle: 18,
  "cycle/dirty": 3,
  "cycle/edge-values": 6,
  "cycle/one-changed-property": 7,
  "cycle/source-untouched": 4,
  fault: 7,
  "fault/crash-points-archive": 90,
  "fault/crash-points-backup": 100,
  "fault/crash-points-backup-service": 150,
  "fault/crash-points-compact": 170,
  "fault/crash-points-increment": 100,
  "fault/crash-points-keys": 20,
  "fault/crash-points-prune": 12,
  "fault/crash-points-replicate": 200,
  "fault/crash-points-restore": 95,
  "fault/crash-points-restore-in-place": 800,
  "fault/crash-points-roll-back": 450,
  "fault/crash-points-verify": 165,
  "fault/failed-steps-backup": 120,
  "fault/failed-steps-prune": 100,
  "fault/failed-steps-restore-in-place": 800,
  "fault/network": 3,
  "fault/power-cut": 420,
  "fault/restore-rollback": 34,
  "fault/stopped-processes": 11,
  "fault/storage": 210,
  "fault/swarm": 12,
  incremental: 9,
  "incremental/any-moment": 19,
  "incremental/archiver-killed": 25,
  "incremental/chain": 27,
  "incremental/kinds": 12,
  "incremental/traps": 25,
  persistence: 17,
  "persistence/aof-always": 13,
  "persistence/append-only-target": 9,
  "persistence/container-recreated": 9,
  "persistence/recreated": 6,
  region: 15,
  "region/costs": 92,
  "region/divergence": 2,
  "region/failover": 130,
  retention: 6,
  "retention/kept-chains": 9,
  "retention/shrunk": 9,
  "security/secrets": 20,
  "track-record": 2,
  "track-record/bulk-hang": 20,
};

/** Seconds of those that do more in the long profiles. */
const knownLong: Readonly<Record<string, number>> = {
  "fault/network": 350,
  "fault/swarm": 200,
  "persistence/aof-always": 17,
  "security/secrets": 140,
};

const otherwise = 10;
/** Startup of engines, graph service and writers: the same at every size. */
const fixedSeconds = 3;
const nodesKnown = 10_000;

export function expectedMs(
  { id, nodes: own }: Pick<ScenarioDefinition, "id" | "nodes">,
  { nodes, profile }: Pick<DrillOptions, "nodes" | "profile">,
): number {
  const long = profile === "nightly" || profile === "release" ? knownLong[id] : undefined;
  const seconds = long ?? known[id] ?? known[id.split("/")[0] ?? ""] ?? otherwise;
  if (own !== undefined) return seconds * 1000;
  return (fixedSeconds + Math.max(0.5, seconds - fixedSeconds) * (nodes / nodesKnown)) * 1000;
}

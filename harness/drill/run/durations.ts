// How long scenarios take on two quiet cores: what a plan says beforehand, and what the time that is left is guessed from.
// Only a guess: a run corrects it by how fast its own scenarios were.
import type { ScenarioDefinition } from "./scenario-definition.ts";

/** In seconds, at 10k nodes or the size of its own; of a group where nothing is known of the scenario itself. */
const known: Readonly<Record<string, number>> = {
  concurrent: 7,
  "concurrent/all-writers": 10,
  "concurrent/full-size": 60,
  "concurrent/killed-backup": 14,
  "concurrent/killed-service": 9,
  "concurrent/many-graphs": 14,
  "concurrent/schema-change": 9,
  cycle: 6,
  "cycle/dirty": 3,
  "cycle/edge-values": 3,
  "cycle/one-changed-property": 9,
  "cycle/source-untouched": 4,
  incremental: 9,
  "incremental/any-moment": 21,
  "incremental/archiver-killed": 25,
  "incremental/chain": 14,
  "incremental/traps": 25,
  persistence: 20,
  retention: 8,
  "retention/killed-prune": 22,
  "track-record": 4,
  "track-record/bulk-hang": 20,
};

const otherwise = 10;
/** Starting engines, the graph service, writers: the same at every size. */
const fixedSeconds = 3;
const nodesKnown = 10_000;

/** `nodes`: those that the scenario runs with. */
export function expectedMs({ id, nodes: own }: Pick<ScenarioDefinition, "id" | "nodes">, nodes: number): number {
  const seconds = known[id] ?? known[id.split("/")[0] ?? ""] ?? otherwise;
  if (own !== undefined) return seconds * 1000;
  return (fixedSeconds + Math.max(0.5, seconds - fixedSeconds) * (nodes / nodesKnown)) * 1000;
}

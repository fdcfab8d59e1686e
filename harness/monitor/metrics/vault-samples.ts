// The samples of one vault: a pure function of the facts of one look.
import type { LookResult } from "../watch.ts";
import type { VaultFacts } from "../vault/look-at-vault.ts";
import { type GraphProof, proofDepths } from "../vault/proven.ts";
import { pointStates } from "../vault/restorable.ts";
import type { MetricSamples } from "./samples.ts";

export interface VaultLabels {
  readonly vault: string;
  readonly region: string;
}

const lockStates = ["alive", "dead", "expired", "unknown"];

/** `looked` is undefined where the vault could not be read: then nothing else is said of it. */
export function addVault(
  out: MetricSamples,
  { vault, region }: VaultLabels,
  looked: LookResult<VaultFacts> | undefined,
  graphsMax: number,
): void {
  const labels = { vault, region };
  out.add("falkordrill_vault_up", Number(looked !== undefined), labels);
  if (looked === undefined) return;
  const { facts } = looked;
  const { proven, newestBackup, counters, deletions, objectLock, archiveMs } = facts;
  const at = (ms: number): number => ms / 1000;
  out.add("falkordrill_vault_look_timestamp_seconds", at(looked.atMs), labels);
  out.add("falkordrill_vault_look_duration_seconds", at(looked.ms), labels);
  out.add("falkordrill_vault_newest_restore_point_timestamp_seconds", at(facts.newestMs), labels);
  out.add("falkordrill_vault_oldest_restore_point_timestamp_seconds", at(facts.oldestMs), labels);
  out.add("falkordrill_vault_any_moment_since_timestamp_seconds", at(facts.anyMomentSinceMs), labels);
  const newestMs = newestBackup === undefined ? 0 : Date.parse(newestBackup.cut.at);
  out.add("falkordrill_vault_newest_backup_timestamp_seconds", at(newestMs), labels);
  if (newestBackup !== undefined) {
    out.add("falkordrill_vault_newest_backup_stored_bytes", newestBackup.storedBytes, labels);
    out.add("falkordrill_vault_newest_backup_raw_bytes", newestBackup.rawBytes, labels);
  }
  for (const state of pointStates)
    out.add("falkordrill_vault_restore_points", facts.states[state], { ...labels, state });
  out.add("falkordrill_vault_problems", facts.problems.length, labels);
  out.add("falkordrill_vault_stored_bytes", facts.storedBytes, labels);
  out.add("falkordrill_vault_growth_bytes_per_second", facts.growthBytesPerSecond, labels);
  addGraphs(out, labels, facts.graphs, graphsMax);
  for (const depth of proofDepths) {
    const { leastMs, newestPointMs } = proven;
    out.add("falkordrill_vault_restore_proven_timestamp_seconds", at(leastMs[depth]), { ...labels, depth });
    const point = at(newestPointMs[depth]);
    out.add("falkordrill_vault_proven_restore_point_timestamp_seconds", point, { ...labels, depth });
  }
  if (archiveMs !== undefined) out.add("falkordrill_vault_archive_timestamp_seconds", at(archiveMs), labels);
  if (facts.archiveLag !== undefined) out.add("falkordrill_vault_archive_lag_bytes", facts.archiveLag.bytes, labels);
  if (counters !== undefined) {
    out.add("falkordrill_vault_backups_begun_total", counters.begun, labels);
    out.add("falkordrill_vault_backups_total", counters.completed, labels);
    out.add("falkordrill_vault_backups_removed_total", counters.removed, labels);
    out.add("falkordrill_vault_restores_total", counters.restored, labels);
    for (const result of ["proven", "wrong"] as const)
      out.add("falkordrill_vault_proofs_total", counters[result], { ...labels, result });
    out.distribution("falkordrill_vault_backup_duration_seconds", counters.durations, labels);
  }
  if (deletions !== undefined) {
    out.add("falkordrill_vault_next_deletions", deletions.points, labels);
    out.add("falkordrill_vault_next_deletion_bytes", deletions.bytes, labels);
  }
  if (objectLock !== undefined) {
    const { firstEndMs, unlocked } = objectLock;
    if (firstEndMs !== undefined)
      out.add("falkordrill_vault_object_lock_end_timestamp_seconds", at(firstEndMs), labels);
    out.add("falkordrill_vault_unlocked_objects", unlocked, labels);
  }
  for (const state of lockStates) {
    const count = facts.locks.filter(({ ownerState }) => ownerState === state).length;
    out.add("falkordrill_vault_locks", count, { ...labels, state });
  }
  for (const { role, name: key, isUsable, expiresMs } of facts.keys) {
    out.add("falkordrill_key_usable", Number(isUsable), { ...labels, role, key });
    out.add("falkordrill_key_expiry_timestamp_seconds", at(expiresMs), { ...labels, role, key });
  }
}

/** Those whose proof is the oldest come first, so that what is hidden is what was proven last. */
function addGraphs(out: MetricSamples, labels: VaultLabels, graphs: readonly GraphProof[], graphsMax: number): void {
  const shown = graphs
    .toSorted((a, b) => a.provenMs.property - b.provenMs.property || a.provenMs.loaded - b.provenMs.loaded)
    .slice(0, graphsMax);
  out.add("falkordrill_vault_graphs", graphs.length, { ...labels });
  out.add("falkordrill_vault_graphs_hidden", graphs.length - shown.length, { ...labels });
  for (const { name: graph, database: number, nodes, edges, provenMs } of shown) {
    const named = { ...labels, graph, database: String(number) };
    for (const depth of proofDepths)
      out.add("falkordrill_restore_proven_timestamp_seconds", provenMs[depth] / 1000, { ...named, depth });
    out.add("falkordrill_graph_nodes", nodes, named);
    out.add("falkordrill_graph_edges", edges, named);
  }
}

// Metrics of a vault: what is in it, and what of that can be restored.
import type { MetricEntry } from "./metric.ts";

const vault = ["vault", "region"] as const;
const graph = ["vault", "region", "graph", "database"] as const;

export type VaultMetric =
  | "falkordrill_vault_up"
  | "falkordrill_vault_look_timestamp_seconds"
  | "falkordrill_vault_look_duration_seconds"
  | "falkordrill_vault_newest_restore_point_timestamp_seconds"
  | "falkordrill_vault_oldest_restore_point_timestamp_seconds"
  | "falkordrill_vault_any_moment_since_timestamp_seconds"
  | "falkordrill_vault_newest_backup_timestamp_seconds"
  | "falkordrill_vault_newest_backup_stored_bytes"
  | "falkordrill_vault_newest_backup_raw_bytes"
  | "falkordrill_vault_restore_points"
  | "falkordrill_vault_problems"
  | "falkordrill_vault_stored_bytes"
  | "falkordrill_vault_growth_bytes_per_second"
  | "falkordrill_vault_graphs"
  | "falkordrill_vault_graphs_hidden"
  | "falkordrill_graph_nodes"
  | "falkordrill_graph_edges"
  | "falkordrill_vault_archive_timestamp_seconds"
  | "falkordrill_vault_archive_lag_bytes"
  | "falkordrill_vault_backups_begun_total"
  | "falkordrill_vault_backups_total"
  | "falkordrill_vault_backups_removed_total"
  | "falkordrill_vault_restores_total"
  | "falkordrill_vault_backup_duration_seconds"
  | "falkordrill_vault_next_deletions"
  | "falkordrill_vault_next_deletion_bytes"
  | "falkordrill_vault_object_lock_end_timestamp_seconds"
  | "falkordrill_vault_unlocked_objects"
  | "falkordrill_vault_locks"
  | "falkordrill_key_usable"
  | "falkordrill_key_expiry_timestamp_seconds";

export const vaultMetrics: Readonly<Record<VaultMetric, MetricEntry>> = {
  falkordrill_vault_up: {
    type: "gauge",
    labels: vault,
    help: "1 where the vault was read a short time ago, 0 where it could not be read; then it has no other values.",
    from: "the last look at the vault; the reason of a 0 is a line on stderr",
    cannotSay: "that anything in the vault can be restored",
  },
  falkordrill_vault_look_timestamp_seconds: {
    type: "gauge",
    labels: vault,
    help: "When the look at the vault began from which its values are.",
    from: "the clock of the monitor",
    cannotSay: "when anything was backed up",
  },
  falkordrill_vault_look_duration_seconds: {
    type: "gauge",
    labels: vault,
    help: "How long that look took.",
    from: "the clock of the monitor",
    cannotSay: "how long a restore takes",
  },
  falkordrill_vault_newest_restore_point_timestamp_seconds: {
    type: "gauge",
    labels: vault,
    help: "The newest moment that can be restored, as far as is known; 0 where there is none.",
    from:
      "signed manifests whose parts are all there in their sizes, without those that a verify or a proof found faulty, " +
      "that follow a hazard of the stream, or whose content is in doubt",
    cannotSay: "that it was proven: see falkordrill_vault_proven_restore_point_timestamp_seconds",
  },
  falkordrill_vault_oldest_restore_point_timestamp_seconds: {
    type: "gauge",
    labels: vault,
    help: "The oldest moment that can be restored, as far as is known; 0 where there is none.",
    from: "the same restore points",
    cannotSay: "that every moment since can be restored: see falkordrill_vault_any_moment_since_timestamp_seconds",
  },
  falkordrill_vault_any_moment_since_timestamp_seconds: {
    type: "gauge",
    labels: vault,
    help: "From when on any moment up to the newest restore point can be restored.",
    from: "the cut of the backup on which the newest restorable restore point is based",
    cannotSay: "how long restoring such a moment takes",
  },
  falkordrill_vault_newest_backup_timestamp_seconds: {
    type: "gauge",
    labels: vault,
    help: "The cut of the newest full backup with a signed manifest, good or not; 0 where there is none.",
    from: "its manifest",
    cannotSay: "that it can be restored",
  },
  falkordrill_vault_newest_backup_stored_bytes: {
    type: "gauge",
    labels: vault,
    help: "What the newest full backup takes in the vault.",
    from: "its manifest",
    cannotSay: "the size of the increments on it",
  },
  falkordrill_vault_newest_backup_raw_bytes: {
    type: "gauge",
    labels: vault,
    help: "Size of the snapshot in the newest full backup, before compression.",
    from: "its manifest",
    cannotSay: "the memory of the server",
  },
  falkordrill_vault_restore_points: {
    type: "gauge",
    labels: [...vault, "state"],
    help: "Restore points, full backups and increments, by what is known of them.",
    from:
      "proven: compared with the source; loaded: a verify loaded it; unproven; faulty; doubtful: its source was empty, " +
      "had shrunk or looks like noise, or its time lies ahead; damaged: it cannot be read or trusted",
    cannotSay: "what became of those that were removed",
  },
  falkordrill_vault_problems: {
    type: "gauge",
    labels: vault,
    help: "What is missing, replaced or put back in the vault, compared with its catalogue and with what the key ring saw.",
    from: "the same check as in falkordrill vault audit",
    cannotSay: "a rollback of the whole vault, where no command with this key ring has seen it before",
  },
  falkordrill_vault_stored_bytes: {
    type: "gauge",
    labels: vault,
    help: "Bytes of all objects in the vault.",
    from: "one listing",
    cannotSay: "the older versions that a bucket with versions keeps",
  },
  falkordrill_vault_growth_bytes_per_second: {
    type: "gauge",
    labels: vault,
    help: "Bytes of the restore points of the last seven days, for each second of them.",
    from: "their times and sizes; where the vault is younger, since its first restore point",
    cannotSay: "how much a prune frees",
  },
  falkordrill_vault_graphs: {
    type: "gauge",
    labels: vault,
    help: "Graphs in the newest backup whose content is not in doubt.",
    from: "its manifest",
    cannotSay: "graphs that were created since",
  },
  falkordrill_vault_graphs_hidden: {
    type: "gauge",
    labels: vault,
    help: "Graphs that have no series of their own, because the vault has too many.",
    from: "the limit of the monitor; those that were proven last are hidden first",
    cannotSay: "that they are fine: falkordrill_vault_restore_proven_timestamp_seconds counts them",
  },
  falkordrill_graph_nodes: {
    type: "gauge",
    labels: graph,
    help: "Nodes of the graph in the newest backup whose content is not in doubt.",
    from: "its manifest, which the snapshot itself gave",
    cannotSay: "what the source holds now",
  },
  falkordrill_graph_edges: {
    type: "gauge",
    labels: graph,
    help: "Edges of the graph in the newest backup whose content is not in doubt.",
    from: "its manifest, which the snapshot itself gave",
    cannotSay: "what the source holds now",
  },
  falkordrill_vault_archive_timestamp_seconds: {
    type: "gauge",
    labels: vault,
    help: "Up to when the vault holds everything that its source did, as an archive; absent where there never was one.",
    from: "the last increment of all chains that an archiver has sealed",
    cannotSay: "how many bytes the archiver is behind: see falkordrill_vault_archive_lag_bytes",
  },
  falkordrill_vault_archive_lag_bytes: {
    type: "gauge",
    labels: vault,
    help: "Bytes of the source's stream that the vault does not hold yet: what a loss of the source would lose of it.",
    from:
      "what the archiver has not received and not stored, by the file of its --metrics that archiveMetrics of the " +
      "configuration names; absent without, or where that file is older than a minute",
    cannotSay: "the lag of an archiver that is dead: falkordrill_vault_archive_timestamp_seconds grows old",
  },
  falkordrill_vault_backups_begun_total: {
    type: "counter",
    labels: vault,
    help: "Backups that were begun; also copies by a replication or a rotation of keys.",
    from: "the catalogue, from its first entry on",
    cannotSay: "a backup that ended before it was begun in the vault",
  },
  falkordrill_vault_backups_total: {
    type: "counter",
    labels: vault,
    help: "Backups that were completed.",
    from: "the catalogue, from its first entry on",
    cannotSay: "that they can be restored",
  },
  falkordrill_vault_backups_removed_total: {
    type: "counter",
    labels: vault,
    help: "Backups that were removed by a prune, a discard or a rotation.",
    from: "the catalogue, from its first entry on",
    cannotSay: "what was removed past the catalogue: see falkordrill_vault_problems",
  },
  falkordrill_vault_restores_total: {
    type: "counter",
    labels: vault,
    help: "Restores in place that put a backup into a server.",
    from: "the catalogue, from its first entry on",
    cannotSay: "restores into a new server, which leave no trace in a vault",
  },
  falkordrill_vault_backup_duration_seconds: {
    type: "histogram",
    labels: vault,
    help: "From the begin of a backup until it was complete.",
    from: "the times of both entries of the catalogue, by the clocks of the hosts that wrote them",
    cannotSay: "how long writes were paused",
  },
  falkordrill_vault_next_deletions: {
    type: "gauge",
    labels: vault,
    help: "Restore points that a prune would remove now.",
    from: "the rules under keep in the configuration of the monitor; absent without",
    cannotSay: "what is in use or locked by the store at the time of the prune, and stays",
  },
  falkordrill_vault_next_deletion_bytes: {
    type: "gauge",
    labels: vault,
    help: "What these restore points take in the vault.",
    from: "the same decisions and one listing",
    cannotSay: "when the prune runs",
  },
  falkordrill_vault_object_lock_end_timestamp_seconds: {
    type: "gauge",
    labels: vault,
    help: "End of the object lock that ends first, of all locked objects that are needed; absent in a vault without object lock.",
    from: "the store, asked for each object once, then for those that end first and some others at each look",
    cannotSay: "that the lock holds: falkordrill vault replicate --probe-lock attacks it",
  },
  falkordrill_vault_unlocked_objects: {
    type: "gauge",
    labels: vault,
    help: "Needed objects that the store does not lock now; absent without object lock, or the right to ask for it.",
    from: "the same answers of the store",
    cannotSay: "older versions of an object",
  },
  falkordrill_vault_locks: {
    type: "gauge",
    labels: [...vault, "state"],
    help: "Commands that hold a lock of the vault, by the state of their process as seen from here.",
    from: "the locks in the vault; dead and expired ones are left by a crash",
    cannotSay: "whether a process elsewhere makes progress",
  },
  falkordrill_key_usable: {
    type: "gauge",
    labels: [...vault, "role", "key"],
    help: "1 where the key may encrypt (a recipient) or sign (a signer) now, else 0.",
    from: "the key ring that the monitor was given, without retired keys",
    cannotSay: "that somebody still has the secret key: see falkordrill vault keys drill",
  },
  falkordrill_key_expiry_timestamp_seconds: {
    type: "gauge",
    labels: [...vault, "role", "key"],
    help: "When the key expires; +Inf where it does not.",
    from: "the key ring that the monitor was given, without retired keys",
    cannotSay: "the expiry of keys that only another host has",
  },
};

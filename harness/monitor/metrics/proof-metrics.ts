// Metrics of what was proven: by proofs of a vault, by a second region, by drills.
import type { MetricEntry } from "./metric.ts";

const vault = ["vault", "region"] as const;
const pair = ["vault", "region", "replica_of"] as const;
const drill = ["runs", "scenario"] as const;
const depths =
  "depth property: a proof of an archive compared every property with the source; depth loaded: that, or a verify that " +
  "loaded the backup and compared what its snapshot says of itself";

export type ProofMetric =
  | "falkordrill_restore_proven_timestamp_seconds"
  | "falkordrill_vault_restore_proven_timestamp_seconds"
  | "falkordrill_vault_proven_restore_point_timestamp_seconds"
  | "falkordrill_vault_proofs_total"
  | "falkordrill_replica_up"
  | "falkordrill_replica_lag_seconds"
  | "falkordrill_replica_divergences"
  | "falkordrill_disk_free_bytes"
  | "falkordrill_disk_size_bytes"
  | "falkordrill_runs_up"
  | "falkordrill_runs"
  | "falkordrill_drill_verdict"
  | "falkordrill_drill_timestamp_seconds"
  | "falkordrill_drill_passed_timestamp_seconds"
  | "falkordrill_drill_duration_seconds"
  | "falkordrill_drill_rto_seconds"
  | "falkordrill_drill_rpo_seconds"
  | "falkordrill_forecast_timestamp_seconds"
  | "falkordrill_forecast_broken_timestamp_seconds"
  | "falkordrill_forecast_intervals_total"
  | "falkordrill_forecast_breaks_total"
  | "falkordrill_forecast_false_warnings_total"
  | "falkordrill_objective_seconds"
  | "falkordrill_monitor_info";

export const proofMetrics: Readonly<Record<ProofMetric, MetricEntry>> = {
  falkordrill_restore_proven_timestamp_seconds: {
    type: "gauge",
    labels: [...vault, "graph", "database", "depth"],
    help: "When a restore of this graph from this vault was last proven; 0 where it never was.",
    from: `the signed records of proofs in the vault. ${depths}`,
    cannotSay: "that a backup made since can be restored, nor a graph that was created after the proven base",
  },
  falkordrill_vault_restore_proven_timestamp_seconds: {
    type: "gauge",
    labels: [...vault, "depth"],
    help: "The same for the graph whose last proof is the oldest; 0 where one was never proven.",
    from: "the same records, for all graphs in the newest backup",
    cannotSay: "which graph that is",
  },
  falkordrill_vault_proven_restore_point_timestamp_seconds: {
    type: "gauge",
    labels: [...vault, "depth"],
    help: "The newest moment whose restore was proven; 0 where none was.",
    from: "the same records, and the time of the restore point to which each belongs",
    cannotSay: "when it was proven",
  },
  falkordrill_vault_proofs_total: {
    type: "counter",
    labels: [...vault, "result"],
    help: "Proofs and verifies by what they found: proven or wrong.",
    from: "the catalogue, from its first entry on",
    cannotSay: "attempts that could not be carried out, which prove nothing",
  },
  falkordrill_replica_up: {
    type: "gauge",
    labels: pair,
    help: "1 where this vault could be compared with the one that it is a replica of, else 0.",
    from: "a comparison of what both record, as falkordrill vault replicate --compare records does",
    cannotSay: "that they are equal",
  },
  falkordrill_replica_lag_seconds: {
    type: "gauge",
    labels: pair,
    help: "How much older the newest restore point of the replica is than that of the vault it is a replica of.",
    from: "the newest restore points of both vaults that can be restored",
    cannotSay: "how long the rest takes to arrive",
  },
  falkordrill_replica_divergences: {
    type: "gauge",
    labels: [...pair, "kind"],
    help: "Differences between both vaults that no rule of either explains, by kind; behind is the normal state of a replica.",
    from: "the signed records of both vaults",
    cannotSay: "a byte that changed within a part: falkordrill vault replicate --compare bytes",
  },
  falkordrill_disk_free_bytes: {
    type: "gauge",
    labels: ["disk"],
    help: "Bytes that this user may still write to the disk.",
    from: "statfs of the folder under that name: each vault in a folder, temp, and those of the configuration",
    cannotSay: "a quota, or the limits of a bucket",
  },
  falkordrill_disk_size_bytes: {
    type: "gauge",
    labels: ["disk"],
    help: "Size of the disk.",
    from: "statfs of the same folder",
    cannotSay: "what else writes to it",
  },
  falkordrill_runs_up: {
    type: "gauge",
    labels: ["runs"],
    help: "1 where the folder of run directories could be read, else 0.",
    from: "the last look at the folder",
    cannotSay: "that a drill runs regularly: see falkordrill_drill_timestamp_seconds",
  },
  falkordrill_runs: {
    type: "gauge",
    labels: ["runs", "state"],
    help: "Run directories, of the newest ones, by state: finished, unfinished or unreadable.",
    from: "the newest hundred run directories in the folder",
    cannotSay: "runs whose folders were removed",
  },
  falkordrill_drill_verdict: {
    type: "gauge",
    labels: [...drill, "verdict"],
    help: "1 for the verdict of the newest run of the scenario, 0 for the others.",
    from: "result.json, checked against the seal of the run: changed files make it inconclusive",
    cannotSay: "anything of production: a drill runs on servers of its own",
  },
  falkordrill_drill_timestamp_seconds: {
    type: "gauge",
    labels: drill,
    help: "When the newest run of the scenario began.",
    from: "run.json",
    cannotSay: "whether it passed",
  },
  falkordrill_drill_passed_timestamp_seconds: {
    type: "gauge",
    labels: drill,
    help: "When the newest run began in which the scenario passed; 0 where none of the newest runs did.",
    from: "run.json and result.json",
    cannotSay: "passes in runs whose folders were removed",
  },
  falkordrill_drill_duration_seconds: {
    type: "gauge",
    labels: drill,
    help: "How long the scenario took in its newest run.",
    from: "result.json",
    cannotSay: "how long a restore takes",
  },
  falkordrill_drill_rto_seconds: {
    type: "gauge",
    labels: drill,
    help: "From the disaster to the first correct answer, in the newest run of the scenario that measured it.",
    from: "result.json",
    cannotSay: "the time of a restore of another size",
  },
  falkordrill_drill_rpo_seconds: {
    type: "gauge",
    labels: drill,
    help: "Between the last write that came back and the disaster, in the newest run of the scenario that measured it.",
    from: "result.json",
    cannotSay: "what a disaster would lose now: see falkordrill_vault_newest_restore_point_timestamp_seconds",
  },
  falkordrill_forecast_timestamp_seconds: {
    type: "gauge",
    labels: ["runs"],
    help: "When falkordrill analyze last stored forecasts.",
    from: "forecasts.jsonl next to the folder of runs; absent without",
    cannotSay: "whether a timer still calls it: look at its age",
  },
  falkordrill_forecast_broken_timestamp_seconds: {
    type: "gauge",
    labels: ["runs", "objective", "subject"],
    help: "When the newest forecast expects an objective to be broken; +Inf where not within 90 days.",
    from: "forecasts.jsonl; absent where the history is too short, or the objective is broken already",
    cannotSay: "how sure that is: falkordrill analyze gives the interval",
  },
  falkordrill_forecast_intervals_total: {
    type: "counter",
    labels: ["runs", "result"],
    help: "Graded 90 % intervals of stored forecasts, by whether the measurement was held or missed.",
    from: "forecasts.jsonl, graded with the measurements that it holds",
    cannotSay: "anything of forecasts whose time has not come",
  },
  falkordrill_forecast_breaks_total: {
    type: "counter",
    labels: ["runs", "result"],
    help: "Broken objectives, by whether they were warned of a week before or missed.",
    from: "forecasts.jsonl, graded with the measurements that it holds",
    cannotSay: "breaks that came before there was a forecast",
  },
  falkordrill_forecast_false_warnings_total: {
    type: "counter",
    labels: ["runs"],
    help: "Warnings that no broken objective followed within 42 days.",
    from: "forecasts.jsonl, graded with the measurements that it holds",
    cannotSay: "whether somebody acted on the warning, so that nothing broke",
  },
  falkordrill_objective_seconds: {
    type: "gauge",
    labels: ["objective"],
    help: "The objective that was set: rto or rpo.",
    from: "objectives in falkordrill.config; absent without",
    cannotSay: "whether it is met",
  },
  falkordrill_monitor_info: {
    type: "gauge",
    labels: ["version"],
    help: "The version of the monitor; always 1.",
    from: "the program",
    cannotSay: "which version made a backup",
  },
};

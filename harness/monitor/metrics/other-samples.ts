// The samples of drills, disks and second regions.
import type { Score } from "../../../reports/analysis/analysis.ts";
import type { JournalLine } from "../../../reports/analysis/journal.ts";
import type { LookResult } from "../watch.ts";
import type { DrilledScenario, RunsFacts } from "../look-at-runs.ts";
import type { Verdict } from "../../record/result.ts";
import { divergenceKinds } from "../../vault/compare/divergence.ts";
import type { MetricSamples } from "./samples.ts";
import type { VaultLabels } from "./vault-samples.ts";

const verdicts: readonly Verdict[] = ["pass", "fail", "inconclusive"];

export function addRuns(out: MetricSamples, runs: string, looked: LookResult<RunsFacts> | undefined): void {
  out.add("falkordrill_runs_up", Number(looked !== undefined), { runs });
  if (looked === undefined) return;
  const { scenarios } = looked.facts;
  for (const state of ["finished", "unfinished", "unreadable"] as const)
    out.add("falkordrill_runs", looked.facts[state], { runs, state });
  for (const [scenario, newestFirst] of Map.groupBy(scenarios, ({ id }) => id))
    addScenario(out, { runs, scenario }, newestFirst);
}

function addScenario(
  out: MetricSamples,
  labels: { readonly runs: string; readonly scenario: string },
  newestFirst: readonly DrilledScenario[],
): void {
  const [newest] = newestFirst;
  if (newest === undefined) return;
  for (const verdict of verdicts)
    out.add("falkordrill_drill_verdict", Number(newest.verdict === verdict), { ...labels, verdict });
  out.add("falkordrill_drill_timestamp_seconds", newest.startedMs / 1000, labels);
  const passed = newestFirst.find(({ verdict }) => verdict === "pass");
  out.add("falkordrill_drill_passed_timestamp_seconds", (passed?.startedMs ?? 0) / 1000, labels);
  out.add("falkordrill_drill_duration_seconds", newest.durationMs / 1000, labels);
  const rtoMs = newestFirst.find((run) => run.rtoMs !== undefined)?.rtoMs;
  if (rtoMs !== undefined) out.add("falkordrill_drill_rto_seconds", rtoMs / 1000, labels);
  const rpoMs = newestFirst.find((run) => run.rpoMs !== undefined)?.rpoMs;
  if (rpoMs !== undefined) out.add("falkordrill_drill_rpo_seconds", rpoMs / 1000, labels);
}

export interface ForecastFacts {
  /** Undefined where nothing was stored yet. */
  readonly newest: JournalLine | undefined;
  readonly score: Score;
}

export function addForecasts(out: MetricSamples, runs: string, looked: LookResult<ForecastFacts> | undefined): void {
  const { newest, score } = looked?.facts ?? {};
  if (newest === undefined || score === undefined) return;
  out.add("falkordrill_forecast_timestamp_seconds", Date.parse(newest.at) / 1000, { runs });
  for (const { objective, subject, breaksAt } of newest.forecasts) {
    const at = breaksAt === undefined ? Number.POSITIVE_INFINITY : Date.parse(breaksAt) / 1000;
    out.add("falkordrill_forecast_broken_timestamp_seconds", at, { runs, objective, subject });
  }
  const { intervals, covered, hits, missed, falseWarnings } = score;
  out.add("falkordrill_forecast_intervals_total", covered, { runs, result: "held" });
  out.add("falkordrill_forecast_intervals_total", intervals - covered, { runs, result: "missed" });
  out.add("falkordrill_forecast_breaks_total", hits, { runs, result: "warned" });
  out.add("falkordrill_forecast_breaks_total", missed, { runs, result: "missed" });
  out.add("falkordrill_forecast_false_warnings_total", falseWarnings, { runs });
}

export interface DiskFacts {
  readonly freeBytes: number;
  readonly sizeBytes: number;
}

/** Nothing where the disk could not be asked. */
export function addDisk(out: MetricSamples, disk: string, looked: LookResult<DiskFacts> | undefined): void {
  if (looked === undefined) return;
  out.add("falkordrill_disk_free_bytes", looked.facts.freeBytes, { disk });
  out.add("falkordrill_disk_size_bytes", looked.facts.sizeBytes, { disk });
}

/** Divergences of a replica by their kind. */
export type ReplicaFacts = ReadonlyMap<string, number>;

/** Restore points of both, in milliseconds since 1970; undefined where a vault could not be read. */
export interface BothNewest {
  readonly fromMs: number | undefined;
  readonly toMs: number | undefined;
}

export function addReplica(
  out: MetricSamples,
  { vault, region, of }: VaultLabels & { readonly of: string },
  looked: LookResult<ReplicaFacts> | undefined,
  { fromMs, toMs }: BothNewest,
): void {
  const labels = { vault, region, replica_of: of };
  out.add("falkordrill_replica_up", Number(looked !== undefined), labels);
  if (fromMs !== undefined && toMs !== undefined)
    out.add("falkordrill_replica_lag_seconds", Math.max(0, fromMs - toMs) / 1000, labels);
  if (looked === undefined) return;
  for (const kind of Object.keys(divergenceKinds))
    out.add("falkordrill_replica_divergences", looked.facts.get(kind) ?? 0, { ...labels, kind });
}

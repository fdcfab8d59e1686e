// Which alerts of monitoring/falkordrill.rules.yaml hold at one instant, from the samples that a scrape gives. The lie table
// holds these conditions to the rules. Rules that look back need the memory of a Prometheus, and are named in `looksBack`.
import type { MetricSample } from "../metrics/samples.ts";

/** Alerts that cannot be told from one scrape. */
export const looksBack: ReadonlySet<string> = new Set([
  "FalkorDrillMonitorDown",
  "FalkorDrillVaultVanished",
  "FalkorDrillBackupsFail",
  "FalkorDrillDiskFullSoon",
]);

export interface FiringAlert {
  readonly name: string;
  readonly labels: MetricSample["labels"];
}

/** Samples of a metric by their labels; a rule sees no more. */
class Scrape {
  readonly nowSeconds: number;
  readonly #byName: ReadonlyMap<string, readonly MetricSample[]>;

  constructor(samples: readonly MetricSample[], nowSeconds: number) {
    this.nowSeconds = nowSeconds;
    this.#byName = Map.groupBy(samples, ({ name }) => name);
  }

  all(name: string, match: MetricSample["labels"] = {}): readonly MetricSample[] {
    const wanted = Object.entries(match);
    return (this.#byName.get(`falkordrill_${name}`) ?? []).filter(({ labels }) =>
      wanted.every(([key, value]) => labels[key] === value),
    );
  }

  /** The value with the same values of these labels. */
  same(name: string, labels: MetricSample["labels"], keys: readonly string[]): number | undefined {
    return this.all(name, Object.fromEntries(keys.map((key) => [key, labels[key] ?? ""])))[0]?.value;
  }

  /** Never older than any age: what is 0 never was, and has an alert of its own. */
  older(name: string, seconds: number, match: MetricSample["labels"] = {}): readonly MetricSample[] {
    return this.all(name, match).filter(({ value }) => value !== 0 && this.nowSeconds - value > seconds);
  }

  objective(objective: string): number {
    return this.all("objective_seconds", { objective })[0]?.value ?? Number.POSITIVE_INFINITY;
  }
}

const [hour, day] = [3600, 86_400];
const pair = ["vault", "region"];
const is = (samples: readonly MetricSample[], holds: (value: number) => boolean): readonly MetricSample[] =>
  samples.filter(({ value }) => holds(value));
const isZero = (value: number): boolean => value === 0;
const isPositive = (value: number): boolean => value > 0;

const conditions: Readonly<Record<string, (scrape: Scrape) => readonly Pick<MetricSample, "labels">[]>> = {
  VaultUnreadable: (s) => is(s.all("vault_up"), isZero),
  ClockWrong: (s) =>
    s.all("vault_look_timestamp_seconds").filter(({ labels, value }) => {
      const isUp = s.same("vault_up", labels, pair) === 1;
      return isUp && Math.abs(s.nowSeconds - value) > 600;
    }),
  NothingRestorable: (s) => is(s.all("vault_newest_restore_point_timestamp_seconds"), isZero),
  RestorePointOld: (s) => s.older("vault_newest_restore_point_timestamp_seconds", 26 * hour),
  RpoBroken: (s) => s.older("vault_newest_restore_point_timestamp_seconds", s.objective("rpo")),
  NewestBackupNotRestorable: (s) =>
    s.all("vault_newest_backup_timestamp_seconds").filter(({ labels, value }) => {
      const newest = s.same("vault_newest_restore_point_timestamp_seconds", labels, pair);
      return newest !== undefined && value > newest;
    }),
  NeverProven: (s) => is(s.all("vault_proven_restore_point_timestamp_seconds", { depth: "loaded" }), isZero),
  ProofOld: (s) => s.older("restore_proven_timestamp_seconds", 8 * day, { depth: "loaded" }),
  PropertyProofOld: (s) => s.older("vault_proven_restore_point_timestamp_seconds", 8 * day, { depth: "property" }),
  RestorePointFaulty: (s) => is(s.all("vault_restore_points", { state: "faulty" }), isPositive),
  VaultDamaged: (s) => is(s.all("vault_restore_points", { state: "damaged" }), isPositive),
  VaultTampered: (s) => is(s.all("vault_problems"), isPositive),
  ArchiveStalled: (s) => s.all("vault_archive_timestamp_seconds").filter(({ value }) => s.nowSeconds - value > 1800),
  PruneRemovesMost: (s) =>
    s.all("vault_next_deletions").filter(({ labels, value }) => {
      const points = s.all("vault_restore_points", { vault: labels["vault"] ?? "", region: labels["region"] ?? "" });
      return points.length > 0 && value > 0.5 * points.reduce((sum, point) => sum + point.value, 0);
    }),
  ObjectLockEnds: (s) => is(s.all("vault_object_lock_end_timestamp_seconds"), (end) => end - s.nowSeconds < 2 * day),
  ObjectsUnlocked: (s) => is(s.all("vault_unlocked_objects"), isPositive),
  KeyExpires: (s) => is(s.all("key_expiry_timestamp_seconds"), (end) => end - s.nowSeconds < 14 * day),
  KeyUnusable: (s) => is(s.all("key_usable"), isZero),
  ReplicaUncompared: (s) => is(s.all("replica_up"), isZero),
  ReplicaBehind: (s) => is(s.all("replica_lag_seconds"), (lag) => lag > hour),
  ReplicaDiverged: (s) => {
    const apart = s.all("replica_divergences").filter(({ labels, value }) => labels["kind"] !== "behind" && value > 0);
    const replicas = Map.groupBy(
      apart,
      ({ labels }) => `${labels["vault"]} ${labels["region"]} ${labels["replica_of"]}`,
    );
    return [...replicas.values()].flatMap(([first]) => first ?? []);
  },
  DiskNearlyFull: (s) =>
    s.all("disk_free_bytes").filter(({ labels, value }) => {
      const size = s.same("disk_size_bytes", labels, ["disk"]);
      return size !== undefined && value < 0.05 * size;
    }),
  LockLeft: (s) => ["dead", "expired"].flatMap((state) => is(s.all("vault_locks", { state }), isPositive)),
  RunsUnreadable: (s) => is(s.all("runs_up"), isZero),
  DrillFailed: (s) => is(s.all("drill_verdict", { verdict: "fail" }), (value) => value === 1),
  DrillNotPassed: (s) => s.all("drill_passed_timestamp_seconds").filter(({ value }) => s.nowSeconds - value > 8 * day),
  ObjectiveForetold: (s) =>
    s.all("forecast_broken_timestamp_seconds").filter(({ labels, value }) => {
      const madeAt = s.same("forecast_timestamp_seconds", labels, ["runs"]) ?? 0;
      const hasOwnAlert = labels["objective"] === "lock" || labels["objective"] === "key";
      return !hasOwnAlert && value - s.nowSeconds < 14 * day && s.nowSeconds - madeAt < 8 * day;
    }),
  ForecastOld: (s) => s.all("forecast_timestamp_seconds").filter(({ value }) => s.nowSeconds - value > 8 * day),
  DrillRtoMissed: (s) => is(s.all("drill_rto_seconds"), (seconds) => seconds > s.objective("rto")),
};

/** Names of the alerts that have a condition here. */
export const judgedAlerts: readonly string[] = Object.keys(conditions).map((name) => `FalkorDrill${name}`);

export function firingAlerts(samples: readonly MetricSample[], nowMs: number): readonly FiringAlert[] {
  const scrape = new Scrape(samples, nowMs / 1000);
  return Object.entries(conditions).flatMap(([name, holds]) =>
    holds(scrape).map(({ labels }) => ({ name: `FalkorDrill${name}`, labels })),
  );
}

// Situations in which metrics of backups have lied elsewhere, each with the series that it changes and the alerts that must
// fire. Times are in seconds since the begin of the simulation; a value is a function of that time, or absent.

type Value = (t: number) => number | undefined;

export interface Situation {
  readonly name: string;
  /** Series that differ from those of a good day while the situation lasts. */
  readonly changes: Readonly<Record<string, Value>>;
  /** Since when they differ, where that is before it begins: what leads to it. */
  readonly since?: number;
  readonly alerts: readonly string[];
}

export const minute = 60;
export const hour: number = 60 * minute;
export const day: number = 24 * hour;

const near = 'vault="near",region="eu"';
const far = 'vault="far",region="us"';
const pair = `${far},replica_of="near"`;
const graph = `${near},graph="g",database="0",depth="loaded"`;
const drill = 'runs="r",scenario="cycle/full"';
const up = 'up{job="falkordrill",instance="m"}';

/** Always of the same age: what is repeated. Never exactly 0, which means never. */
const aged =
  (seconds: number): Value =>
  (t) =>
    t - seconds - 0.5;
const always =
  (value: number): Value =>
  () =>
    value;
const absent: Value = () => undefined;
/** It stopped when the situation began, and was that old then. */
const stopped =
  (sinceSeconds: number, ageSeconds: number): Value =>
  () =>
    sinceSeconds - ageSeconds - 0.5;

const name = {
  up: (labels: string) => `falkordrill_vault_up{${labels}}`,
  look: `falkordrill_vault_look_timestamp_seconds{${near}}`,
  newest: (labels: string) => `falkordrill_vault_newest_restore_point_timestamp_seconds{${labels}}`,
  backup: `falkordrill_vault_newest_backup_timestamp_seconds{${near}}`,
  archive: `falkordrill_vault_archive_timestamp_seconds{${near}}`,
  proven: `falkordrill_restore_proven_timestamp_seconds{${graph}}`,
  point: (depth: string) => `falkordrill_vault_proven_restore_point_timestamp_seconds{${near},depth="${depth}"}`,
  state: (state: string) => `falkordrill_vault_restore_points{${near},state="${state}"}`,
  problems: `falkordrill_vault_problems{${near}}`,
  begun: `falkordrill_vault_backups_begun_total{${near}}`,
  completed: `falkordrill_vault_backups_total{${near}}`,
  deletions: `falkordrill_vault_next_deletions{${near}}`,
  lockEnd: `falkordrill_vault_object_lock_end_timestamp_seconds{${far}}`,
  unlocked: `falkordrill_vault_unlocked_objects{${far}}`,
  expiry: `falkordrill_key_expiry_timestamp_seconds{${near},role="signer",key="s"}`,
  usable: `falkordrill_key_usable{${near},role="signer",key="s"}`,
  lag: `falkordrill_replica_lag_seconds{${pair}}`,
  replicaUp: `falkordrill_replica_up{${pair}}`,
  divergences: (kind: string) => `falkordrill_replica_divergences{${pair},kind="${kind}"}`,
  free: (disk: string) => `falkordrill_disk_free_bytes{disk="${disk}"}`,
  locks: (state: string) => `falkordrill_vault_locks{${near},state="${state}"}`,
  runs: 'falkordrill_runs_up{runs="r"}',
  verdict: (verdict: string) => `falkordrill_drill_verdict{${drill},verdict="${verdict}"}`,
  passed: `falkordrill_drill_passed_timestamp_seconds{${drill}}`,
  rto: `falkordrill_drill_rto_seconds{${drill}}`,
  forecast: 'falkordrill_forecast_timestamp_seconds{runs="r"}',
  breaks: (objective: string) =>
    `falkordrill_forecast_broken_timestamp_seconds{runs="r",objective="${objective}",subject="near"}`,
};

const gib = 2 ** 30;

/** Values that move as on a good day: a daily backup, an archive, weekly proofs and drills, a prune now and then. */
export const goodDay: Readonly<Record<string, Value>> = {
  [up]: always(1),
  [name.up(near)]: always(1),
  [name.up(far)]: always(1),
  [name.look]: aged(20),
  [name.newest(near)]: aged(70),
  [name.newest(far)]: aged(190),
  [name.backup]: (t) => Math.floor(t / day) * day - hour - 0.5,
  [name.archive]: aged(70),
  [name.proven]: (t) => Math.floor(t / (7 * day)) * 7 * day - hour - 0.5,
  [name.point("loaded")]: (t) => Math.floor(t / (7 * day)) * 7 * day - hour - 0.5,
  [name.point("property")]: (t) => Math.floor(t / day) * day - hour - 0.5,
  [name.state("proven")]: always(3),
  [name.state("unproven")]: always(900),
  [name.state("faulty")]: always(0),
  [name.state("doubtful")]: always(0),
  [name.state("damaged")]: always(0),
  [name.problems]: always(0),
  [name.begun]: (t) => 10 + Math.floor(t / day) + Number(t % day > hour && t % day < 2 * hour),
  [name.completed]: (t) => 10 + Math.floor(t / day),
  [name.deletions]: (t) => 100 + Math.floor((t % day) / hour) * 4,
  [name.lockEnd]: (t) => Math.floor(t / day) * day + 15 * day,
  [name.unlocked]: always(0),
  [name.expiry]: always(400 * day),
  [name.usable]: always(1),
  [name.lag]: (t) => ((t / minute) % 5) * 60,
  [name.replicaUp]: always(1),
  [name.divergences("behind")]: (t) => Number((t / minute) % 5 > 0),
  [name.divergences("fork")]: always(0),
  [name.divergences("altered")]: always(0),
  // It fills for a day, and a prune makes room.
  [name.free("near")]: (t) => (500 - ((t % day) / hour) * 2) * gib,
  [name.free("source")]: (t) => (100 - Math.sin(t / day)) * gib,
  'falkordrill_disk_size_bytes{disk="near"}': always(1000 * gib),
  'falkordrill_disk_size_bytes{disk="source"}': always(200 * gib),
  [name.locks("alive")]: (t) => Number(t % hour < 10 * minute),
  [name.locks("dead")]: always(0),
  [name.locks("expired")]: always(0),
  [name.runs]: always(1),
  [name.verdict("pass")]: always(1),
  [name.verdict("fail")]: always(0),
  [name.verdict("inconclusive")]: always(0),
  [name.passed]: (t) => Math.floor(t / (7 * day)) * 7 * day - hour - 0.5,
  [name.rto]: always(300),
  [name.forecast]: (t) => Math.floor(t / day) * day - hour - 0.5,
  [name.breaks("space")]: (t) => t + 60 * day,
  [name.breaks("key")]: (t) => t + 60 * day,
  'falkordrill_objective_seconds{objective="rto"}': always(900),
  'falkordrill_objective_seconds{objective="rpo"}': always(900),
};

const gone = (labels: string): Readonly<Record<string, Value>> =>
  Object.fromEntries(Object.keys(goodDay).flatMap((series) => (series.includes(labels) ? [[series, absent]] : [])));
const everything = Object.fromEntries(Object.keys(goodDay).map((series) => [series, absent]));
const exporter = Object.fromEntries(
  Object.keys(everything)
    .filter((series) => series !== up)
    .map((series) => [series, absent]),
);

/** `begins`: when the situation does, in seconds since the begin of the simulation. */
export function situations(begins: number): readonly Situation[] {
  const of = (what: string, changes: Situation["changes"], ...alerts: string[]): Situation => ({
    name: what,
    changes,
    alerts: alerts.map((alert) => `FalkorDrill${alert}`),
  });
  const ledTo = (since: number, situation: Situation): Situation => ({ ...situation, since });
  return [
    of("the exporter is dead", { ...exporter, [up]: always(0) }, "MonitorDown", "VaultVanished"),
    of("the target is not scraped any more", everything, "MonitorDown", "VaultVanished"),
    of("the monitor was started anew and says the same", { [name.look]: aged(5) }),
    of("the monitor moved to another pod", { [up]: absent, 'up{job="falkordrill",instance="n"}': always(1) }),
    of("a vault cannot be read", { ...gone(near), [name.up(near)]: always(0) }, "VaultUnreadable"),
    of("a vault is no longer in the configuration", gone(near), "VaultVanished"),
    of("the clock of the monitor was set back an hour", { [name.look]: aged(hour) }, "ClockWrong"),
    of("a look hangs and old values come for ever", { [name.look]: stopped(begins, 601) }, "ClockWrong"),
    of(
      "an empty vault",
      {
        [name.newest(near)]: always(0),
        [name.backup]: always(0),
        [name.point("loaded")]: always(0),
        [name.point("property")]: always(0),
        [name.proven]: absent,
        [name.archive]: absent,
      },
      "NothingRestorable",
      "NeverProven",
    ),
    of(
      "all backups are faulty, and the newest looks young",
      { [name.newest(near)]: always(0), [name.backup]: aged(hour), [name.state("faulty")]: always(4) },
      "NothingRestorable",
      "NewestBackupNotRestorable",
      "RestorePointFaulty",
    ),
    of(
      "the schedule is off",
      { [name.newest(near)]: aged(27 * hour), [name.backup]: aged(27 * hour), [name.archive]: absent },
      "RestorePointOld",
      "RpoBroken",
    ),
    of("a disaster would lose more than the RPO", { [name.newest(near)]: aged(20 * minute) }, "RpoBroken"),
    of(
      "the source shrank suddenly",
      { [name.backup]: aged(5), [name.state("doubtful")]: always(1) },
      "NewestBackupNotRestorable",
    ),
    of(
      "a backup is dated ahead",
      { [name.backup]: aged(-2 * day), [name.state("doubtful")]: always(1) },
      "NewestBackupNotRestorable",
    ),
    of(
      "retention removed the last proven backup",
      { [name.point("loaded")]: always(0), [name.point("property")]: always(0), [name.proven]: always(0) },
      "NeverProven",
    ),
    of("proofs expired, and backups go on", { [name.proven]: aged(9 * day) }, "ProofOld"),
    of(
      "proofs of the archive stopped, and verifies go on",
      { [name.point("property")]: aged(9 * day) },
      "PropertyProofOld",
    ),
    of(
      "a proof found the chain wrong, and the backup completed",
      { [name.state("faulty")]: always(1) },
      "RestorePointFaulty",
    ),
    of("a part is missing in the vault", { [name.state("damaged")]: always(1) }, "VaultDamaged"),
    of("a backup was removed past the catalogue", { [name.problems]: always(1) }, "VaultTampered"),
    of("the vault was put back to an older state", { [name.problems]: always(3) }, "VaultTampered"),
    of("backups begin and never complete", { [name.begun]: (t) => 14 + Math.floor(t / day) }, "BackupsFail"),
    of("one backup was interrupted, and the next one is fine", { [name.begun]: (t) => 11 + Math.floor(t / day) }),
    of(
      "the archive stalled, and a full backup was made since",
      { [name.archive]: aged(40 * minute) },
      "ArchiveStalled",
    ),
    of("a slow vault: the archive is ten minutes behind", {
      [name.archive]: aged(10 * minute),
      [name.newest(near)]: aged(10 * minute),
    }),
    of("rules that would remove nearly all", { [name.deletions]: always(880) }, "PruneRemovesMost"),
    of("a lock is near its end", { [name.lockEnd]: (t) => t + 36 * hour }, "ObjectLockEnds"),
    of("an object is not locked", { [name.unlocked]: always(1) }, "ObjectsUnlocked"),
    of("a key expires soon", { [name.expiry]: (t) => t + 10 * day }, "KeyExpires"),
    of("a key has expired", { [name.expiry]: (t) => t - hour, [name.usable]: always(0) }, "KeyExpires", "KeyUnusable"),
    of(
      "the second region is behind",
      { [name.lag]: always(2 * hour), [name.newest(far)]: aged(2 * hour + 70) },
      "ReplicaBehind",
      "RpoBroken",
    ),
    of("the second region forked", { [name.divergences("fork")]: always(1) }, "ReplicaDiverged"),
    of("an object of the second region was replaced", { [name.divergences("altered")]: always(1) }, "ReplicaDiverged"),
    of(
      "the second region cannot be reached",
      { ...gone(far), [name.up(far)]: always(0), [name.replicaUp]: always(0) },
      "VaultUnreadable",
      "ReplicaUncompared",
    ),
    ledTo(
      begins - 2 * hour,
      // An evaluation at the very moment when it begins must not find it yet.
      of(
        "the disk of the source fills evenly, and is full in eight hours",
        { [name.free("source")]: (t) => ((begins + 8 * hour + minute / 2 - t) / hour) * 8 * gib },
        "DiskFullSoon",
      ),
    ),
    ledTo(
      begins - 41 * minute,
      of(
        "writes that began 41 minutes ago fill the disk of the source in six hours",
        { [name.free("source")]: (t) => (100 - ((t - begins + 41 * minute) / hour) * 15) * gib },
        "DiskFullSoon",
      ),
    ),
    ledTo(
      begins - 2 * hour,
      of(
        "the disk of the vault fills slowly, and is nearly full",
        { [name.free("near")]: (t) => (50 - ((t - begins) / hour) * 2) * gib },
        "DiskNearlyFull",
      ),
    ),
    of("a command crashed and left its lock", { [name.locks("dead")]: always(1) }, "LockLeft"),
    of("a long backup holds its lock", { [name.locks("alive")]: always(1) }),
    of("the folder of runs is gone", { ...gone('runs="r"'), [name.runs]: always(0) }, "RunsUnreadable"),
    of("a drill failed", { [name.verdict("pass")]: always(0), [name.verdict("fail")]: always(1) }, "DrillFailed"),
    of(
      "drills are inconclusive for days",
      { [name.verdict("pass")]: always(0), [name.verdict("inconclusive")]: always(1), [name.passed]: aged(9 * day) },
      "DrillNotPassed",
    ),
    of("drills do not run any more", { [name.passed]: aged(8 * day + hour) }, "DrillNotPassed"),
    of(
      "the disk is foretold to be full in ten days",
      { [name.breaks("space")]: (t) => t + 10 * day },
      "ObjectiveForetold",
    ),
    of(
      "a disk that was foretold to be full yesterday is not looked at again since",
      { [name.breaks("space")]: aged(day) },
      "ObjectiveForetold",
    ),
    of("an expiry is foretold, of which the key itself warns", { [name.breaks("key")]: (t) => t + 10 * day }),
    of(
      "forecasts are not made any more, and the last one foretells a break",
      { [name.forecast]: aged(9 * day), [name.breaks("space")]: (t) => t + 3 * day },
      "ForecastOld",
    ),
    of("a drill took longer than the RTO", { [name.rto]: always(1000) }, "DrillRtoMissed"),
  ];
}

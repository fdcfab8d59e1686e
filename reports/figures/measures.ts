// The one registry of what a scenario measures and looks at: a name for people, and one sentence on what it means. Units
// follow from the names (metrics.ts). Reports, the HELP texts of Prometheus and docs take their words from here.
import { witnessEntries } from "./witnesses.ts";

export interface Measure {
  readonly label: string;
  /** What exactly is measured or counted, in one sentence. */
  readonly means: string;
}

type Entry = readonly [label: string, means: string];

/** Figures, in the order in which a reader asks for them. */
const metricEntries = {
  nodes: ["nodes", "Nodes of the generated graphs."],
  edges: ["edges", "Edges of the generated graphs."],
  rtoMs: ["RTO, disaster to first correct answer", "Time from the disaster to the first correct answer of the target."],
  firstAnswerMs: ["restore to first correct answer", "Time from the start of the restore to the first correct answer."],
  operationalMs: [
    "restore to fully operational",
    "Time from the start of the restore until every index is operational.",
  ],
  restoreMs: ["restore", "Time that the restore took, until the target was fully operational."],
  rpoMs: ["RPO, time of the lost writes", "Time between the last write that came back and the disaster."],
  rpoWrites: [
    "RPO, acknowledged writes lost",
    "Writes acknowledged after the cut of the backup, which no restore of it can hold.",
  ],
  lostBeforeCutWrites: [
    "writes lost before the cut",
    "Writes acknowledged before the cut that did not come back; must be 0.",
  ],
  writePauseMs: [
    "longest that a writer waited for a write",
    "Longest time that a writer waited for one write during the drill.",
  ],
  systemPauseMs: [
    "pause, as the backup system saw it",
    "Time from the pause request to the answer of the resume request.",
  ],
  writesHeld: ["writes held by the pause", "Writes that waited because the backup had paused them."],
  writesAcknowledged: ["writes acknowledged through the service", "Writes that the graph service acknowledged."],
  engineWritesAcknowledged: [
    "writes acknowledged by the engine",
    "Writes sent straight to the engine and acknowledged by it.",
  ],
  writersPerSecond: ["writes of all writers", "Writes acknowledged per second, all writers together."],
  backupMs: ["backup, until it is complete", "Time from the start of the backup until it can be restored."],
  verifyMs: ["full proof", "Time to read the restored graphs back and compare them with the expectation."],
  canaryMs: ["proof of the checks", "Time to plant canaries on the restored server and have the checks catch them."],
  sourceStartMs: ["start of the source engine", "Time until the empty source engine answered."],
  generateMs: ["generating the graph", "Time to generate the graphs from the seed."],
  loadMs: ["loading the graph", "Time to load the generated graphs into the source."],
  indexMs: ["building its indexes", "Time to build all indexes of the source."],
  generateAndLoadMs: ["generating and loading", "Time to generate and load together."],
  rawSaveMs: ["raw limit: the engine's SAVE", "Time of the engine's own SAVE of the same graphs, in the same run."],
  rawLoadMs: [
    "raw limit: the engine's load",
    "Time in which the engine loads its own dump of the same graphs, in the same run.",
  ],
  rawBytes: ["raw limit: the engine's dump", "Size of the engine's own dump of the same graphs."],
  snapshotBytes: ["snapshot before compression", "Size of the snapshot before compression and encryption."],
  storedBytes: ["backup size", "Bytes that the backup takes where it is stored."],
  incrementBytes: ["increment size", "Bytes that the last increment takes where it is stored."],
  fullBackups: ["full backups", "Full backups made during the scenario."],
  archivedMs: ["archived time span", "Length of the history that the archive holds."],
  momentVagueMs: [
    "vagueness of a restored time",
    "Longest span of writes between which a restored time could not decide.",
  ],
  firstWriteAfterDisasterMs: [
    "disaster to first accepted write",
    "Time from the disaster to the first write that was acknowledged again.",
  ],
  writesUnknownDuringRestore: [
    "writes without an answer during the restore",
    "Writes sent during the restore that got neither a refusal nor an acknowledgement.",
  ],
  openAfterKillMs: [
    "writes let in after a killed backup",
    "Time from the kill of a backup until a write was acknowledged again.",
  ],
  longWriteMs: ["the long write", "Time that the write took that was longer than the drain deadline."],
  serviceClockAheadMs: [
    "clock of the service, ahead",
    "How far the clock of the graph service is ahead of this machine's.",
  ],
  tenantsWrittenTo: ["tenants written to", "Tenant graphs that received a write."],
  hangNoticedMs: [
    "time until a hung engine was noticed",
    "Time that the engine was silent before it was named as hung.",
  ],
  savePointSeconds: ["seconds between save points", "Interval in seconds at which the engine saves by itself."],
  aofTailCutBytes: ["cut from the end of the AOF", "Bytes that redis-check-aof removed from a torn append-only file."],
  bareWritesPerSecond: ["writes without protection", "Writes acknowledged per second without any persistence."],
  protectedWritesPerSecond: ["writes with protection", "Writes acknowledged per second with this persistence mode."],
  writeCostShare: ["write cost of the protection", "Share of the write rate that the protection costs, 0 to 1."],
  transferThroughputShare: [
    "write rate in the transfer",
    "Write rate while the snapshot is read, as a share of the rate before.",
  ],
  replicaLagMaxMs: [
    "replication lag, longest",
    "Longest time from a change in the first region until it could be restored from the second.",
  ],
  nearRestoreMs: [
    "restore from the first region",
    "Time of a restore of the same moment from the first region's vault.",
  ],
  rtoRatio: [
    "restore from the second region, of the first",
    "Time of a restore from the second region, as a multiple of one of the same moment from the first.",
  ],
  failbackLagMs: [
    "replication lag after the fail back",
    "Time from the first writes of the new first region until the second region could restore them.",
  ],
  replicaFirstTrafficBytes: [
    "bytes to the second region, first state",
    "Bytes on the way to and from the second region for the first state.",
  ],
  replicaTrafficBytes: ["bytes to the second region", "Bytes on the way to and from the second region for all states."],
  replicaStoredBytes: ["bytes in the second region", "Bytes that the second vault holds after all states."],
  resticFirstTrafficBytes: [
    "restic and rclone: bytes on the way, first state",
    "The same for a repository of restic that rclone brings there.",
  ],
  resticTrafficBytes: [
    "restic and rclone: bytes on the way",
    "The same for a repository of restic that rclone brings there.",
  ],
  resticStoredBytes: [
    "restic and rclone: bytes stored",
    "Bytes that the repository of restic holds after the same states.",
  ],
  backupPeakRssBytes: ["memory of a backup to S3, peak", "Largest resident memory of a backup to S3."],
  replicatePeakRssBytes: ["memory of a replication to S3, peak", "Largest resident memory of a replication to S3."],
  restorePeakRssBytes: ["memory of a restore from S3, peak", "Largest resident memory of a restore from S3."],
  harnessPeakRssBytes: ["harness memory, peak", "Largest resident memory of FalkorDrill itself."],
} as const satisfies Record<string, Entry>;

/** Names with parts that a scenario fills in: a window of the writers, a quantile, a disaster, a defect. */
const families: readonly (readonly [pattern: RegExp, of: (...parts: string[]) => Entry])[] = [
  [/^ackedPerSecond(.*)$/, (window) => both(`acknowledged writes, ${spoken(window)}`)],
  [/^writePause(P50|P99|Max)Ms$/, (part) => both(`write pause as writers saw it, ${spoken(part)}`)],
  [/^writeHold(P50|P99|Max)Ms$/, (part) => both(`a held write until its acknowledgement, ${spoken(part)}`)],
  [
    /^(write|episode)Latency(P50|P99)(.*)Ms$/,
    (kind, part, window) => both(`${kind} latency ${spoken(window)}, ${spoken(part)}`),
  ],
  [
    /^(killed|powerLoss|volumeGone)(Rto|Rpo)(?:Ms|Writes)$/,
    (disaster, what) => both(`${what.toUpperCase()}, ${spoken(disaster)}`),
  ],
  [
    /^fullFor:(.*)$/,
    (defect) => [`full backup for ${defect}`, "1 where a replication defect was answered with a full backup."],
  ],
];

const words: Readonly<Record<string, string>> = {
  Before: "before the backup",
  During: "during the backup",
  After: "after the backup",
  Whole: "over the whole drill",
  Fork: "across the fork",
  Transfer: "while the snapshot is read",
  P50: "median",
  P99: "99th percentile",
  Max: "longest",
  killed: "process killed",
  powerLoss: "page cache lost",
  volumeGone: "disk gone",
};

function spoken(part: string): string {
  return words[part] ?? part;
}

function both(label: string): Entry {
  return [label, `${label.charAt(0).toUpperCase()}${label.slice(1)}.`];
}

/** Undefined for a metric that is not registered here: it is shown under its own name. */
export function metricMeasure(name: string): Measure | undefined {
  const family = families.find(([pattern]) => pattern.test(name));
  if (family === undefined) return measureOf(metricEntries, name);
  const [pattern, of] = family;
  const [label, means] = of(...(pattern.exec(name)?.slice(1) ?? []));
  return { label, means };
}

/** Undefined for a witness that is not registered here. */
export function witnessMeasure(name: string): Measure | undefined {
  return measureOf(witnessEntries, name);
}

function measureOf(entries: Readonly<Record<string, Entry>>, name: string): Measure | undefined {
  const entry = Object.hasOwn(entries, name) ? entries[name] : undefined;
  return entry === undefined ? undefined : { label: entry[0], means: entry[1] };
}

/** Every metric and witness that has words of its own here; families apart, whose names scenarios make. */
export const measureNames: readonly string[] = [
  ...new Set([...Object.keys(metricEntries), ...Object.keys(witnessEntries)]),
];

// The one registry of what a scenario measures and looks at: a name for people, and one sentence on what it means. Units
// follow from the names (metrics.ts). Reports, the HELP texts of Prometheus and docs take their words from here.

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
  harnessPeakRssBytes: ["harness memory, peak", "Largest resident memory of FalkorDrill itself."],
} as const satisfies Record<string, Entry>;

/** What the checks and steps of a scenario had to look at: zero means that nothing of this kind was checked. */
const witnessEntries = {
  graphsCompared: ["graphs compared", "Graphs looked for in the restored engine."],
  nodesCompared: ["nodes compared", "Nodes compared with labels, properties and stored types."],
  edgesCompared: ["edges compared", "Edges compared with type, ends, properties and stored types."],
  propertiesCompared: ["properties compared", "Property values compared, stored type included."],
  doublesCompared: ["doubles compared", "Stored doubles compared to the last bit."],
  vectorsProbed: ["vectors probed", "Vectors compared by type, dimension and distance to a probe."],
  vectorsComparedByBytes: ["vectors compared byte by byte", "Vectors of a seeded sample compared byte by byte."],
  indexesCompared: ["indexes compared", "Indexes compared with fields, kinds and options."],
  indexLookups: ["index lookups", "Values and ranges looked up by an index and by a scan."],
  indexLookupsWithRows: ["index lookups with rows", "Index lookups for which the scan has at least one row."],
  indexesUsed: ["index lookups planned by an index", "Lookups whose query plan really uses the index."],
  wordLookups: ["full-text words looked up", "Words looked up by the full-text index and by a scan."],
  wordsFound: ["rows with these words", "Rows that a scan finds for the words looked up."],
  constraintsCompared: ["constraints compared", "Constraints compared by kind, label and properties."],
  violationsAttempted: ["violations attempted", "Writes that violate a constraint, tried on the restored engine."],
  invariantsChecked: ["Graphiti invariants checked", "Guarantees of Graphiti about its graphs that were checked."],
  searchesCompared: ["Graphiti searches compared", "Searches asked of source and target and compared."],
  searchRows: ["rows of Graphiti searches", "Rows that these searches gave."],
  settingsCompared: ["server settings compared", "Settings compared between source and restored server."],
  otherKeysCompared: ["other keys compared", "Keys that are not graphs, compared between source and restored server."],
  functionsCompared: ["functions compared", "Function libraries compared between source and restored server."],
  writesTried: ["writes tried", "Writes tried on the restored server."],
  sourceGraphsCompared: [
    "graphs of the source compared",
    "Graphs of the source compared with what it held before the backup.",
  ],
  writesAcknowledgedBeforeCut: [
    "writes acknowledged before the cut",
    "Acknowledged writes that the backup has to hold.",
  ],
  writesAcknowledgedAfterCut: ["writes acknowledged after the cut", "Acknowledged writes that the backup cannot hold."],
  writesAcknowledgedDuringBackup: [
    "writes acknowledged during the backup",
    "Writes acknowledged between start and end of the backup.",
  ],
  writesAcrossFork: ["writes across the fork", "Writes in flight when the engine forked for the snapshot."],
  writesAcknowledgedInTransfer: [
    "writes acknowledged in the transfer",
    "Writes acknowledged while the snapshot was read.",
  ],
  episodesTorn: ["torn episodes", "Episodes of which only a part is in the restored graph, as predicted for this cut."],
  ringNodesWalked: ["ring nodes walked", "Nodes walked of the ring that writers turn."],
  churnItemsCompared: ["churn items compared", "Items of the create-and-delete workload compared."],
  deletesCompared: ["deletes compared", "Deleted items that must stay deleted."],
  hubUpdatesCompared: ["hub updates compared", "Updates of one much-written node compared."],
  countersCompared: ["counters compared", "Counters compared with the acknowledged increments."],
  tracesRead: ["writes read back", "Traces that single writes left in the graph, read back."],
  ledgerAccountsCompared: ["ledger accounts compared", "Account balances compared with the transfers."],
  entitiesCompared: ["entities compared", "Nodes and edges compared between source and restored graph."],
  pausesObserved: ["pauses observed", "Pauses of writes seen from outside the backup."],
  pausesHeldToWrites: ["pauses held against writes", "Pauses compared with begin and end of every write."],
  writesHeldToPause: ["writes held against the pause", "Writes whose begin and end were compared with the pause."],
  writesLetInAgain: ["writes let in after the backup", "Writes acknowledged after the pause had ended."],
  writesRefused: ["writes refused", "Writes that the service refused."],
  writesAcknowledged: ["writes acknowledged", "Acknowledged writes of the persistence comparison."],
  storedFilesRead: ["stored files read", "Files of the backup read for content in clear."],
  storedMessages: ["encrypted messages read", "Encrypted messages whose recipients were read."],
  canariesSearched: ["canary texts searched", "Texts of the graphs searched in the stored files."],
  acknowledgedHeld: ["acknowledged writes held", "Acknowledged writes that the source held before the backup."],
  acknowledgedNeverStored: ["acknowledged, never stored", "Writes that an application acknowledged and never stored."],
  restoresRefused: ["restores refused", "Restores that had to be refused, and were."],
  serversRecreated: ["servers created anew", "Servers created anew on what their volumes hold."],
  graphsKeptByRestart: [
    "graphs kept by a restart",
    "Graphs that a restarted container still had, though on no volume.",
  ],
  faultsFired: ["faults injected", "Faults that really happened."],
  eventsHappened: ["source events", "Flushes, restarts and failovers of the source that really happened."],
  engineHangs: ["hung engines", "Engines that stopped answering and were started again."],
  servicesKilled: ["services killed", "Graph services killed."],
  backupsKilled: ["backups killed", "Backups killed before they ended."],
  archiversKilled: ["archivers killed", "Archivers killed while they worked."],
  killedWhileFollowing: ["archivers killed while following", "Archivers killed while they followed the source."],
  restartsGoneOn: [
    "restarts that continued",
    "Restarted archivers that continued the chain without a new full backup.",
  ],
  settingsLeftBehind: [
    "settings left by a killed backup",
    "Settings of the source that a killed backup had left changed.",
  ],
  pausesLeftBehind: ["pauses left by a killed backup", "Pauses that a killed backup had left."],
  partsLeftBehind: ["parts left by a killed backup", "Stored parts that a killed backup had left."],
  backupsRefused: ["backups refused", "Backups that had to be refused, and were."],
  backupsHashed: ["backups hashed", "Backups hashed before and after a killed prune."],
  restorePoints: ["restore points", "Restore points listed by the system."],
  statesProven: ["states proven", "Restore points restored and compared."],
  momentsReached: ["moments restored", "Moments restored and compared with the history of the writers."],
  linksRestored: ["increments restored", "Increments of a chain restored and compared."],
  incrementsLinked: ["increments taken", "Increments that continued the chain."],
  incrementsCompacted: ["increments compacted", "Increments merged into a full backup."],
  fullsInPlaceOfIncrements: ["full backups instead of increments", "Increments that became a full backup."],
  trapsInChain: [
    "replication defects kept in the chain",
    "Defects of the engine's replication that the chain holds rightly.",
  ],
  trapsAnsweredWithFulls: [
    "replication defects answered with a full backup",
    "Defects recognised and answered with a full backup.",
  ],
  segmentsSealed: ["segments sealed", "Segments that archivers completed."],
  badChainsTried: ["damaged chains tried", "Damaged chains that a restore had to refuse."],
  tamperingsMade: ["changes made to the restored graph", "Changes made on purpose to the restored graph."],
  tamperingsNamed: ["of these found", "Changes made on purpose that the checks named."],
  damagesMade: ["stored backups damaged", "Backups whose stored bytes were changed on purpose."],
  damagesRefused: ["of these refused", "Damaged backups whose restore failed, as it should."],
  backupsWithoutSource: ["backups without their source", "Backups asked for while the source was down."],
  unknownPointsTried: ["unknown restore points tried", "Restores of backups that do not exist."],
  pointsPruned: ["restore points pruned", "Restore points that a prune removed."],
  prunesRefused: ["prunes refused", "Prunes that had to be refused, and were."],
  prunesBesideBackup: ["prunes during a backup", "Prunes that ran during a backup."],
  prunesBesideRestore: ["prunes during a restore", "Prunes that ran during a restore."],
  writesRefusedDuringRestore: ["writes refused during the restore", "Writes refused while the restore ran."],
  writesAcknowledgedDuringRestore: [
    "writes acknowledged after the restore",
    "Writes of the same writers acknowledged after the restore.",
  ],
  longWriteEpisodes: ["episodes of the long write", "Episodes that the long write holds."],
  labelsNewInTransfer: ["labels new in the transfer", "Labels created while the snapshot was read."],
  indexesNewInTransfer: ["indexes new in the transfer", "Indexes created while the snapshot was read."],
  loadsMade: ["bulk loads made", "Bulk loads made to provoke a hang."],
  defectsPlayed: ["known defects tried", "Defects of the track record that were tried."],
  defectsShown: ["known defects shown", "Defects of the track record that this engine showed."],
  defectsNamed: ["known defects named", "Findings that name a defect of the engine."],
  divergencesNamed: [
    "diverged sources named",
    "Findings that name a source that differs from its own replication stream.",
  ],
  waysThatWork: ["ways around a defect", "Ways of writing that a defect does not touch."],
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

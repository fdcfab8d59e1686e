// Step 4, back up with the system under test, while writers write.
import { systemClock } from "../../base/clock.ts";
import { errorMessage } from "../../base/errors.ts";
import { connect } from "../../falkordb/client/connection.ts";
import { streamOffset } from "../../falkordb/client/stream-offset.ts";
import { tryWrite } from "../../observe/try-write.ts";
import type { Phase } from "../../base/phases.ts";
import type { Span } from "../../check/history/moment.ts";
import type { AskedPause } from "../../workload/history/judge-pause.ts";
import type { BackupOutcome } from "../../system/system.ts";
import type { Drill } from "../drill.ts";
import type { CycleSetup } from "./prepare.ts";
import { proveHeld } from "../proof/held-proof.ts";
import { bytesStored, judgeReported, type StoredFiles, storedFiles } from "../proof/reported-figures.ts";
import { judgeSourceHeld, type GraphSizes, graphSizes } from "../proof/source-held.ts";
import type { Workload } from "./work.ts";

export interface Backup extends BackupOutcome {
  readonly ms: number;
  /**
   * When the cut was, on the history clock: with coordination from the answer of the pause to the sending of the
   * resume, without it from the start to the end of the backup.
   */
  readonly cut: Span;
  /** Start and end of the backup, on the same clock. */
  readonly span: Span;
  /**
   * When the engine forked and when the snapshot was transferred, as precisely as known: from the pause that the drill
   * observed, else from the phases that the system reports. Undefined if it reports none.
   */
  readonly fork?: Span | undefined;
  readonly transfer?: Span | undefined;
  /** Pauses that the system requested; undefined if it ran in its own process. */
  readonly asked?: readonly AskedPause[] | undefined;
  /** Whether the service accepted writes when the backup had ended; undefined if not checked. */
  readonly stateAfter?: string | null | undefined;
}

export async function backUp(drill: Drill, stage: CycleSetup, writers: Workload | undefined): Promise<Backup> {
  const { progress, signal, record } = drill;
  await writers?.moreAcknowledged("before the backup");
  if (writers !== undefined && writers.episodes.length > 0) await mustHoldAcknowledged(drill, stage);
  progress.step(`back up with the ${stage.system.name} system`);
  const { source, coordinator, system } = stage;
  const graphs = await graphSizes(source.endpoint);
  const before = await measure(stage);
  const startedMs = systemClock.monotonicMs();
  const outcome = await system.backup({
    source,
    coordinator: stage.coordinated ? coordinator : undefined,
    progress,
    signal,
  });
  const endedMs = systemClock.monotonicMs();
  const after = await measure(stage);
  const stateAfter = await stateAfterBackup(stage);
  await mustTakeWrites(drill, stage);
  await mustHoldGraphs(drill, stage, graphs);
  await mustNotEvict(drill, stage);
  record.phases(outcome.phases.map((phase) => ({ ...phase, name: `backup/${phase.name}` })));
  const listed = await stage.system.list();
  record.observation("restore-points", listed);
  if (!listed.some((point) => point.id === outcome.point.id)) {
    record.finding({
      code: "backup-not-listed",
      severity: "error",
      subject: outcome.point.id,
      message: "the system reported a backup that its own list does not show",
      evidence: { listed: listed.map((point) => point.id) },
    });
  }
  // Without coordination the cut may be anywhere from the start of the backup to its end.
  const span = { fromMs: startedMs, toMs: endedMs };
  const asked = coordinator.askedSince(startedMs);
  const pause = coordinator.cut();
  if (pause !== undefined) record.witness("pausesObserved", 1);
  const epochMs = systemClock.nowMs() - systemClock.monotonicMs();
  const onWallClock = ({ fromMs, toMs }: Span): Span => ({ fromMs: fromMs + epochMs, toMs: toMs + epochMs });
  const reported = judgeReported(outcome, {
    span: onWallClock(span),
    pause: pause && onWallClock(pause),
    offsets:
      before.offset === undefined || after.offset === undefined
        ? undefined
        : { before: before.offset, after: after.offset },
    // A vault holds all that its system stores.
    storedBytes: system.capabilities.has("vault") ? bytesStored(before.files, after.files) : undefined,
  });
  for (const finding of reported) record.finding(finding);
  const fork = pause ?? phaseSpan(outcome.phases, "cut", startedMs);
  const stream = phaseSpan(outcome.phases, "stream", startedMs);
  // The engine sends from its fork on, whenever the system starts reading.
  const transfer = stream && { fromMs: Math.min(fork?.toMs ?? stream.fromMs, stream.fromMs), toMs: stream.toMs };
  const backup = { ...outcome, ms: endedMs - startedMs, cut: pause ?? span, span, fork, transfer, asked, stateAfter };
  mark(drill, backup, pause);
  return backup;
}

async function measure({ source, vault }: CycleSetup): Promise<{ files: StoredFiles; offset: number | undefined }> {
  const offset = async (): Promise<number> => {
    await using connection = await connect(source.endpoint);
    return await streamOffset(connection);
  };
  // A backup that stops its source is found by what comes next.
  return { files: await storedFiles(vault), offset: await offset().catch(() => undefined) };
}

/** What the source never held, no backup can bring back: the application and its settings are to blame. */
async function mustHoldAcknowledged(drill: Drill, { source }: CycleSetup): Promise<void> {
  const { findings, witnesses } = await proveHeld(drill, source);
  for (const finding of findings) drill.record.finding(finding);
  for (const [name, count] of Object.entries(witnesses)) drill.record.witness(name, count);
}

/** A backup must leave its source running. Blocked writers show only that they are blocked, and not why. */
async function mustTakeWrites({ record }: Drill, { source, system }: CycleSetup): Promise<void> {
  const { taken, error } = await tryWrite(source.endpoint).catch((thrown: unknown) => ({
    taken: false,
    error: errorMessage(thrown),
  }));
  if (taken) return;
  if (error?.startsWith("OOM") === true) {
    const message = `the source is full and takes no writes, whatever the backup did: ${error}`;
    record.assumption("source-full", message, { error });
    return;
  }
  record.finding({
    code: "writes-not-let-in",
    severity: "error",
    subject: "source",
    message: `after the backup of the ${system.name} system the source takes no writes: ${error}`,
    evidence: { error },
  });
}

/** A source that does not answer is found by what comes next. */
async function mustHoldGraphs({ record }: Drill, { source }: CycleSetup, before: GraphSizes): Promise<void> {
  const after = await graphSizes(source.endpoint).catch(() => undefined);
  for (const finding of after === undefined ? [] : judgeSourceHeld(before, after)) record.finding(finding);
}

/** A source that evicts loses whole graphs, before a backup as well as after it. */
async function mustNotEvict({ record }: Drill, { source }: CycleSetup): Promise<void> {
  await using connection = await connect(source.endpoint);
  const { evicted_keys: evicted = "0" } = await connection.info("stats");
  if (evicted === "0") return;
  const { maxmemory, maxmemory_policy: policy } = await connection.info("memory");
  const message =
    `the source evicted ${evicted} keys, and a graph is one key: what it no longer held is not in the backup ` +
    `(maxmemory ${maxmemory}, maxmemory-policy ${policy})`;
  record.assumption("source-evicted", message, { evicted: Number(evicted), maxmemory, policy });
}

/** The system's own clock starts with the backup. */
function phaseSpan(phases: readonly Phase[], name: string, startedMs: number): Span | undefined {
  const phase = phases.find((candidate) => candidate.name === name);
  if (phase === undefined) return undefined;
  return { fromMs: startedMs + phase.startMs, toMs: startedMs + phase.startMs + phase.ms };
}

function mark({ record }: Drill, { span, fork, transfer }: Backup, pause: Span | undefined): void {
  record.mark("backup-started", span.fromMs);
  if (pause !== undefined) record.mark("writes-paused", pause.fromMs);
  if (fork !== undefined) record.mark("fork", fork.fromMs, "at the earliest");
  if (fork !== undefined) record.mark("cut", fork.toMs, "at the latest");
  if (pause !== undefined) record.mark("writes-resumed", pause.toMs);
  if (transfer !== undefined) record.mark("transfer-started", transfer.fromMs);
  if (transfer !== undefined) record.mark("transfer-ended", transfer.toMs);
  record.mark("backup-ended", span.toMs);
}

/** Reads the service state right after a backup, before a timeout could let writes in again. */
async function stateAfterBackup({ admin }: Pick<CycleSetup, "admin">): Promise<string | null> {
  return await admin.status().then(
    ({ writes }) => writes.state,
    () => null,
  );
}

// One full backup, from the check of the source to the signed manifest. If any step fails, writes go on, the server's
// settings are restored, and the vault holds no additional backup.
import type { PrivateKey } from "openpgp";
import { passPoint } from "../../base/process/crash-point.ts";
import { type Clock, systemClock } from "../../base/clock.ts";
import { address } from "../../base/endpoint.ts";
import { environmentError } from "../../base/errors.ts";
import { packageVersion } from "../../base/package.ts";
import type { Progress } from "../../base/progress.ts";
import type { Engine } from "../../engine/engine.ts";
import { connect, type Connection } from "../../falkordb/client/connection.ts";
import type { StreamPosition } from "../../falkordb/replication/replication-client.ts";
import { RdbWalk } from "../../falkordb/rdb/rdb-walk.ts";
import type { WriteCoordinator } from "../../service/coordinator.ts";
import { compressionLevel } from "../parts/compression.ts";
import { checkSource, sourceSilenceMs, takeCut, type TakenCut } from "./cut.ts";
import { describeGraphs } from "./describe-graphs.ts";
import { collectIfAllowed } from "../store/garbage.ts";
import { overrideSettings } from "./override-settings.ts";
import { withoutJournal } from "./settings-journal.ts";
import type { HeldLock } from "../locks/held-lock.ts";
import type { KeyEntry, Keyring } from "../keys/keyring.ts";
import {
  type EncryptionProfile,
  type Manifest,
  type ManifestParent,
  manifestVersion,
  type TextSample,
} from "../store/manifest.ts";
import { restoreArchiveSettings } from "../archive/archive-settings.ts";
import { judgeSource } from "./judge-source.ts";
import { mustBeLoadable, whyNotLoadable } from "./loadable.ts";
import { PartWorkers } from "../parts/part-workers.ts";
import { type Phase, PhaseTimer } from "../../base/phases.ts";
import { writePin } from "../store/pin.ts";
import { suspicionWords } from "../store/noise.ts";
import { pointOf, type BackupSummary } from "../store/restore-points.ts";
import { readSourceFacts, versionsWithin } from "./source-facts.ts";
import type { Store } from "../store/store.ts";
import { addSamples } from "../parts/text-sample.ts";
import { noLimit, RateLimit } from "../parts/rate-limit.ts";
import { tryAppend } from "../catalogue/append.ts";
import { problemsOf } from "../catalogue/check-vault.ts";
import { unrecorded } from "../catalogue/unrecorded.ts";
import { writeValidation } from "../store/validation.ts";
import { awaitLock, lockVault } from "../locks/vault-lock.ts";
import { backupFolder, backupPath, newBackupId, writeManifest } from "../store/vault.ts";
import { markFinished, markUnfinished, removePoint } from "../store/unfinished.ts";
import { writeParts } from "../parts/write-parts.ts";

export interface BackupOptions {
  readonly source: Engine;
  /** Absent when no application is in front of the engine. */
  readonly coordinator: WriteCoordinator | undefined;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

export interface BackupResult {
  readonly point: BackupSummary;
  readonly phases: readonly Phase[];
  /** Milliseconds from the pause request to the resume's answer; undefined without a coordinator. */
  readonly pauseMs: number | undefined;
  /** Why the backup is already known not to be restorable; empty or absent where nothing is known. */
  readonly problems?: readonly string[];
  /** Why its text looks like noise; absent where nothing is suspected. */
  readonly suspicion?: string;
}

export interface BackupContext {
  readonly store: Store;
  readonly keyring: Keyring;
  readonly profile: EncryptionProfile;
  readonly partBytes: number;
  /** Reason to pin the backup, so that no prune removes it. */
  readonly pin?: string;
  readonly clock?: Clock;
  /** The backup that is about to replace what the source holds: this one is its safety snapshot. */
  readonly replacedBy?: string;
  /** How long to wait for another writer of the vault; without it the backup does not wait. */
  readonly lockTimeoutMs?: number;
  /** How long the source may not answer, a minute by default; then the connection counts as broken. */
  readonly silenceMs?: number;
  /** Maximum rate at which the snapshot is read; unlimited by default. */
  readonly bytesPerSecond?: number;
  /**
   * What to do with a source that is empty or has suddenly shrunk: refuse it, or accept the new size from now on. Where
   * neither is given, as for unattended runs, it is reported and stored, but displaces no other backup (retention.ts).
   */
  readonly ifShrunk?: "refuse" | "allow";
  /** Accepts text that looks like noise (noise.ts); else that is reported, and the backup displaces no other one. */
  readonly allowNoise?: boolean;
  /** Called at the cut, long before the backup is complete: the stream continues from there. */
  readonly onCut?: (cut: BackupCut) => void;
  /** Awaited before the backup exists. */
  readonly beforeManifest?: () => Promise<void>;
  /** Set where the source was restored from a chain: the facts that the manifest takes from the original source. */
  readonly origin?: BackupOrigin;
}

interface BackupOrigin extends Pick<Manifest, "cut"> {
  readonly parent: ManifestParent;
  readonly graphConfig: Manifest["source"]["graphConfig"];
}

export interface BackupCut extends StreamPosition {
  /** Id of the backup that will hold it. */
  readonly id: string;
  readonly atMs: number;
}

/** State of a backup in progress. */
interface Run extends BackupContext {
  readonly id: string;
  readonly request: BackupOptions;
  readonly timer: PhaseTimer;
  readonly clock: Clock;
  readonly recipients: readonly KeyEntry[];
  readonly workers: PartWorkers;
  readonly lock: HeldLock;
  /** Where settings changed on the server are recorded. */
  readonly journal: Store;
}

export async function createBackup(context: BackupContext, asked: BackupOptions): Promise<BackupResult> {
  const { keyring, clock = systemClock, silenceMs = sourceSilenceMs } = context;
  const timer = new PhaseTimer(clock);
  // Keys first: a backup that cannot be encrypted or signed must not disturb the source at all.
  const signer = await keyring.signer();
  const recipients = await keyring.recipients(context.profile);
  await using lock = await lockOf(context, asked.signal, clock);
  for (const note of lock.notes) asked.progress.note(note);
  const request = { ...asked, signal: AbortSignal.any([asked.signal, lock.signal]) };
  // The worker threads start while the rest is prepared.
  await using workers = new PartWorkers();
  const run: Run = {
    ...context,
    clock,
    id: newBackupId(context.origin?.cut.at ?? new Date(clock.nowMs()).toISOString()),
    request,
    timer,
    recipients,
    workers,
    lock,
    journal: context.origin === undefined ? context.store : withoutJournal(context.store),
  };
  request.progress.step("prepare");
  await using connection = await connect(request.source.endpoint, {
    name: "falkordrill-backup",
    timeoutMs: Math.min(10_000, silenceMs),
    commandTimeoutMs: silenceMs,
  });
  const source = await prepare(run, connection);
  passPoint("backup/source-checked");
  await using resources = new AsyncDisposableStack();
  const cut = await cutWithSettings(run, connection, resources);
  context.onCut?.({ id: run.id, replid: cut.replid, offset: cut.offset, atMs: cut.atMs });
  const manifest = await storeBackup(run, cut, source, signer);
  const problems = await markUnloadable(run, manifest, signer);
  const { suspicion } = manifest;
  const suspected = suspicion === undefined ? {} : { suspicion: suspicionWords(suspicion) };
  return { point: pointOf(manifest), phases: timer.all(), pauseMs: cut.pauseMs, problems, ...suspected };
}

function lockOf({ store, lockTimeoutMs }: BackupContext, signal: AbortSignal, clock: Clock): Promise<HeldLock> {
  if (lockTimeoutMs === undefined) return lockVault(store, "backup", { clock });
  return awaitLock(store, "backup", { timeoutMs: lockTimeoutMs, signal, clock });
}

async function prepare(run: Run, connection: Connection): Promise<Manifest["source"]> {
  const { store, request, timer, lock } = run;
  await checkSource(connection, { note: (line) => request.progress.note(line), signal: request.signal });
  const left = [await collectIfAllowed(store, lock), await restoreArchiveSettings(connection, run.journal)];
  for (const note of left) if (note !== undefined) request.progress.note(note);
  for (const problem of await problemsOf(run)) request.progress.note(problem);
  const source = await readSourceFacts(connection, store, await versionsWithin(request.source, run.silenceMs));
  timer.add("prepare", 0);
  return source;
}

/** The server's settings are restored before the snapshot is transferred. */
async function cutWithSettings(run: Run, connection: Connection, resources: AsyncDisposableStack): Promise<TakenCut> {
  const { request, timer } = run;
  request.progress.step("cut");
  await using settings = await timer.during("settings", () => overrideSettings(connection, run.journal));
  for (const note of settings.notes) request.progress.note(note);
  const startMs = timer.elapsedMs();
  const cut = await takeCut(connection, request.coordinator, request.signal, run);
  resources.use(cut.client);
  passPoint("backup/writes-resumed");
  timer.add("cut", startMs);
  if (cut.pauseMs !== undefined) timer.add("pause", timer.elapsedMs() - cut.pauseMs);
  return cut;
}

/**
 * Writes the parts, then the manifest. A failed run removes its parts; the parts of a crashed run are removed by the
 * next.
 */
async function storeBackup(run: Run, cut: TakenCut, source: Manifest["source"], signer: PrivateKey): Promise<Manifest> {
  const { store, id, request, timer } = run;
  const folder = backupFolder(id);
  try {
    await recordEvents(run, signer, async (catalogue) => [
      ...(await unrecorded(store, catalogue)),
      { does: "began", point: id },
    ]);
    await markUnfinished(store, folder, "backup");
    request.progress.step("stream");
    const manifest = await stream(run, cut, source);
    passPoint("backup/parts-stored");
    await run.beforeManifest?.();
    request.progress.step("sign");
    // The run that broke our lock may have taken our parts for garbage.
    await run.lock.mustHold();
    passPoint("backup/lock-checked");
    if (run.pin !== undefined) await writePin(store, folder, run.pin, run.clock);
    const sha256 = await timer.during("sign", () => writeManifest(store, manifest, signer));
    passPoint("backup/manifest-stored");
    // And once more: a process that was stopped between the two has not noticed that its parts were removed.
    await run.lock.mustHold();
    await recordEvents(run, signer, () => [{ does: "added", point: id, sha256 }]);
    await markFinished(store, folder);
    return manifest;
  } catch (error) {
    await removePoint(store, folder).catch(() => {});
    throw error;
  }
}

async function recordEvents(run: Run, signer: PrivateKey, events: Parameters<typeof tryAppend>[1]): Promise<void> {
  const { store, keyring, clock, request, timer } = run;
  const note = await timer.during("catalogue", () => tryAppend({ store, keyring, signer, clock }, events));
  if (note !== undefined) request.progress.note(note);
}

/**
 * A backup that its own engine cannot load is kept for a version that can, and counts as faulty until a verify passes.
 */
async function markUnloadable(run: Run, manifest: Manifest, signer: PrivateKey): Promise<readonly string[]> {
  const { store, clock, request, timer } = run;
  const problems = whyNotLoadable(manifest);
  if (problems.length === 0) return problems;
  for (const problem of problems) request.progress.note(`NOT RESTORABLE: ${problem}`);
  const found = { at: new Date(clock.nowMs()).toISOString(), ok: false, problems, phases: timer.all() };
  await writeValidation(store, backupFolder(manifest.id), found, signer);
  return problems;
}

async function stream(run: Run, cut: TakenCut, source: Manifest["source"]): Promise<Manifest> {
  const { id, store, workers, partBytes, profile, recipients, clock, timer, origin, bytesPerSecond } = run;
  const { progress, signal } = run.request;
  const startMs = timer.elapsedMs();
  const reader = await cut.client.snapshot();
  const walk = new RdbWalk();
  const observe = (bytes: Buffer): void => walk.push(bytes);
  const keys = recipients.map((entry) => entry.publicKey);
  const pathOf = (name: string): string => backupPath(id, name);
  const limit = new RateLimit(bytesPerSecond === undefined ? noLimit : { ...noLimit, bytesPerSecond }, clock);
  const samples: TextSample[] = [];
  const parts = await writeParts(limit.slowed(reader, signal), {
    pathOf,
    store,
    workers,
    keys,
    profile,
    partBytes,
    observe,
    onText: (sample) => void samples.push(sample),
    progress,
    signal,
  });
  timer.add("stream", startMs, reader.bytes);
  if (parts.length === 0) throw environmentError(`${address(run.request.source.endpoint)} sent an empty snapshot`);
  const content = describeGraphs(walk.summary());
  mustBeLoadable(content);
  const text = addSamples(samples);
  const judged = await judgeSource(run, { content, text });
  return {
    version: manifestVersion,
    id,
    tool: `falkordrill ${packageVersion()}`,
    createdAt: new Date(clock.nowMs()).toISOString(),
    cut: origin?.cut ?? { replid: cut.replid, offset: cut.offset, at: new Date(cut.atMs).toISOString() },
    parent: origin?.parent ?? null,
    source: origin === undefined ? source : { ...source, graphConfig: origin.graphConfig },
    content,
    encryption: { profile, recipients: recipients.map(({ name, fingerprint }) => ({ name, fingerprint })) },
    compression: { format: "zstd", level: compressionLevel },
    rawBytes: reader.bytes,
    storedBytes: parts.reduce((sum, part) => sum + part.storedBytes, 0),
    parts,
    text,
    ...judged,
    ...(run.replacedBy === undefined ? {} : { replacedBy: run.replacedBy }),
  };
}

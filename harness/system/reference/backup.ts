// One full backup, from the check of the source to the signed manifest. Whatever fails on the way: writes go on, the
// server has its settings back, and the vault holds no backup more than before.
import { randomBytes } from "node:crypto";
import type * as openpgp from "openpgp";
import { type Clock, systemClock } from "../../base/clock.ts";
import { environmentError } from "../../base/errors.ts";
import { address, connect, type Connection } from "../../falkordb/connection.ts";
import type { BackupOutcome, BackupRequest } from "../system.ts";
import { compressionLevel } from "./compression.ts";
import { checkSource, takeCut, type TakenCut } from "./cut.ts";
import { borrowSettings } from "./guest.ts";
import type { KeyEntry, Keyring } from "./keyring.ts";
import { type EncryptionProfile, type Manifest, manifestVersion } from "./manifest.ts";
import { PhaseTimer } from "./phases.ts";
import { pointOf } from "./restore-points.ts";
import { readSourceFacts } from "./source-facts.ts";
import type { Store } from "./store.ts";
import { lockVault } from "./vault-lock.ts";
import { collectGarbage, writeManifest } from "./vault.ts";
import { writeParts } from "./write-parts.ts";

export const toolName = "falkordrill 0.1.0";

export interface BackupContext {
  readonly store: Store;
  readonly keyring: Keyring;
  readonly profile: EncryptionProfile;
  readonly partBytes: number;
  readonly clock?: Clock;
}

export async function backUp(context: BackupContext, request: BackupRequest): Promise<BackupOutcome> {
  const { store, keyring, clock = systemClock } = context;
  const { progress } = request;
  const timer = new PhaseTimer(clock);
  // Keys first: a backup that cannot be encrypted or signed must not disturb the source at all.
  const signer = await keyring.signer();
  const recipients = await keyring.recipients(context.profile);
  await using _lock = await lockVault(store, clock);
  progress.step("prepare");
  await using connection = await connect(request.source.endpoint, { name: "falkordrill-backup" });
  await checkSource(connection);
  const garbage = await collectGarbage(store);
  if (garbage > 0) progress.note(`removed ${garbage} objects that an unfinished backup left in the vault`);
  const facts = await readSourceFacts(connection, await request.source.versions());
  timer.add("prepare", 0);
  progress.step("cut");
  const cut = await cutWithSettings(context, connection, request, timer);
  await using _client = cut.client;
  const manifest = await stream(context, cut, recipients, facts, request, timer);
  progress.step("sign");
  await timer.during("sign", () => writeManifest(store, manifest, signer));
  return { point: pointOf(manifest), phases: timer.all(), pauseMs: cut.pauseMs };
}

/** The server has its own settings back before the snapshot flows. */
async function cutWithSettings(
  { store, clock }: BackupContext,
  connection: Connection,
  { coordinator, progress, signal }: BackupRequest,
  timer: PhaseTimer,
): Promise<TakenCut> {
  await using settings = await timer.during("settings", () => borrowSettings(connection, store));
  for (const note of settings.notes) progress.note(note);
  const startMs = timer.elapsedMs();
  const cut = await takeCut(connection, coordinator, signal, clock);
  timer.add("cut", startMs);
  if (cut.drainMs !== undefined) timer.add("pause", timer.elapsedMs() - (cut.pauseMs ?? 0));
  return cut;
}

async function stream(
  context: BackupContext,
  cut: TakenCut,
  recipients: readonly KeyEntry[],
  facts: Manifest["source"],
  request: BackupRequest,
  timer: PhaseTimer,
): Promise<Manifest> {
  const { store, profile, partBytes, clock = systemClock } = context;
  const { progress, signal } = request;
  const id = newId(clock);
  progress.step("stream");
  const startMs = timer.elapsedMs();
  const reader = await cut.client.snapshot();
  const publicKeys: openpgp.PublicKey[] = recipients.map((entry) => entry.publicKey);
  const parts = await writeParts(reader, {
    id,
    store,
    recipients: publicKeys,
    partBytes,
    observe: () => {},
    progress,
    signal,
  });
  timer.add("stream", startMs, reader.bytes);
  if (parts.length === 0) throw environmentError(`${address(request.source.endpoint)} sent an empty snapshot`);
  return {
    version: manifestVersion,
    id,
    tool: toolName,
    createdAt: new Date(clock.nowMs()).toISOString(),
    cut: { replid: cut.replid, offset: cut.offset, at: new Date(cut.atMs).toISOString() },
    parent: null,
    source: facts,
    graphs: null,
    encryption: { profile, recipients: recipients.map(({ name, fingerprint }) => ({ name, fingerprint })) },
    compression: { format: "zstd", level: compressionLevel },
    rawBytes: reader.bytes,
    storedBytes: parts.reduce((sum, part) => sum + part.storedBytes, 0),
    parts,
  };
}

/** Sorts by time; the random end keeps two backups of one second apart. */
function newId(clock: Clock): string {
  const time = new Date(clock.nowMs()).toISOString().replaceAll(/[-:]|\.\d+/g, "");
  return `${time}-${randomBytes(4).toString("hex")}`;
}

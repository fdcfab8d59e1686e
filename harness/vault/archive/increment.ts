// An increment on demand, without a running archiver: everything from the end of the chain up to now, as one segment.
// Where the server's backlog no longer holds the start, a full backup is made instead, and that is reported.
import { usageError } from "../../base/errors.ts";
import { waitFor } from "../../base/wait.ts";
import type { Connection } from "../../falkordb/client/connection.ts";
import { streamOffset } from "../../falkordb/client/stream-offset.ts";
import { restoreArchiveSettings } from "./archive-settings.ts";
import { ArchiveSource } from "./archive-source.ts";
import { createBackup, type BackupContext, type BackupOptions } from "../backup/backup.ts";
import type { ChainWriter } from "../chain/chain-writer.ts";
import { Chains, type Chain } from "./chains.ts";
import { confirmGraphs, confirmNames } from "./confirm-schemas.ts";
import { PartWorkers } from "../parts/part-workers.ts";
import { type Phase, PhaseTimer } from "../../base/phases.ts";
import type { Hazard } from "../chain/segment-manifest.ts";
import { readSegment } from "../chain/segments.ts";

/** Options of an increment on demand: everything up to now that the chain does not hold yet, as one more increment. */
export interface IncrementResult {
  /** The full backup on which the chain is based. */
  readonly base: string;
  /** False where the chain could not be continued and a new full backup was made in its place. */
  readonly continued: boolean;
  /** How far the chain reaches now. */
  readonly offset: number;
  readonly at: string;
  readonly storedBytes: number;
  readonly rawBytes: number;
  readonly phases: readonly Phase[];
  /** Problems of a full backup made instead: why it cannot be restored by this version of the engine. */
  readonly problems?: readonly string[];
}

const catchUpTimeoutMs = 3_600_000;

export interface IncrementOptions {
  /** Refuse instead of making a full backup where the chain cannot be continued. */
  readonly noFull?: boolean;
}

export async function backUpIncrement(
  context: BackupContext,
  request: BackupOptions,
  { noFull = false }: IncrementOptions = {},
): Promise<IncrementResult> {
  const timer = new PhaseTimer(context.clock);
  const { progress, signal } = request;
  await using workers = new PartWorkers();
  const { endpoint } = request.source;
  const note = (line: string): void => progress.note(line);
  await using source = new ArchiveSource({ endpoint, store: context.store, settings: {}, note, signal });
  const hazards: Hazard[] = [];
  const options = { ...request, segmentBytes: Number.POSITIVE_INFINITY, segmentAgeMs: Number.POSITIVE_INFINITY };
  const chains = await Chains.open(context, options, source, workers, (hazard) => void hazards.push(hazard));
  progress.step("increment");
  const chain = await chains.resumeExisting();
  if (chain === undefined) return await full(context, request, timer, chains.whyNot, noFull);
  const outcome = await timer.during(
    "increment",
    () => takeIncrement(context, chain, source, signal),
    ({ rawBytes }) => rawBytes,
  );
  const [hazard] = hazards;
  // Only now, as the killed archiver's settings had the server keep what this increment needed.
  const restored = await restoreArchiveSettings(await source.connection(), context.store);
  if (restored !== undefined) progress.note(restored);
  if (hazard === undefined) return { ...outcome, phases: timer.all() };
  progress.note(`segment ${outcome.segment} of ${outcome.base} can be replayed up to offset ${hazard.offset} only`);
  return await full(context, request, timer, hazard.message, noFull);
}

async function takeIncrement(
  { store, keyring }: BackupContext,
  { follower, lease }: Chain,
  source: ArchiveSource,
  signal: AbortSignal,
): Promise<Omit<IncrementResult, "phases"> & { readonly segment: number }> {
  await using _lease = lease;
  const connection = await source.connection();
  let offset = 0;
  await follower.chain.askHowComplete(async () => (offset = await streamOffset(connection)));
  const isThere = (): true | undefined => (follower.chain.position.offset >= offset ? true : undefined);
  const what = `the stream up to offset ${offset}`;
  const arrived = waitFor(isThere, { what, timeoutMs: catchUpTimeoutMs, signal, exit: "environment" });
  // The connection may break first; then that error is reported.
  const broken = follower.ended.then(() => new Promise<never>(() => {}));
  try {
    await Promise.race([arrived, broken]);
    await Promise.race([confirm(connection, follower.chain, signal), broken]);
    const { base, number, offset: to, at } = await follower.stop("request", { evenIfEmpty: true });
    const { rawBytes, storedBytes } = (await readSegment(store, base, number, keyring)).manifest;
    return { base, continued: true, segment: number, offset: to, at, rawBytes, storedBytes };
  } catch (error) {
    await follower.abandon(error);
    throw error;
  }
}

async function confirm(connection: Connection, chain: ChainWriter, signal: AbortSignal): Promise<void> {
  await confirmNames(connection, chain, signal);
  await confirmGraphs(connection, chain, signal);
}

async function full(
  context: BackupContext,
  request: BackupOptions,
  timer: PhaseTimer,
  why: string,
  noFull: boolean,
): Promise<IncrementResult> {
  if (noFull)
    throw usageError(
      `no increment can be made that brings back this moment: ${why}`,
      "Without --no-full a full backup is made in its place. On the server, repl-backlog-size and repl-backlog-ttl say " +
        "how much and how long it keeps, and EFFECTS_THRESHOLD 0 makes changes repeatable.",
    );
  request.progress.note(`full backup in place of an increment: ${why}`);
  const { point, phases, problems } = await createBackup(context, request);
  const { id, cutOffset, cutAt, rawBytes = 0, storedBytes } = point;
  return {
    base: id,
    continued: false,
    offset: cutOffset ?? 0,
    at: cutAt,
    rawBytes: rawBytes ?? 0,
    storedBytes,
    phases: [...timer.all(), ...phases],
    ...(problems === undefined ? {} : { problems }),
  };
}

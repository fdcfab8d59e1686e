// The backup is restored and proven in an engine of ours beside the target, before anything of the target is touched: a
// restore that cannot succeed costs the application nothing.
import { constants } from "node:fs";
import { access, readdir } from "node:fs/promises";
import { join } from "node:path";
import { DrillError, environmentError, errorMessage } from "../../base/errors.ts";
import { digestServer, type ServerDigest } from "../../observe/digest/server-digest.ts";
import { formatBytes } from "../../base/units.ts";
import type { Manifest } from "../store/manifest.ts";
import { isS3Url } from "../store/s3/s3-place.ts";
import { readManifest } from "../store/vault.ts";
import type { BackupContext } from "../backup/backup.ts";
import { memoryOf } from "../backup/source-facts.ts";
import { refuseFullFolder, refuseTooSmallServer } from "../restore/predict-room.ts";
import { compareContent } from "../restore/compare-content.ts";
import type { RestoreResult } from "../restore/load-job.ts";
import { awaitLock } from "../locks/vault-lock.ts";
import { restoreBackup, type RestoreContext } from "../restore/restore.ts";
import type { SearchIndex } from "./health.ts";
import { type InPlaceRequest, withTarget } from "./in-place-run.ts";

/** How long another writer of the vault is waited for. */
export const lockTimeoutMs = 600_000;

export interface Proven {
  readonly digest: ServerDigest;
  /** The full-text indexes that hold anything. */
  readonly searches: readonly SearchIndex[];
  readonly reached?: NonNullable<RestoreResult["reached"]>;
}

export async function proveBeside(context: BackupContext, request: InPlaceRequest): Promise<Proven> {
  await refuseUnstorable(context, request);
  const { point, at, engines, progress, signal, allowFaulty = false, keepIndexes = false } = request;
  const manifest = await readManifest(context.store, point, context.keyring);
  await refuseTooSmall(context, request, manifest);
  const moment = at === undefined ? {} : { at };
  const asked = { point, way: "file", engines, progress, signal, allowFaulty, keepIndexes, ...moment } as const;
  const { target, reached } = await restoreBackup(context, asked);
  await using beside = target;
  // A moment after the backup holds other counts than its manifest; its chain was proven with its source.
  if (at === undefined) {
    const { problems } = await compareContent(beside.endpoint, manifest, signal);
    if (problems.length > 0)
      throw new DrillError(`the backup ${point} does not hold what it says: ${problems.join("; ")}`, {
        exit: "dataWrong",
        hint: "Choose another one: falkordrill vault list.",
      });
  }
  const digest = await digestServer(beside.endpoint, signal);
  return { digest, searches: searchesOf(digest), ...(reached === undefined ? {} : { reached }) };
}

/** The safety snapshot must not fail for what can be seen before the application is paused: keys, folders, another writer. */
async function refuseUnstorable(
  { store, keyring, profile }: BackupContext,
  { signal }: Pick<InPlaceRequest, "signal">,
): Promise<void> {
  await keyring.recipients(profile);
  await using _lock = await awaitLock(store, "backup", { timeoutMs: lockTimeoutMs, signal });
  if (isS3Url(store.where)) return;
  for (const name of await readdir(store.where)) {
    const path = join(store.where, name);
    await access(path, constants.W_OK).catch((error: unknown) => {
      throw environmentError(
        `the safety snapshot cannot be stored: ${path} cannot be written to (${errorMessage(error)})`,
        "Give this user write permission in the whole vault. Nothing was touched.",
        error,
      );
    });
  }
}

/** Memory of the target, and room in the vault for the safety snapshot, before the application is paused. */
async function refuseTooSmall(
  { store }: RestoreContext,
  { target, progress }: InPlaceRequest,
  { source: { memory }, storedBytes }: Manifest,
): Promise<void> {
  if (memory === undefined) return;
  const { usedBytes } = await withTarget(target, async (connection) => {
    await refuseTooSmallServer(connection, memory);
    return await memoryOf(connection);
  });
  progress.note(`the restored graphs take about ${formatBytes(memory.usedBytes)} of memory, within 10 %`);
  // What the target holds compresses about as well as what the backup holds.
  const safetyBytes = Math.round((storedBytes * usedBytes) / Math.max(1, memory.usedBytes));
  if (!isS3Url(store.where)) return await refuseFullFolder(store.where, safetyBytes, "the safety snapshot");
  const bytes = formatBytes(safetyBytes);
  progress.note(`the safety snapshot takes about ${bytes}; whether ${store.where} has that room, no bucket says`);
}

function searchesOf({ graphs }: ServerDigest): readonly SearchIndex[] {
  return graphs.flatMap(({ name: graph, database, indexes }) =>
    database === 0
      ? indexes.flatMap(({ entity, label, fields }) =>
          Object.entries(fields).flatMap(([property, kinds]): SearchIndex[] =>
            kinds.includes("FULLTEXT") ? [{ graph, entity, label, property }] : [],
          ),
        )
      : [],
  );
}

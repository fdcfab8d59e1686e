// Writes a backup as an RDB file, for a server that the user starts from it. It gets its name only when it is complete;
// until then it is in a folder beside it, which goes with this process even if that is killed: it holds clear text.
import { randomBytes } from "node:crypto";
import { createWriteStream } from "node:fs";
import { access, link, mkdir, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { passPoint } from "../../base/process/crash-point.ts";
import { reaper } from "../../base/process/reaper.ts";
import { usageError } from "../../base/errors.ts";
import type { RestoreOptions } from "./load-job.ts";
import { type Phase, PhaseTimer } from "../../base/phases.ts";
import { missingFolder } from "../../base/system-error.ts";
import { refuseFullFolder } from "./predict-room.ts";
import { partsOf, readParts } from "../parts/read-parts.ts";
import { assertNotMarkedFaulty, openBackup, type RestoreContext } from "./restore.ts";
import { fileError } from "./restore-file.ts";
import { nodeFiles } from "../store/file-operations.ts";
import { mustBeOutsideVaults } from "../keys/outside-vaults.ts";
import { useBackups } from "../locks/vault-lock.ts";

export async function writeRdb(
  context: RestoreContext,
  request: Pick<RestoreOptions, "point" | "progress" | "signal" | "allowFaulty">,
  file: string,
): Promise<readonly Phase[]> {
  const { point, progress, signal } = request;
  mustBeOutsideVaults(file, "the decrypted snapshot", "Give a file outside of it.");
  const timer = new PhaseTimer();
  await using _lease = await useBackups(context.store, "restore", [point]);
  const { manifest, keys } = await openBackup(context, point, { progress, signal }, timer);
  // The file is for an external server, so the same rule applies as for a restore over the wire.
  await assertNotMarkedFaulty(context, { ...request, way: "wire" }, manifest, undefined);
  if (await isThere(file)) throw taken(file);
  await refuseFullFolder(dirname(file), manifest.rawBytes, "the snapshot");
  progress.step("decrypt + decompress");
  const folder = join(dirname(file), `falkordrill-partial-${randomBytes(6).toString("hex")}`);
  using _registration = reaper.folder(folder);
  const partial = join(folder, basename(file));
  try {
    await mkdir(folder, { mode: 0o700 });
    const sink = createWriteStream(partial, { flags: "wx", mode: 0o600, flush: true });
    const copy = (): Promise<void> =>
      pipeline(readParts(context.store, partsOf(manifest), keys, signal), sink, { signal });
    await timer.during("decrypt + decompress", copy, () => manifest.rawBytes);
    passPoint("rdb/half-written");
    await rightName(partial, file);
    passPoint("rdb/published");
    await nodeFiles.syncFolder(dirname(file));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EEXIST") throw taken(file);
    if (code === "ENOENT") throw missingFolder(file, error);
    throw fileError(error, file);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  return timer.all();
}

/** A hard link never replaces an existing file; not every file system supports them. */
async function rightName(partial: string, file: string): Promise<void> {
  try {
    await link(partial, file);
  } catch (error) {
    const hasLinks = !["EPERM", "ENOTSUP", "ENOSYS"].includes((error as NodeJS.ErrnoException).code ?? "");
    if (hasLinks || (await isThere(file))) throw error;
    await rename(partial, file);
  }
}

function isThere(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}

function taken(file: string): Error {
  return usageError(`${file} exists; it is not overwritten`, "Name a file that does not exist, or remove it.");
}

// Puts what an engine is to start from into its data folder.
import { constants, copyFile, cp, link, mkdir, readdir, rm, stat, symlink } from "node:fs/promises";
import { join } from "node:path";
import { environmentError, messageOf, usageError } from "../base/errors.ts";

export const rdbName = "dump.rdb";
const appendFolder = "appendonlydir";

export async function emptyFolder(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 20 });
  await mkdir(path, { mode: 0o700 });
}

/**
 * A hard link where it can be one: redis never writes into an RDB, it renames a new one over it. A named pipe is
 * linked to by name, and redis loads while somebody writes into it. Gives true for a pipe.
 */
export async function placeRdb(rdb: string, dataDir: string): Promise<{ isPipe: boolean }> {
  const target = join(dataDir, rdbName);
  const info = await stat(rdb).catch((error: unknown) => {
    throw environmentError(`cannot start from the RDB "${rdb}": ${messageOf(error)}`, undefined, error);
  });
  if (info.isFIFO()) {
    await symlink(rdb, target);
    return { isPipe: true };
  }
  if (!info.isFile())
    throw usageError(`"${rdb}" is neither a file nor a named pipe, and an engine can start from nothing else`);
  await link(rdb, target).catch(() => copyFile(rdb, target, constants.COPYFILE_FICLONE));
  return { isPipe: false };
}

/** Gives the settings that make redis find the copied files under the name that they have. */
export async function placeAppendOnly(folder: string, dataDir: string): Promise<Record<string, string>> {
  const names = await readdir(folder).catch((error: unknown) => {
    throw environmentError(
      `cannot start from the append-only folder "${folder}": ${messageOf(error)}`,
      undefined,
      error,
    );
  });
  const manifest = names.find((name) => name.endsWith(".manifest"));
  if (manifest === undefined) {
    throw environmentError(`"${folder}" is not an append-only folder of redis: it holds no .manifest file`);
  }
  await cp(folder, join(dataDir, appendFolder), { recursive: true });
  return {
    appendonly: "yes",
    appenddirname: appendFolder,
    appendfilename: manifest.slice(0, -".manifest".length),
  };
}

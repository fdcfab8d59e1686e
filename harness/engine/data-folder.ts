// Places the files that an engine starts from into its data folder.
import { constants, copyFile, cp, link, mkdir, readdir, rm, stat, symlink } from "node:fs/promises";
import { join, resolve } from "node:path";
import { environmentError, errorMessage, usageError } from "../base/errors.ts";
import type { EngineKind } from "./engine.ts";

const appendFolder = "appendonlydir";

export async function emptyFolder(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 20 });
  await mkdir(path, { mode: 0o700 });
}

/**
 * A hard link where possible: redis never writes into an RDB, it renames a new one over it. That holds for a named pipe
 * too, which redis loads while another process writes to it; across file systems a pipe gets a symbolic link, which a
 * server in a container cannot follow.
 */
export async function placeRdb(rdb: string, target: string, kind: EngineKind): Promise<{ isPipe: boolean }> {
  const info = await stat(rdb).catch((error: unknown) => {
    throw environmentError(`cannot start from the RDB "${rdb}": ${errorMessage(error)}`, undefined, error);
  });
  const isPipe = info.isFIFO();
  if (!isPipe && !info.isFile()) {
    throw usageError(`"${rdb}" is neither a file nor a named pipe, and an engine can start from nothing else`);
  }
  const source = resolve(rdb);
  try {
    await link(source, target);
  } catch (error) {
    if (!isPipe) await copyFile(source, target, constants.COPYFILE_FICLONE);
    else if (kind === "embedded") await symlink(source, target);
    else
      throw environmentError(
        `named pipe "${rdb}" is on another file system than the engine's folder`,
        undefined,
        error,
      );
  }
  return { isPipe };
}

/** Copies the files and returns the settings that make redis find them under their names. */
export async function placeAppendOnly(folder: string, dataDir: string): Promise<Record<string, string>> {
  const names = await readdir(folder).catch((error: unknown) => {
    throw environmentError(
      `cannot start from the append-only folder "${folder}": ${errorMessage(error)}`,
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

// After a power loss an append-only file can end in zeros: the disk had the file's new length before it had the bytes
// (its last block existed already, and the length of a file is metadata). `aof-load-truncated` tolerates a file that is
// too short, not one that ends in something else; redis then refuses to start and names redis-check-aof. Operators run
// it too: this is part of recovering the server, and its time is part of the RTO.
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { environmentError } from "../../../base/errors.ts";
import { engineBinaries } from "../../../engine/binaries/binaries.ts";
import { runCommand } from "../../../base/process/run-command.ts";

const commandTimeoutMs = 60_000;

/** Log message of redis for such a file. */
export const refusesTail: RegExp = /Bad file format reading the append only file/;

/** Truncates the append-only files under `folder` after the last complete command; returns the number of bytes cut. */
export async function cutAppendOnlyTail(folder: string): Promise<number> {
  const files = join(folder, "appendonlydir");
  const before = await bytesIn(files);
  const { file, args, argv0 } = (await engineBinaries()).command("redis-check-aof");
  const manifest = join(files, "appendonly.aof.manifest");
  const { status, stdout, stderr } = await runCommand(file, [...args, "--fix", manifest], {
    timeoutMs: commandTimeoutMs,
    // redis-check-aof asks for confirmation.
    input: "y\n",
    ...(argv0 === undefined ? {} : { argv0 }),
  });
  if (status !== 0)
    throw environmentError(`redis-check-aof --fix did not succeed: ${(stderr === "" ? stdout : stderr).trim()}`);
  return before - (await bytesIn(files));
}

async function bytesIn(folder: string): Promise<number> {
  const sizes = await Promise.all((await readdir(folder)).map(async (name) => (await stat(join(folder, name))).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}

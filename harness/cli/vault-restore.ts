// `vault restore`: into a running, empty FalkorDB, or as an RDB file for a server of one's own. What a person needs at
// three in the morning: nothing is touched unless the backup is whole, and nothing that is there is replaced.
import { createWriteStream } from "node:fs";
import { rm } from "node:fs/promises";
import { resolve } from "node:path";
import { pipeline } from "node:stream/promises";
import type { Command } from "commander";
import { messageOf, usageError } from "../base/errors.ts";
import { formatBytes, formatDuration } from "../base/units.ts";
import { embeddedEngines } from "../engine/embedded.ts";
import type { Progress } from "../base/progress.ts";
import type { Phase } from "../system/system.ts";
import { PhaseTimer } from "../system/reference/phases.ts";
import { partsOf, readParts } from "../system/reference/read-parts.ts";
import { openBackup, restore, type RestoreContext } from "../system/reference/restore.ts";
import { listBackupIds, openVault } from "../system/reference/vault.ts";
import { useBackups } from "../system/reference/vault-lock.ts";
import { keyringOf, print, readSecretFile, vaultCommand, vaultFolder, type VaultFlags } from "./vault-options.ts";
import { linePrinter, stoppable } from "./vault-progress.ts";
import { serverAt } from "./vault-server.ts";

interface RestoreFlags extends VaultFlags {
  readonly to?: string;
  readonly passwordFile?: string;
  readonly rdbOut?: string;
}

export function registerVaultRestore(vault: Command): void {
  vaultCommand(vault, "restore [id]", "restore a backup; without an id or with `latest` the newest one")
    .option("--to <redis-url>", "into this running FalkorDB, which must be empty")
    .option("--password-file <file>", "file that holds the password of that FalkorDB")
    .option("--rdb-out <file>", "write the decrypted RDB here (0600), to start a server of your own from it")
    .action(restoreCommand);
}

async function restoreCommand(id: string | undefined, flags: RestoreFlags): Promise<void> {
  if ((flags.to === undefined) === (flags.rdbOut === undefined))
    throw usageError(
      "where to? Give --to <redis-url> or --rdb-out <file>",
      "--to loads an empty, running server; --rdb-out makes a dump.rdb for a server that is started from it.",
    );
  const store = await openVault(vaultFolder(flags));
  const context: RestoreContext = { store, keyring: await keyringOf(flags) };
  const point = id === undefined || id === "latest" ? await latest(context) : id;
  const progress = linePrinter();
  const phases = await stoppable((signal) =>
    flags.rdbOut === undefined
      ? intoServer(context, point, flags, progress, signal)
      : intoFile(context, point, resolve(flags.rdbOut), progress, signal),
  );
  print(flags, { point, phases }, [`restored ${point}`, ...phases.map(phaseLine)]);
}

export async function latest({ store }: Pick<RestoreContext, "store">): Promise<string> {
  const id = (await listBackupIds(store)).at(-1);
  if (id === undefined) throw usageError(`${store.where} holds no backup yet`);
  return id;
}

async function intoServer(
  context: RestoreContext,
  point: string,
  flags: RestoreFlags,
  progress: Progress,
  signal: AbortSignal,
): Promise<readonly Phase[]> {
  const password = flags.passwordFile === undefined ? undefined : (await readSecretFile(flags.passwordFile)).trim();
  const target = serverAt(flags.to ?? "", password);
  const request = { point, way: "wire", engines: embeddedEngines(), target, progress, signal } as const;
  return (await restore(context, request)).phases;
}

async function intoFile(
  context: RestoreContext,
  point: string,
  file: string,
  progress: Progress,
  signal: AbortSignal,
): Promise<readonly Phase[]> {
  const timer = new PhaseTimer();
  await using _lease = await useBackups(context.store, "restore", [point]);
  const { manifest, keys } = await openBackup(context, point, { progress, signal }, timer);
  progress.step("decrypt + decompress");
  const sink = createWriteStream(file, { flags: "wx", mode: 0o600, flush: true });
  let isOurs = false;
  sink.once("open", () => {
    isOurs = true;
  });
  try {
    const copy = (): Promise<void> =>
      pipeline(readParts(context.store, partsOf(manifest), keys, signal), sink, { signal });
    await timer.during("decrypt + decompress", copy, () => manifest.rawBytes);
  } catch (error) {
    // Half an RDB must not be taken for a whole one, and a file that was there before is not ours to remove.
    if (isOurs) await rm(file, { force: true });
    if ((error as NodeJS.ErrnoException).code === "EEXIST") throw usageError(`${file} exists; it is not overwritten`);
    throw (error as NodeJS.ErrnoException).code === "ENOENT" ? usageError(messageOf(error)) : error;
  }
  return timer.all();
}

export function phaseLine({ name, ms, bytes }: Phase): string {
  return `  ${name.padEnd(22)} ${formatDuration(ms).padStart(10)}${bytes === undefined ? "" : `  ${formatBytes(bytes)}`}`;
}

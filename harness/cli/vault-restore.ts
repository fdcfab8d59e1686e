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
import type { Moment, Phase, RestoreOutcome, RestorePoint } from "../system/system.ts";
import { PhaseTimer } from "../system/reference/phases.ts";
import { partsOf, readParts } from "../system/reference/read-parts.ts";
import { openBackup, restore, type RestoreContext } from "../system/reference/restore.ts";
import { listPoints } from "../system/reference/restore-points.ts";
import { listBackupIds, openVault } from "../system/reference/vault.ts";
import { useBackups } from "../system/reference/vault-lock.ts";
import { keyringOf, passwordOf, print, vaultCommand, vaultFolder, type VaultFlags } from "./vault-options.ts";
import { linePrinter, stoppable } from "./vault-progress.ts";
import { serverAt } from "./vault-server.ts";

interface RestoreFlags extends VaultFlags {
  readonly to?: string;
  readonly passwordFile?: string;
  readonly rdbOut?: string;
  readonly at?: string;
}

export function registerVaultRestore(vault: Command): void {
  vaultCommand(vault, "restore [id]", "restore a backup; without an id or with `latest` the newest one")
    .option("--to <redis-url>", "into this running FalkorDB, which must be empty")
    .option("--password-file <file>", "file that holds the password of that FalkorDB")
    .option("--at <moment>", "a moment after the backup: a time (ISO 8601), an offset, or `latest`")
    .option("--rdb-out <file>", "write the decrypted RDB here (0600), to start a server of your own from it")
    .action(restoreCommand);
}

async function restoreCommand(id: string | undefined, flags: RestoreFlags): Promise<void> {
  if ((flags.to === undefined) === (flags.rdbOut === undefined))
    throw usageError(
      "where to? Give --to <redis-url> or --rdb-out <file>",
      "--to loads an empty, running server; --rdb-out makes a dump.rdb for a server that is started from it.",
    );
  const at = flags.at === undefined ? undefined : momentOf(flags.at);
  if (at !== undefined && flags.rdbOut !== undefined)
    throw usageError("--at needs a running server, and --rdb-out has none", "Give --to <redis-url> in its place.");
  const store = await openVault(vaultFolder(flags));
  const context: RestoreContext = { store, keyring: await keyringOf(flags) };
  const point = id === undefined || id === "latest" ? await newestBefore(context, at) : id;
  const progress = linePrinter();
  const { phases, reached } = await stoppable((signal) =>
    flags.rdbOut === undefined
      ? intoServer(context, point, { ...flags, moment: at }, progress, signal)
      : intoFile(context, point, resolve(flags.rdbOut), progress, signal),
  );
  const where = reached === undefined ? "" : `, at ${reached.at} (offset ${reached.offset})`;
  print(flags, { point, reached, phases }, [`restored ${point}${where}`, ...phases.map(phaseLine)]);
}

/** A moment as people write it. */
function momentOf(text: string): Moment {
  if (text === "latest") return "latest";
  if (/^\d+$/.test(text)) return { offset: Number(text) };
  const isTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d/.test(text) && !Number.isNaN(Date.parse(text));
  if (isTime) return { time: new Date(text).toISOString() };
  throw usageError(`--at ${text} is no moment`, "It takes a time such as 2026-11-24T13:00:00Z, an offset, or latest.");
}

/** The backup that a moment stands on: the newest whose cut is not after it. */
async function newestBefore(context: RestoreContext, at: Moment | undefined): Promise<string> {
  if (at === undefined || at === "latest") return await latest(context);
  const points = await listPoints(context.store, context.keyring);
  const isBefore = ({ cutAt, cutOffset }: RestorePoint): boolean =>
    "time" in at ? Date.parse(cutAt) <= Date.parse(at.time) : (cutOffset ?? Number.POSITIVE_INFINITY) <= at.offset;
  const point = points
    .filter(isBefore)
    .toSorted((a, b) => Date.parse(a.cutAt) - Date.parse(b.cutAt))
    .at(-1);
  if (point === undefined) throw usageError(`${context.store.where} holds no backup from before that moment`);
  return point.id;
}

type Restored = Pick<RestoreOutcome, "phases" | "reached">;

export async function latest({ store }: Pick<RestoreContext, "store">): Promise<string> {
  const id = (await listBackupIds(store)).at(-1);
  if (id === undefined) throw usageError(`${store.where} holds no backup yet`);
  return id;
}

async function intoServer(
  context: RestoreContext,
  point: string,
  flags: RestoreFlags & { readonly moment: Moment | undefined },
  progress: Progress,
  signal: AbortSignal,
): Promise<Restored> {
  const password = await passwordOf(flags);
  const target = serverAt(flags.to ?? "", password);
  const at = flags.moment === undefined ? {} : { at: flags.moment };
  return await restore(context, { point, way: "wire", engines: embeddedEngines(), target, progress, signal, ...at });
}

async function intoFile(
  context: RestoreContext,
  point: string,
  file: string,
  progress: Progress,
  signal: AbortSignal,
): Promise<Restored> {
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
  return { phases: timer.all() };
}

export function phaseLine({ name, ms, bytes }: Phase): string {
  return `  ${name.padEnd(22)} ${formatDuration(ms).padStart(10)}${bytes === undefined ? "" : `  ${formatBytes(bytes)}`}`;
}

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
import type { Moment, Phase, RestoreOutcome } from "../system/system.ts";
import { PhaseTimer } from "../system/reference/phases.ts";
import { partsOf, readParts } from "../system/reference/read-parts.ts";
import { openBackup, restore, type RestoreContext } from "../system/reference/restore.ts";
import { openVault } from "../system/reference/vault.ts";
import { useBackups } from "../system/reference/vault-lock.ts";
import { addServerFlags, overridesOf, type ServerFlags } from "./server-flags.ts";
import { momentAsked } from "./vault-moment.ts";
import { keyringOf, print, vaultCommand, vaultFolder, type VaultFlags } from "./vault-options.ts";
import { linePrinter, stoppable } from "./vault-progress.ts";
import { serverAt } from "./vault-server.ts";

interface RestoreFlags extends VaultFlags, ServerFlags {
  readonly to?: string;
  readonly rdbOut?: string;
  readonly at?: string;
  readonly evenIfFaulty?: boolean;
  readonly keepIndexes?: boolean;
}

export function registerVaultRestore(vault: Command): void {
  addServerFlags(vaultCommand(vault, "restore [id]", "restore a backup; without an id or with `latest` the newest one"))
    .option("--to <redis-url>", "into this running FalkorDB, which must be empty")
    .option("--at <moment>", "a moment: a time (ISO 8601), an offset, the id of a backup or increment, or `latest`")
    .option("--rdb-out <file>", "write the decrypted RDB here (0600), to start a server of your own from it")
    .option("--even-if-faulty", "also a moment that a proof of the archive found wrong; it is said, and restored")
    .option("--keep-indexes", "do not take indexes away while increments are applied (slower)")
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
  const { point, at } = await momentAsked(context, id, flags.at);
  if (at !== undefined && flags.rdbOut !== undefined)
    throw usageError(
      "a moment after a backup needs a running server, and --rdb-out has none",
      "Give --to <redis-url> in its place; --rdb-out takes a backup itself.",
    );
  const progress = linePrinter();
  const { phases, reached } = await stoppable((signal) =>
    flags.rdbOut === undefined
      ? intoServer(context, point, { ...flags, moment: at }, progress, signal)
      : intoFile(context, point, resolve(flags.rdbOut), progress, signal),
  );
  const where = reached === undefined ? "" : `, at ${reached.at} (offset ${reached.offset})`;
  print(flags, { point, reached, phases }, [`restored ${point}${where}`, ...phases.map(phaseLine)]);
}

type Restored = Pick<RestoreOutcome, "phases" | "reached">;

async function intoServer(
  context: RestoreContext,
  point: string,
  flags: RestoreFlags & { readonly moment: Moment | undefined },
  progress: Progress,
  signal: AbortSignal,
): Promise<Restored> {
  const target = serverAt(flags.to ?? "", await overridesOf(flags));
  const { moment, evenIfFaulty = false, keepIndexes = false } = flags;
  const at = moment === undefined ? {} : { at: moment };
  const request = { point, way: "wire", engines: embeddedEngines(), target, progress, signal } as const;
  return await restore(context, { ...request, ...at, evenIfFaulty, keepIndexes });
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

// `vault backup`: one full backup of a running FalkorDB, with its application paused for the instant of the cut; or with
// --incremental what the chain of the last one does not hold yet.
import { text } from "node:stream/consumers";
import type { Command } from "commander";
import { exitCodes, usageError } from "../../base/errors.ts";
import { formatBytes, formatDuration, parseRate } from "../../base/units.ts";
import { serverAt } from "../../engine/server-at.ts";
import { type AdminClient, adminClient, type AdminClientOptions } from "../../service/admin-client.ts";
import { type BackupAccess, backupAccessSchema } from "../../service/contract.ts";
import { createBackup, type BackupContext, type BackupOptions } from "../../vault/backup/backup.ts";
import { backUpIncrement } from "../../vault/archive/increment.ts";
import { namingWrongKeyring } from "../../vault/catalogue/wrong-keyring.ts";
import { checkWhy } from "../../vault/store/pin.ts";
import { readSecretFile } from "../../base/files/secret-file.ts";
import { addServerFlags, overridesOf, type ServerFlags } from "../server-flags.ts";
import { neverReplicated } from "./list.ts";
import { linePrinter, stoppable } from "./progress.ts";
import { backupContextOf, print, vaultCommand, type VaultFlags } from "./options.ts";
import { flagValue } from "../flag-value.ts";

export interface ServiceFlags {
  readonly service?: string;
  readonly serviceTokenFile?: string;
  readonly serviceStdin?: boolean;
}

interface BackupFlags extends VaultFlags, ServerFlags, ServiceFlags {
  readonly url: string;
  readonly profile: string;
  readonly pin?: string;
  readonly incremental?: boolean;
  readonly full?: boolean;
  readonly maxRate?: string;
  readonly allowShrunk?: boolean;
  readonly allowNoise?: boolean;
}

export function registerVaultBackup(vault: Command): void {
  addServerFlags(vaultCommand(vault, "backup", "back up a running FalkorDB: every graph, at one instant"))
    .requiredOption("--url <redis-url>", "the FalkorDB, e.g. redis://127.0.0.1:6379")
    .option("--service <http-url>", "the graph service whose writes pause for the cut (/admin contract)")
    .option("--service-token-file <file>", "file that holds the bearer token of that service")
    .option("--service-stdin", "run by that service's trigger-backup, which gives URL, token and backup id on stdin")
    .option("--profile <name>", "interop (opens with gpg and zstd), modern (SEIPDv2 with GCM)", "interop")
    .option("--pin <why>", "keep it whatever the rules of a prune say, until `vault unpin`")
    .option("--incremental", "only what came since the last backup or increment; a full one where that cannot be had")
    .option("--max-rate <size>", "read at most so much a second, such as 50MiB: longer, and lighter on the server")
    .option("--allow-shrunk", "also of a server that is empty or has suddenly lost most of what the vault holds of it")
    .option("--allow-noise", "accept text that looks like noise, and compare later backups with it")
    .option("--no-full", "with --incremental: fail instead of making a full backup")
    .action(backup);
}

async function backup(flags: BackupFlags): Promise<void> {
  if (flags.pin !== undefined) checkWhy(flags.pin);
  const coordinator = await coordinatorOf(flags);
  const base = await backupContextOf(flags);
  const context: BackupContext = {
    ...base,
    ifShrunk: flags.allowShrunk === true ? "allow" : "refuse",
    allowNoise: flags.allowNoise === true,
    ...(flags.pin === undefined ? {} : { pin: flags.pin }),
    ...(flags.maxRate === undefined ? {} : { bytesPerSecond: flagValue("--max-rate", flags.maxRate, parseRate) }),
  };
  const source = serverAt(flags.url, await overridesOf(flags));
  if (flags.incremental === true) {
    await increment(flags, context, { source, coordinator });
    return;
  }
  if (flags.full === false) throw usageError("--no-full goes with --incremental");
  const outcome = await stoppable((signal) =>
    // The caller that triggered the backup reads its progress from stdout.
    createBackup(context, {
      source,
      coordinator,
      progress: linePrinter(flags.serviceStdin === true && flags.json !== true ? process.stdout : undefined),
      signal,
    }),
  );
  const { point, pauseMs, problems = [], suspicion } = outcome;
  exitAs(problems);
  if (flags.serviceStdin === true) {
    // The last line is what the service's status shows as the outcome.
    const paused = formatDuration(pauseMs ?? 0);
    const warnings = [
      problems.length > 0 ? ", NOT RESTORABLE by this version of FalkorDB" : "",
      suspicion === undefined ? "" : `, SUSPICIOUS: ${suspicion}`,
    ].join("");
    print(flags, outcome, [
      `backup ${point.id}${warnings}: ${formatBytes(point.storedBytes)}, cut ${point.cutAt}, writes paused for ${paused}`,
    ]);
    return;
  }
  print(flags, outcome, [
    `backup ${point.id}`,
    `cut    ${point.cutAt} at offset ${String(point.cutOffset)}${point.cutOffset === 0 ? ` (${neverReplicated})` : ""}`,
    `size   ${formatBytes(point.storedBytes)} stored of ${formatBytes(point.rawBytes ?? 0)}`,
    `pause  ${pauseMs === undefined ? "none: no --service was given, so the cut is between any two queries" : formatDuration(pauseMs)}`,
    ...(suspicion === undefined ? [] : [`SUSPICIOUS: ${suspicion}`]),
  ]);
}

/** Sets the exit code for a backup that could not be loaded: it is stored, as a later engine may load it. */
function exitAs(problems: readonly string[]): void {
  if (problems.length > 0) process.exitCode = exitCodes.notRecovered;
}

async function increment(
  flags: BackupFlags,
  context: BackupContext,
  { source, coordinator }: Pick<BackupOptions, "source" | "coordinator">,
): Promise<void> {
  const options = { source, coordinator, progress: linePrinter() };
  const outcome = await namingWrongKeyring(context, () =>
    stoppable((signal) => backUpIncrement(context, { ...options, signal }, { noFull: flags.full === false })),
  );
  const { base, continued, at, offset, storedBytes, rawBytes, problems = [] } = outcome;
  exitAs(problems);
  print(flags, outcome, [
    continued ? `increment of ${base}` : `full backup ${base}`,
    `until  ${at} at offset ${offset}`,
    `size   ${formatBytes(storedBytes)} stored of ${formatBytes(rawBytes)}`,
  ]);
}

/** Queried once before anything is touched, so that a wrong URL or token costs the server nothing. */
export async function coordinatorOf(
  flags: ServiceFlags,
  holder: string = "falkordrill vault backup",
): Promise<AdminClient | undefined> {
  const access = await accessOf(flags);
  if (access === undefined) return undefined;
  const onClockSkew = (aheadMs: number): void => {
    const where = aheadMs > 0 ? "ahead of" : "behind";
    process.stderr.write(
      `the clock of the graph service is ${formatDuration(Math.abs(aheadMs))} ${where} this machine's; ` +
        "its times are shifted by that, its leases are not\n",
    );
  };
  const client = adminClient({ ...access, holder, onClockSkew });
  await client.status();
  return client;
}

async function accessOf(
  flags: ServiceFlags,
): Promise<Pick<AdminClientOptions, "url" | "token" | "backupId"> | undefined> {
  const { service, serviceTokenFile, serviceStdin } = flags;
  if (serviceStdin === true) {
    if (service !== undefined || serviceTokenFile !== undefined)
      throw usageError("--service-stdin brings its own URL and token; leave out --service and --service-token-file");
    return await accessFromStdin();
  }
  if (service === undefined) {
    if (serviceTokenFile !== undefined) throw usageError("--service-token-file goes with --service");
    return undefined;
  }
  if (serviceTokenFile === undefined) throw usageError("--service needs its token: --service-token-file <file>");
  return { url: service, token: (await readSecretFile(serviceTokenFile)).trim() };
}

async function accessFromStdin(): Promise<BackupAccess> {
  const expected = 'expected one line of JSON on stdin: {"backupId": ..., "url": ..., "token": ...}';
  try {
    return backupAccessSchema.parse(JSON.parse(await text(process.stdin)));
  } catch {
    // What was read is not repeated: it may hold the token.
    throw usageError("--service-stdin got something else on stdin", expected);
  }
}

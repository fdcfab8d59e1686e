// `vault backup`: one full backup of a running FalkorDB, with its application paused for the instant of the cut.
import type { Command } from "commander";
import { usageError } from "../base/errors.ts";
import { formatBytes, formatDuration } from "../base/units.ts";
import { adminClient } from "../service/admin-client.ts";
import type { WriteCoordinator } from "../service/coordinator.ts";
import { backUp } from "../system/reference/backup.ts";
import { openVault } from "../system/reference/vault.ts";
import { partBytesDefault } from "../system/reference/write-parts.ts";
import { linePrinter, stoppable } from "./vault-progress.ts";
import {
  keyringOf,
  print,
  profileOf,
  readSecretFile,
  vaultCommand,
  vaultFolder,
  type VaultFlags,
} from "./vault-options.ts";
import { serverAt } from "./vault-server.ts";

interface BackupFlags extends VaultFlags {
  readonly url: string;
  readonly passwordFile?: string;
  readonly service?: string;
  readonly serviceTokenFile?: string;
  readonly profile: string;
}

export function registerVaultBackup(vault: Command): void {
  vaultCommand(vault, "backup", "back up a running FalkorDB: every graph, at one instant")
    .requiredOption("--url <redis-url>", "the FalkorDB, e.g. redis://127.0.0.1:6379")
    .option("--password-file <file>", "file that holds the password of that FalkorDB")
    .option("--service <http-url>", "the graph service whose writes pause for the cut (/admin contract)")
    .option("--service-token-file <file>", "file that holds the bearer token of that service")
    .option("--profile <name>", "interop (opens with gpg and zstd), modern (SEIPDv2 with GCM)", "interop")
    .action(backup);
}

async function backup(flags: BackupFlags): Promise<void> {
  const password = flags.passwordFile === undefined ? undefined : (await readSecretFile(flags.passwordFile)).trim();
  const coordinator = await coordinatorOf(flags);
  const store = await openVault(vaultFolder(flags));
  const context = {
    store,
    keyring: await keyringOf(flags),
    profile: profileOf(flags.profile),
    partBytes: partBytesDefault,
  };
  const source = serverAt(flags.url, password);
  const outcome = await stoppable((signal) =>
    backUp(context, { source, coordinator, progress: linePrinter(), signal }),
  );
  const { point, pauseMs } = outcome;
  print(flags, outcome, [
    `backup ${point.id}`,
    `cut    ${point.cutAt} at offset ${String(point.cutOffset)}`,
    `size   ${formatBytes(point.storedBytes)} stored of ${formatBytes(point.rawBytes ?? 0)}`,
    `pause  ${pauseMs === undefined ? "none: no --service was given, so the cut is between any two queries" : formatDuration(pauseMs)}`,
  ]);
}

async function coordinatorOf(flags: BackupFlags): Promise<WriteCoordinator | undefined> {
  if (flags.service === undefined) {
    if (flags.serviceTokenFile !== undefined) throw usageError("--service-token-file goes with --service");
    return undefined;
  }
  if (flags.serviceTokenFile === undefined) throw usageError("--service needs its token: --service-token-file <file>");
  const token = (await readSecretFile(flags.serviceTokenFile)).trim();
  return adminClient({ url: flags.service, token, holder: "falkordrill vault backup" });
}

// The commands of the vault that need a server, each as a family of operations for a power cut.
import { silentProgress } from "../../../base/progress.ts";
import type { EngineProvider, Engine } from "../../../engine/engine.ts";
import { connect } from "../../../falkordb/client/connection.ts";
import type { CommandPlace, VaultCommand } from "../../../fault/power-cut/power-cut.ts";
import { recordedKeyring } from "../../../fault/power-cut/vault-commands.ts";
import { backUpIncrement } from "../../../vault/archive/increment.ts";
import { type BackupContext, createBackup } from "../../../vault/backup/backup.ts";
import { compact } from "../../../vault/restore/compact.ts";
import { listBackupIds, openVault } from "../../../vault/store/vault.ts";

/** Small, so that a backup has several of them. */
const partBytes = 8192;

export interface ServerCommands {
  readonly backup: VaultCommand;
  readonly pinnedBackup: VaultCommand;
  /** Two increments, each after a change of the source. */
  readonly increments: VaultCommand;
  readonly compact: VaultCommand;
}

export function serverCommands(source: Engine, engines: EngineProvider, signal: AbortSignal): ServerCommands {
  const request = { source, coordinator: undefined, progress: silentProgress, signal };
  const increment = async (place: CommandPlace): Promise<void> => {
    await using connection = await connect(source.endpoint);
    await connection.query("power-cut", "CREATE (:Change {text: $text})", { text: "x".repeat(200) });
    await backUpIncrement(await contextOf(place), request);
  };
  return {
    backup: { name: "backup", run: async (place) => void (await createBackup(await contextOf(place), request)) },
    pinnedBackup: {
      name: "backup",
      run: async (place) => void (await createBackup({ ...(await contextOf(place)), pin: "before a change" }, request)),
    },
    increments: {
      name: "increment",
      run: async (place) => {
        await increment(place);
        await place.returned();
        await increment(place);
      },
    },
    compact: {
      name: "compact",
      run: async (place) => {
        const context = await contextOf(place);
        const point = (await listBackupIds(context.store)).at(-1) ?? "";
        await compact(context, { point, engines, progress: silentProgress, signal });
      },
    },
  };
}

async function contextOf(place: CommandPlace): Promise<BackupContext> {
  const store = await openVault(place.vault, place.files);
  return { store, keyring: recordedKeyring(place), profile: "interop", partBytes };
}

// `vault unlock`: removes a lock whose owner no longer exists.
import type { Command } from "commander";
import { describeLock } from "../../vault/locks/lock-entries.ts";
import { breakLocks } from "../../vault/locks/unlock.ts";
import { openVault } from "../../vault/store/vault.ts";
import { print, vaultCommand, givenVault, type VaultFlags } from "./options.ts";

interface UnlockFlags extends VaultFlags {
  readonly force?: boolean;
}

export function registerVaultUnlock(vault: Command): void {
  vaultCommand(
    vault,
    "unlock",
    "remove the locks of runs that are gone; shows and keeps those of runs that may be alive",
  )
    .option("--force", "remove every lock; a run that holds one then stops before it changes anything more")
    .action(unlock);
}

async function unlock(flags: UnlockFlags): Promise<void> {
  const store = await openVault(givenVault(flags));
  const removed = await breakLocks(store, { force: flags.force === true });
  const lines = removed.map((lock) => `removed: ${describeLock(lock)} (${lock.ownerState})`);
  print(flags, { removed }, lines.length === 0 ? ["the vault is not locked"] : lines);
}

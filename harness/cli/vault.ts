// `falkordrill vault`: the reference backup system by hand, against any FalkorDB.
import type { Command } from "commander";
import { registerVaultArchive } from "./vault/archive.ts";
import { registerVaultAudit } from "./vault/audit.ts";
import { registerVaultBackup } from "./vault/backup.ts";
import { registerVaultBrowse } from "./vault/browse.ts";
import { registerVaultCompact } from "./vault/compact.ts";
import { registerVaultDiscard } from "./vault/discard.ts";
import { registerVaultInspect } from "./vault/inspect.ts";
import { registerVaultKeys } from "./vault/keys.ts";
import { registerVaultList } from "./vault/list.ts";
import { registerVaultObjectLock } from "./vault/object-lock.ts";
import { registerVaultPrune } from "./vault/prune.ts";
import { registerVaultReplicate } from "./vault/region/replicate.ts";
import { registerVaultRestore } from "./vault/restore.ts";
import { registerVaultUnlock } from "./vault/unlock.ts";

export function registerVault(program: Command): void {
  const vault = program.command("vault").description("the reference backup system by hand");
  registerVaultInspect(vault);
  registerVaultList(vault);
  registerVaultBrowse(vault);
  registerVaultBackup(vault);
  registerVaultArchive(vault);
  registerVaultRestore(vault);
  registerVaultCompact(vault);
  registerVaultPrune(vault);
  registerVaultReplicate(vault);
  registerVaultObjectLock(vault);
  registerVaultDiscard(vault);
  registerVaultUnlock(vault);
  registerVaultAudit(vault);
  registerVaultKeys(vault);
}

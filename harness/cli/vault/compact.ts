// `vault compact`: a backup and its increments become one full backup, made from the vault alone.
import type { Command } from "commander";
import { formatBytes } from "../../base/units.ts";
import { embeddedEngines } from "../../engine/embedded.ts";
import { namingWrongKeyring } from "../../vault/catalogue/wrong-keyring.ts";
import { compact } from "../../vault/restore/compact.ts";
import { openVault } from "../../vault/store/vault.ts";
import { partBytesDefault } from "../../vault/parts/write-parts.ts";
import { keyringOf, print, profileOf, vaultCommand, givenVault, type VaultFlags } from "./options.ts";
import { linePrinter, stoppable } from "./progress.ts";
import { latest } from "../../vault/restore/asked-moment.ts";
import { phaseLine } from "./restore.ts";

interface CompactFlags extends VaultFlags {
  readonly profile: string;
}

export function registerVaultCompact(vault: Command): void {
  vaultCommand(vault, "compact [id]", "make one full backup of a backup and its increments, without the source")
    .option("--profile <name>", "encryption of the new backup: interop or modern", "interop")
    .action(compactCommand);
}

async function compactCommand(id: string | undefined, flags: CompactFlags): Promise<void> {
  const store = await openVault(givenVault(flags));
  const keyring = await keyringOf(flags);
  const context = { store, keyring, profile: profileOf(flags.profile), partBytes: partBytesDefault };
  const { point, outcome } = await namingWrongKeyring(context, async () => {
    const asked = id === undefined || id === "latest" ? await latest(context) : id;
    const engines = embeddedEngines();
    return {
      point: asked,
      outcome: await stoppable((signal) =>
        compact(context, { point: asked, engines, progress: linePrinter(), signal }),
      ),
    };
  });
  const { point: made, increments, phases } = outcome;
  print(flags, outcome, [
    `${made.id} is ${point} with its ${increments} increments, as of ${made.cutAt} (${formatBytes(made.storedBytes)})`,
    ...phases.map(phaseLine),
  ]);
}

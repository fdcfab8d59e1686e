// `vault discard`: permanently removes a damaged backup, named by its id.
import type { Command } from "commander";
import { formatBytes, formatCount } from "../../base/units.ts";
import { discard } from "../../vault/retention/discard.ts";
import { openVault } from "../../vault/store/vault.ts";
import { keyringOf, print, vaultCommand, givenVault, type VaultFlags } from "./options.ts";
import { stoppable } from "./progress.ts";

interface DiscardFlags extends VaultFlags {
  readonly yes?: boolean;
}

export function registerVaultDiscard(vault: Command): void {
  vaultCommand(vault, "discard <id>", "permanently remove what `vault list` calls damaged, and what depends on it")
    .option("--yes", "remove it; without this flag only print what would be removed")
    .addHelpText(
      "after",
      "\n<id> is a backup, which goes with its increments, or <backup>/<number>, which goes with all increments after it.\n" +
        "What is whole, pinned, in use, or needed by a backup that is whole, is refused.",
    )
    .action(discardCommand);
}

async function discardCommand(id: string, flags: DiscardFlags): Promise<void> {
  const store = await openVault(givenVault(flags));
  const keyring = await keyringOf(flags);
  const discarded = await stoppable((signal) => discard({ store, keyring, signal }, id, flags.yes === true));
  const { points, objects, bytes, why } = discarded;
  print(flags, discarded, [
    ...why,
    ...points.map((point) => `gone    ${point}`),
    `removed ${formatCount(objects)} object${objects === 1 ? "" : "s"}, ${formatBytes(bytes)}`,
  ]);
}

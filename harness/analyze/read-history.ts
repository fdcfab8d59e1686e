// Everything that an analysis looks at, read anew from what is stored.
import { loadSettings } from "../base/files/load-settings.ts";
import { systemClock } from "../base/clock.ts";
import { usageError } from "../base/errors.ts";
import { type Prices, pricesSchema } from "../../reports/analysis/cost/prices.ts";
import type { History } from "../../reports/analysis/history.ts";
import { RunsWatcher } from "../monitor/look-at-runs.ts";
import { type AnalyzedVault, readVaultHistory } from "./vault-history.ts";

/** A year of daily drills and more: each run directory is read and checked. */
const runsMax = 500;

export async function readAnalyzedHistory(
  { vaults, runs }: { readonly vaults: readonly AnalyzedVault[]; readonly runs: readonly string[] },
  signal: AbortSignal,
): Promise<History> {
  if (vaults.length + runs.length === 0)
    throw usageError(
      "there is nothing to analyze",
      "Give --vault or --runs, or name them under monitor in the configuration.",
    );
  const nowMs = systemClock.nowMs();
  const histories = [];
  for (const vault of vaults) histories.push(await readVaultHistory(vault, signal));
  const drills = await Promise.all(runs.map((folder) => new RunsWatcher(folder, runsMax).look(signal)));
  return { nowMs, vaults: histories, drills: drills.flatMap(({ scenarios }) => scenarios) };
}

export async function readPrices(path: string): Promise<Prices> {
  return await loadSettings(path, {
    name: "price",
    schema: pricesSchema,
    hint: "docs/guides/analytics.md has an example, and schemas/prices.schema.json describes every key.",
    define: "prices",
  });
}

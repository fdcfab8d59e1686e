// The comparison of two vaults of a hundred thousand objects: how long it takes, and what it asks of both stores.
import { join } from "node:path";
import { DrillError } from "../../base/errors.ts";
import { systemClock } from "../../base/clock.ts";
import { privateFolder } from "../../base/process/reaper.ts";
import { compareVaults, type ComparisonDepth } from "../../vault/compare/compare-vaults.ts";
import { countedStore, type StoreTraffic } from "../../vault/compare/counted-store.ts";
import { Keyring } from "../../vault/keys/keyring.ts";
import { manifestPath } from "../../vault/catalogue/holdings.ts";
import type { BenchContext } from "../benchmark.ts";
import { type BenchRow, row } from "../rows.ts";
import { Series } from "../series.ts";
import { makeVaults, type SyntheticVaults } from "./synthetic-vault.ts";

const shape = { backups: 100, partsPerBackup: 8, increments: 330 };
const time = { target: { bound: "at most", value: 2000 } } as const;
const traffic = { target: { bound: "at most", value: 64 * 1024 }, exactWithin: 0.05 } as const;

export async function benchmarkCompare({ runs, progress, signal }: BenchContext): Promise<BenchRow[]> {
  await using folder = await privateFolder("bench-compare");
  const keyring = new Keyring(join(folder.path, "keys"));
  await keyring.generate("signer", "bench", "interop");
  progress.step("make two vaults of 100,000 objects");
  const vaults = await makeVaults(folder.path, keyring, shape);
  progress.note(`${vaults.objects} objects`);
  const series = new Series();
  const measure = async (name: string, depth: ComparisonDepth, expected: string | undefined): Promise<void> => {
    for (let run = 1; run <= runs; run += 1) {
      progress.step(`compare ${name}, run ${run} of ${runs}`);
      await compareOnce(vaults, keyring, { name, depth, expected, series, signal });
    }
  };
  await measure("equal vaults", "records", undefined);
  await measure("listings of equal vaults", "listing", undefined);
  const id = vaults.ids[40] ?? "";
  await vaults.fork(id, 200);
  await measure("vaults with a fork", "records", manifestPath(id, 200));
  return [
    row("compare equal vaults", "ms", series.get("equal vaults"), time),
    row("compare equal vaults, traffic", "bytes", series.get("equal vaults, traffic"), traffic),
    row("compare vaults with a fork", "ms", series.get("vaults with a fork"), time),
    row("compare vaults with a fork, traffic", "bytes", series.get("vaults with a fork, traffic"), traffic),
    row("compare listings of equal vaults", "ms", series.get("listings of equal vaults")),
  ];
}

interface Measured {
  readonly name: string;
  readonly depth: ComparisonDepth;
  /** The first object that differs. */
  readonly expected: string | undefined;
  readonly series: Series;
  readonly signal: AbortSignal;
}

async function compareOnce(
  { from, to }: SyntheticVaults,
  keyring: Keyring,
  { name, depth, expected, series, signal }: Measured,
): Promise<void> {
  const asked: StoreTraffic = { requests: 0, bytes: 0 };
  const vaults = { from: countedStore(from, asked), to: countedStore(to, asked), keyring };
  const startMs = systemClock.monotonicMs();
  const { divergences } = await compareVaults(vaults, { depth, signal });
  series.add(name, systemClock.monotonicMs() - startMs);
  series.add(`${name}, traffic`, asked.bytes);
  if (divergences[0]?.object === expected) return;
  throw new DrillError(`the comparison of ${name} found ${divergences[0]?.object ?? "nothing"} first`, {
    exit: "internal",
  });
}

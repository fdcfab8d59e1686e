// The comparison of two vaults of a hundred thousand objects: how long it takes, and what it asks of both stores.
import { join } from "node:path";
import { DrillError } from "../../base/errors.ts";
import { systemClock } from "../../base/clock.ts";
import { formatCount } from "../../base/units.ts";
import { privateFolder } from "../../base/process/reaper.ts";
import { compareVaults, type ComparisonDepth } from "../../vault/compare/compare-vaults.ts";
import { countedStore, type StoreTraffic } from "../../vault/compare/counted-store.ts";
import { Keyring } from "../../vault/keys/keyring.ts";
import { manifestPath } from "../../vault/catalogue/holdings.ts";
import type { BenchContext } from "../benchmark.ts";
import { type BenchRow, row } from "../rows.ts";
import { Series } from "../series.ts";
import { makeVaults, type SyntheticVaults, type VaultShape } from "./synthetic-vault.ts";

/** Each of 100,000 objects: few backups with long chains, as an archiver makes them, or many with short ones. */
export const shapes: readonly VaultShape[] = [
  { backups: 100, partsPerBackup: 8, increments: 330 },
  { backups: 300, partsPerBackup: 1, increments: 110 },
  { backups: 3000, partsPerBackup: 1, increments: 10 },
  { backups: 10_000, partsPerBackup: 2, increments: 2 },
];
const time = { target: { bound: "at most", value: 2000 } } as const;
const traffic = { target: { bound: "at most", value: 64 * 1024 }, exactWithin: 0.05 } as const;

export async function benchmarkCompare(context: BenchContext): Promise<BenchRow[]> {
  await using folder = await privateFolder("bench-compare");
  const keyring = new Keyring(join(folder.path, "keys"));
  await keyring.generate("signer", "bench", "interop");
  const rows: BenchRow[] = [];
  for (const shape of shapes)
    rows.push(...(await benchmarkShape(context, keyring, join(folder.path, `${shape.backups}`), shape)));
  return rows;
}

async function benchmarkShape(
  { runs, progress, signal }: BenchContext,
  keyring: Keyring,
  folder: string,
  shape: VaultShape,
): Promise<readonly BenchRow[]> {
  const backups = `${formatCount(shape.backups)} backups`;
  progress.step(`make two vaults of 100,000 objects in ${backups}`);
  const vaults = await makeVaults(folder, keyring, shape);
  progress.note(`${vaults.objects} objects`);
  const series = new Series();
  const measure = async (name: string, depth: ComparisonDepth, expected: string | undefined): Promise<void> => {
    for (let run = 1; run <= runs; run += 1) {
      progress.step(`compare ${name}, run ${run} of ${runs}`);
      const { ms, bytes } = await compareOnce(vaults, keyring, { depth, expected, signal });
      series.add(name, ms);
      series.add(`${name}, traffic`, bytes);
    }
  };
  const rowsOf = (name: string): readonly BenchRow[] => [
    row(`compare ${name}`, "ms", series.get(name), time),
    row(`compare ${name}, traffic`, "bytes", series.get(`${name}, traffic`), traffic),
  ];
  const [equal, forked, listed] = [`equal vaults of ${backups}`, `vaults of ${backups} with a fork`, `listings`];
  await measure(equal, "records", undefined);
  const isFirst = shape === shapes[0];
  if (isFirst) await measure(listed, "listing", undefined);
  const at = Math.ceil(shape.increments / 2);
  await vaults.fork(at);
  await measure(forked, "records", manifestPath(vaults.middle, at));
  const listing = isFirst ? [row("compare listings of equal vaults", "ms", series.get(listed))] : [];
  return [...rowsOf(equal), ...rowsOf(forked), ...listing];
}

interface Asked {
  readonly depth: ComparisonDepth;
  /** The first object that differs. */
  readonly expected: string | undefined;
  readonly signal: AbortSignal;
}

/** Throws where the comparison does not name what it should. */
export async function compareOnce(
  { from, to }: Pick<SyntheticVaults, "from" | "to">,
  keyring: Keyring,
  { depth, expected, signal }: Asked,
): Promise<StoreTraffic & { readonly ms: number }> {
  const asked: StoreTraffic = { requests: 0, bytes: 0 };
  const vaults = { from: countedStore(from, asked), to: countedStore(to, asked), keyring };
  const startMs = systemClock.monotonicMs();
  const { divergences } = await compareVaults(vaults, { depth, signal });
  const ms = systemClock.monotonicMs() - startMs;
  if (divergences[0]?.object === expected) return { ...asked, ms };
  const message = `the comparison found ${divergences[0]?.object ?? "nothing"} first, and not ${expected ?? "nothing"}`;
  throw new DrillError(message, { exit: "internal" });
}

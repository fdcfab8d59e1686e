// Whether a second vault is the first one's copy, and where not, the first object that differs. Three depths: what both
// record of themselves, which a few small objects show; what a listing of both shows; and every byte.
import { systemClock } from "../../base/clock.ts";
import { entryPath } from "../catalogue/entry.ts";
import { rootOf } from "../catalogue/summary.ts";
import type { Keyring } from "../keys/keyring.ts";
import { readLocks } from "../locks/lock-entries.ts";
import { usesOf } from "../store/garbage.ts";
import type { Store } from "../store/store.ts";
import { checkHashes, checkNames, type CheckedSide } from "./check-objects.ts";
import { compareObjects } from "./compare-objects.ts";
import { compareRecords, type RecordsCompared } from "./compare-records.ts";
import { type VaultDivergence, inOrder, type Sides } from "./divergence.ts";
import { readListing } from "./listing.ts";
import { readRecords, type VaultRecord } from "./vault-record.ts";
import { baseOf } from "../store/vault.ts";

export const comparisonDepths = ["records", "listing", "bytes"] as const;
export type ComparisonDepth = (typeof comparisonDepths)[number];

const attemptsMax = 3;

export interface Comparison extends RecordsCompared {
  readonly depth: ComparisonDepth;
  /** The first is that of the oldest restore point that differs. */
  readonly divergences: readonly VaultDivergence[];
  /** Root hashes over what both should hold: equal where they should hold the same. */
  readonly roots: Readonly<Record<"from" | "to", string>>;
  /** Restore points that the second vault records. */
  readonly backups: number;
  readonly increments: number;
  readonly notes: readonly string[];
}

interface ComparedVaults {
  readonly from: Store;
  readonly to: Store;
  /** Trusts the signers of both. */
  readonly keyring: Keyring;
}

export async function compareVaults(
  vaults: ComparedVaults,
  { depth, signal }: { readonly depth: ComparisonDepth; readonly signal: AbortSignal },
): Promise<Comparison> {
  const { from, to, keyring } = vaults;
  for (let attempt = 1; ; attempt++) {
    const sides = await readRecords([from, to], keyring, depth !== "records");
    const [here, there] = [sides.from.summary, sides.to.summary];
    const records = await compareRecords(sides, keyring);
    const objects = depth === "records" ? [] : await compareContents(sides, keyring, depth, signal);
    const divergences = inOrder([...records.divergences, ...objects]);
    // A backup or a prune may have ended between reading the record and looking at the vault.
    if (divergences.length > 0 && attempt < attemptsMax && (await hasChanged(sides))) continue;
    return {
      ...records,
      depth,
      divergences,
      roots: { from: rootOf(here), to: rootOf(there) },
      backups: there.backups,
      increments: there.increments,
      notes: [sides.from, sides.to].flatMap(({ note }) => note ?? []),
    };
  }
}

async function compareContents(
  { from, to }: Sides,
  keyring: Keyring,
  depth: ComparisonDepth,
  signal: AbortSignal,
): Promise<readonly VaultDivergence[]> {
  const [here, there] = await Promise.all([sideOf(from), sideOf(to)]);
  const bytes = depth === "bytes";
  const found = [...checkNames(here), ...checkNames(there)];
  for (const [side, other] of [
    [here, there],
    [there, here],
  ] as const)
    found.push(...(await checkHashes(side, other.listing, keyring, { bytes, signal })));
  return [...found, ...(await compareObjects(here, there, keyring, bytes))];
}

async function sideOf(record: VaultRecord): Promise<CheckedSide> {
  const listing = await readListing(record.store);
  const inUse = usesOf(await readLocks(record.store, systemClock));
  return { record, listing, inUse: new Set([...inUse.keys()].map(baseOf)) };
}

async function hasChanged({ from, to }: Sides): Promise<boolean> {
  const added = await Promise.all([from, to].map(({ store, summary }) => store.get(entryPath(summary.number + 1))));
  return added.some((entry) => entry !== undefined);
}

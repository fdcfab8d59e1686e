// What a vault costs in a month of 30 days, at the prices given: everything that is stored now, and the requests, the
// traffic and the proofs of the last 30 days.
import { medianInPlace } from "../../statistics/median.ts";
import { dayLengthMs } from "../forecast/measured.ts";
import type { Judged, KeptPoint, VaultHistory } from "../history.ts";
import { classAt, type Prices, type VaultPrice, vaultPriceOf } from "./prices.ts";
import { numberOf } from "../../../harness/vault/store/vault.ts";

export const monthDays = 30;
const gib = 2 ** 30;

export interface Cost {
  readonly storage: number;
  readonly requests: number;
  readonly traffic: number;
  readonly proofs: number;
  readonly total: number;
}

export interface VaultCost extends Cost {
  readonly vault: string;
  /** By class of storage: what is in it, and its storage a month. */
  readonly classes: Readonly<Record<string, { readonly bytes: number; readonly cost: number }>>;
  /** All of the cost, shared among graphs by the nodes and edges that each backup has of them. */
  readonly graphs: Readonly<Record<string, number>>;
  /** How many of the last 30 days. */
  readonly provenRestores: number;
  /** Undefined without a proof. */
  readonly perProvenRestore: number | undefined;
}

/** Objects that were written and read in a month, and for how long proofs ran. */
export interface Use {
  readonly puts: number;
  readonly putBytes: number;
  readonly gets: number;
  readonly getBytes: number;
  readonly proofHours: number;
}

/** Undefined where no price is given for this vault. */
export function costOf(vault: VaultHistory, prices: Prices, nowMs: number): VaultCost | undefined {
  const price = vaultPriceOf(prices, vault.name);
  if (price === undefined) return undefined;
  const classes: Record<string, { bytes: number; cost: number }> = {};
  const graphs = new Map<string, number>();
  const shares = sharesOf(vault);
  const store = (bytes: readonly number[], ageDays: number): number => {
    const name = classAt(price, ageDays);
    const { bytes: before, cost } = classes[name] ?? { bytes: 0, cost: 0 };
    const added = storageCost(bytes, name, prices);
    classes[name] = { bytes: before + bytes.reduce((sum, size) => sum + size, 0), cost: cost + added };
    return added;
  };
  for (const { base, atMs, objectBytes } of vault.points) {
    const cost = store(objectBytes, (nowMs - atMs) / dayLengthMs);
    for (const [graph, share] of shares.get(base) ?? unknownGraphs)
      graphs.set(graph, (graphs.get(graph) ?? 0) + cost * share);
  }
  store(vault.otherBytes, 0);
  const storage = Object.values(classes).reduce((sum, { cost }) => sum + cost, 0);
  const cost = { storage, ...costOfUse(useOf(vault, nowMs), price, prices) };
  const total = cost.storage + cost.requests + cost.traffic + cost.proofs;
  const shared = [...graphs.values()].reduce((sum, value) => sum + value, 0);
  const recent = vault.judged.filter(({ atMs, ok }) => ok && isRecent(atMs, nowMs)).length;
  return {
    vault: vault.name,
    ...cost,
    total,
    classes,
    graphs: Object.fromEntries([...graphs].map(([name, value]) => [name, shared > 0 ? (value / shared) * total : 0])),
    provenRestores: recent,
    perProvenRestore: recent === 0 ? undefined : total / recent,
  };
}

export function storageCost(bytes: readonly number[], name: string, { classes }: Prices): number {
  const { gibMonth = 0, objectBytesMin = 0 } = classes[name] ?? {};
  return (bytes.reduce((sum, size) => sum + Math.max(size, objectBytesMin), 0) / gib) * gibMonth;
}

/** Requests are those of the class in which objects are written, where nearly all of them are still when they are read. */
export function costOfUse(use: Use, price: VaultPrice, prices: Prices): Omit<Cost, "storage" | "total"> {
  const { put1000 = 0, get1000 = 0, readGib = 0 } = prices.classes[price.class] ?? {};
  const { inGib = 0, outGib = 0 } = prices.traffic ?? {};
  return {
    requests: (use.puts * put1000 + use.gets * get1000) / 1000 + (use.getBytes / gib) * readGib,
    traffic: (use.putBytes * inGib + use.getBytes * outGib) / gib,
    proofs: use.proofHours * (prices.proofHour ?? 0),
  };
}

/** Backups that were removed meanwhile count as large as those that are there. */
function useOf(vault: VaultHistory, nowMs: number): Use {
  const full = vault.points.filter(({ isFull }) => isFull);
  const young = vault.points.filter(({ isFull, atMs }) => !isFull && isRecent(atMs, nowMs));
  const made = vault.attempts.filter(({ endedMs }) => endedMs !== undefined && isRecent(endedMs, nowMs)).length;
  const entries = vault.entriesMs.filter((atMs) => isRecent(atMs, nowMs)).length;
  const objectsOf = ({ objectBytes }: KeptPoint): number => objectBytes.length;
  const judged = vault.judged.filter(({ atMs }) => isRecent(atMs, nowMs));
  const read = judged.map((one) => readBy(one, vault.points));
  const ms = middle(vault.judged.flatMap((one) => one.ms ?? []));
  return {
    puts: made * middle(full.map(objectsOf)) + sum(young.map(objectsOf)) + entries,
    putBytes: made * middle(full.map(bytesOf)) + sum(young.map(bytesOf)),
    gets: sum(read.map(({ objects }) => objects)),
    getBytes: sum(read.map(({ bytes }) => bytes)),
    proofHours: sum(judged.map((one) => one.ms ?? ms)) / 3_600_000,
  };
}

/** A proof reads the backup and all increments up to its own; one that is gone was like those that are there. */
function readBy({ base, number }: Judged, points: readonly KeptPoint[]): { objects: number; bytes: number } {
  const chain = points.filter((point) => point.base === base && (point.isFull || numberOf(point.id) <= number));
  const read = chain.length > 0 ? [chain] : points.filter(({ isFull }) => isFull).map((point) => [point]);
  return {
    objects: middle(read.map((all) => sum(all.map(({ objectBytes }) => objectBytes.length)))),
    bytes: middle(read.map((all) => sum(all.map(bytesOf)))),
  };
}

const unknownGraphs: ReadonlyMap<string, number> = new Map([["(unknown)", 1]]);

/** The share of each graph in each backup. */
function sharesOf({ backups }: VaultHistory): ReadonlyMap<string, ReadonlyMap<string, number>> {
  return new Map(
    backups.flatMap(({ id, graphs }) => {
      const all = sum(graphs.map(({ entities }) => entities));
      return all === 0 ? [] : [[id, new Map(graphs.map(({ name, entities }) => [name, entities / all]))] as const];
    }),
  );
}

export function bytesOf({ objectBytes }: Pick<KeptPoint, "objectBytes">): number {
  return sum(objectBytes);
}

export function isRecent(atMs: number, nowMs: number): boolean {
  return atMs > nowMs - monthDays * dayLengthMs && atMs <= nowMs;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** The median; 0 for nothing. */
export function middle(values: readonly number[]): number {
  return values.length === 0 ? 0 : medianInPlace(Float64Array.from(values));
}

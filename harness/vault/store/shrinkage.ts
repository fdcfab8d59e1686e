// Detects a source that is empty, or has suddenly lost most of what the vault holds of it: the backup of a wiped server
// is complete and restorable, but must not displace the last one that has everything. Pure.
import { formatCount } from "../../base/units.ts";
import type { Manifest } from "./manifest.ts";
import type { TrustedBackup } from "./trusted-backups.ts";

/** Smaller losses may be normal changes in a small graph. */
const lossMin = 100;

export interface Size {
  readonly nodes: number;
  readonly edges: number;
}

/** A full backup with the facts used for the comparison. */
export interface SizedBackup {
  readonly id: string;
  readonly atMs: number;
  /** Size of all its graphs; undefined where its snapshot was not understood. */
  readonly size: Size | undefined;
  readonly isFaulty: boolean;
  /** The user accepted this size: later backups are compared with it. */
  readonly isAllowed: boolean;
}

export interface Shrinkage {
  readonly size: Size;
  /** The backup that has more; undefined where the source is empty and no earlier backup is known. */
  readonly earlier: (Size & { readonly id: string }) | undefined;
}

export function sizeOf(content: Manifest["content"]): Size | undefined {
  if (content === null) return undefined;
  const sum = (of: keyof Size): number => content.graphs.reduce((all, graph) => all + graph[of], 0);
  return { nodes: sum("nodes"), edges: sum("edges") };
}

export function sizedBackup({ manifest, isFaulty }: TrustedBackup): SizedBackup {
  const { id, cut, content, shrunkAllowed } = manifest;
  const isAllowed = shrunkAllowed === true;
  return { id, atMs: Date.parse(cut.at), size: sizeOf(content), isFaulty, isAllowed };
}

/** Undefined where it has not shrunk. `earlier` are the backups to compare with, in any order. */
export function shrinkage(size: Size | undefined, earlier: readonly SizedBackup[]): Shrinkage | undefined {
  return compare(size, walk(earlier).last);
}

/** Every backup that is empty, or has shrunk compared with those before it, by id. */
export function shrinkages(backups: readonly SizedBackup[]): ReadonlyMap<string, Shrinkage> {
  return walk(backups).shrunk;
}

/**
 * Goes from the oldest to the newest. A shrunk backup is not a reference for later ones, unless the user accepted it.
 */
function walk(backups: readonly SizedBackup[]): {
  readonly shrunk: ReadonlyMap<string, Shrinkage>;
  readonly last: Shrinkage["earlier"];
} {
  const shrunk = new Map<string, Shrinkage>();
  let last: Shrinkage["earlier"];
  for (const { id, size, isFaulty, isAllowed } of backups.toSorted((a, b) => a.atMs - b.atMs)) {
    const found = compare(size, last);
    if (found !== undefined) shrunk.set(id, found);
    const isMeasure = size !== undefined && size.nodes > 0 && !isFaulty && (found === undefined || isAllowed);
    if (isMeasure) last = { id, ...size };
  }
  return { shrunk, last };
}

function compare(size: Size | undefined, earlier: Shrinkage["earlier"]): Shrinkage | undefined {
  if (size === undefined) return undefined;
  const hasLost = (of: keyof Size): boolean => earlier !== undefined && isMostGone(earlier[of], size[of]);
  return size.nodes === 0 || hasLost("nodes") || hasLost("edges") ? { size, earlier } : undefined;
}

function isMostGone(before: number, now: number): boolean {
  return before - now >= lossMin && now < before / 2;
}

/** Clocks of two machines differ by less. */
const aheadMaxMs = 86_400_000;
export const futureWords = "it lies in the future";

/** Whoever can sign could date a backup so that it stays the newest: it displaces no other, and is not `latest`. */
export function isInFuture(atMs: number, nowMs: number): boolean {
  return atMs > nowMs + aheadMaxMs;
}

/** "12,000 nodes in 20261129T030000Z-0a1b2c3d, now 0". */
export function shrinkageWords({ size, earlier }: Shrinkage): string {
  if (earlier === undefined) return "it is empty, and no backup before it holds a node";
  const of = size.nodes === 0 || isMostGone(earlier.nodes, size.nodes) ? "nodes" : "edges";
  return `${formatCount(earlier[of])} ${of} in ${earlier.id}, now ${formatCount(size[of])}`;
}

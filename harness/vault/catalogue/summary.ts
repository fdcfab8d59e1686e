// A summary of the catalogue: which restore points the vault should hold, each with the hash of its manifest, and what it
// removed. The newest points are in it themselves. Those before are in groups, of which it has the hashes only, so two
// vaults are compared without what is equal in both. Where a group begins and ends is decided by the ids of its points:
// vaults with the same points have the same groups, and a point that one of them lacks changes a group or two.
import { hash } from "node:crypto";
import { eachInParallel } from "../parts/in-parallel.ts";
import type { CataloguedPoint } from "./entry.ts";
import type { Catalogue } from "./read-catalogue.ts";
import { type PastRemoval, RemovalHistory } from "./removal-history.ts";
import { hashOfLines, hashOfPoints, linesOfRemovals, shortHash, type SummaryPoint } from "./summary-lines.ts";

/** The newest restore points that are in no group: a small vault has no groups. */
const tailMin = 16;
const groupMax = 64;
/** One id of so many ends a group. */
const groupMean = 32;
const readsAtOnce = 16;
/** How many removals are kept, the latest ones. */
const removedMaxDefault = 300;

/** What is behind a hash, and is read only where that is needed. */
interface Hashed<T> {
  readonly hash: string;
  /** Where it is stored; undefined for what is not stored yet. */
  readonly slot?: number;
  /** Throws where what is stored is not what the hash says. */
  read(): Promise<T>;
}

export type PointGroup = Hashed<readonly SummaryPoint[]>;
export type HashedRemovals = Hashed<ReadonlyMap<string, PastRemoval>>;

export interface VaultSummary {
  /** Id of the catalogue. */
  readonly vault: string;
  /** Number and hash of the entry up to which this is a summary; 0 and an empty text where there is none. */
  readonly number: number;
  readonly sha256: string;
  /** Restore points that are there, the oldest first. */
  readonly groups: readonly PointGroup[];
  /** Those that are newer, and all that are about to come or to go; in order of id. */
  readonly tail: readonly SummaryPoint[];
  /** Restore points that are there, and increments of their chains. */
  readonly backups: number;
  readonly increments: number;
  /** Undefined where nothing was removed. */
  readonly removed: HashedRemovals | undefined;
  /** Every removal is here that this entry or a later one recorded. */
  readonly removedSince: number;
}

/** The same for all vaults that should hold the same restore points. */
export function rootOf({ groups, tail }: Pick<VaultSummary, "groups" | "tail">): string {
  const held = tail.filter(({ is }) => is === "there");
  return hash("sha256", [...groups.map((group) => group.hash), hashOfPoints(held)].join("\n"));
}

/** `known` is an earlier summary, to which only the later entries are added; without it all that were read. */
export async function summaryOf(
  catalogue: Catalogue,
  known?: VaultSummary,
  removedMax: number = removedMaxDefault,
): Promise<VaultSummary> {
  const { vault, number, sha256, state, entries } = catalogue;
  const at = entries.findIndex((read) => read.entry.number === known?.number && read.sha256 === known.sha256);
  const before = at === -1 ? undefined : known;
  const later = entries.slice(at + 1);
  const touched = new Set(later.flatMap(({ entry }) => entry.events.flatMap(({ point }) => point ?? [])));
  const none = new RemovalHistory();
  const points = [...state.keys()].toSorted().flatMap((id) => pointOf(state.get(id), none));
  const split = splitPoints(points);
  const unchanged = new Map(before?.groups.map((group) => [group.hash, group]));
  const kept = split.groups.map((group) =>
    group.some(({ id }) => touched.has(id)) ? undefined : unchanged.get(hashOfPoints(group)),
  );
  const history = before === undefined ? new RemovalHistory() : await historyOf(before, new Set(kept));
  const [first] = entries;
  if (before === undefined) for (const { id, chain } of first?.entry.state ?? []) history.reach(id, chain?.number ?? 0);
  for (const { entry } of later) for (const event of entry.events) history.add(event, entry.number);
  let removedSince = (before === undefined ? first?.entry.number : before.removedSince) ?? 1;
  for (const [id, { entry }] of history.removed) {
    if (history.removed.size <= removedMax) break;
    history.removed.delete(id);
    removedSince = entry + 1;
  }
  const removed = removalsOf(history.removed);
  const withHistory = ({ id }: SummaryPoint): readonly SummaryPoint[] => pointOf(state.get(id), history);
  return {
    ...countsOf(points),
    vault,
    number,
    sha256,
    groups: split.groups.map((group, index) => kept[index] ?? groupOf(group.flatMap(withHistory))),
    tail: split.tail.flatMap(withHistory),
    removed: removed?.hash === before?.removed?.hash ? before?.removed : removed,
    removedSince,
  };
}

/** All of its points are at hand, as in a summary of an earlier version. */
export function summaryWith(
  rest: Omit<VaultSummary, "groups" | "tail" | "backups" | "increments">,
  points: readonly SummaryPoint[],
): VaultSummary {
  const { groups, tail } = splitPoints(points);
  return { ...rest, ...countsOf(points), groups: groups.map((group) => groupOf(group)), tail };
}

function countsOf(points: readonly SummaryPoint[]): Pick<VaultSummary, "backups" | "increments"> {
  const held = points.filter(({ is }) => is === "there");
  return { backups: held.length, increments: held.reduce((sum, { number }) => sum + number, 0) };
}

function splitPoints(points: readonly SummaryPoint[]): {
  readonly groups: readonly (readonly SummaryPoint[])[];
  readonly tail: readonly SummaryPoint[];
} {
  const held = points.filter(({ is }) => is === "there");
  const groups: SummaryPoint[][] = [];
  let run: SummaryPoint[] = [];
  for (const point of held.slice(0, Math.max(0, held.length - tailMin))) {
    run.push(point);
    if (run.length < groupMax && hash("sha256", point.id, "buffer").readUInt8(0) >= 256 / groupMean) continue;
    groups.push(run);
    run = [];
  }
  const grouped = new Set(groups.flat());
  return { groups, tail: points.filter((point) => !grouped.has(point)) };
}

function groupOf(points: readonly SummaryPoint[]): PointGroup {
  return { hash: hashOfPoints(points), read: () => Promise.resolve(points) };
}

export function removalsOf(removed: ReadonlyMap<string, PastRemoval>): HashedRemovals | undefined {
  if (removed.size === 0) return undefined;
  return { hash: hashOfLines(linesOfRemovals(removed)), read: () => Promise.resolve(removed) };
}

function pointOf(point: CataloguedPoint | undefined, { going, cut }: RemovalHistory): readonly SummaryPoint[] {
  if (point === undefined) return [];
  const { id, is, entry, sha256, chain } = point;
  const reason = is === "going" ? going.get(id) : undefined;
  return [
    {
      id,
      is,
      entry,
      ...(reason === undefined ? {} : { reason }),
      ...(sha256 === undefined ? {} : { manifest: shortHash(sha256) }),
      number: chain?.number ?? 0,
      ...(chain?.sha256 === undefined ? {} : { end: shortHash(chain.sha256) }),
      isCut: cut.has(id),
    },
  ];
}

/** Throws where what is stored is not what the hashes say. */
export async function pointsOf(groups: readonly PointGroup[]): Promise<readonly SummaryPoint[]> {
  return (await eachInParallel(readsAtOnce, groups, (group) => group.read())).flat();
}

/** What the entries up to a summary said of the removals, of all points but those of groups that stay as they are. */
async function historyOf(
  { groups, tail, removed }: VaultSummary,
  kept: ReadonlySet<PointGroup | undefined>,
): Promise<RemovalHistory> {
  const history = new RemovalHistory();
  const changed = groups.filter((group) => !kept.has(group));
  const [past, read] = await Promise.all([removed?.read(), pointsOf(changed)]);
  for (const { id, number, reason, isCut } of [...read, ...tail]) {
    history.reach(id, number);
    if (isCut) history.cut.add(id);
    if (reason !== undefined) history.going.set(id, reason);
  }
  for (const [id, removal] of past ?? []) history.removed.set(id, removal);
  return history;
}

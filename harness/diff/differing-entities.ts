// What differs between the nodes, or the edges, of two graphs: counted exactly, and kept in full up to a limit. Two more
// readings of both graphs, made only where their sums differ.
import { type BucketChoice, Capture, type Captured } from "../check/locate/capture.ts";
import { type LocateReport, pairDifferences } from "../check/locate/locate.ts";
import { DifferenceTable, type DiffSide, KeyTable } from "./difference-table.ts";
import type { EntityName, GraphReader } from "./graph-reader.ts";
import { pairNearest } from "./nearest.ts";

/** Entities of one side that are kept in full. */
const keptMax = 2_000;

export type Readers = Readonly<Record<DiffSide, GraphReader>>;

export interface DifferingEntities {
  readonly missing: number;
  readonly extra: number;
  readonly changed: number;
  /** All that differs, or a sample of it. */
  readonly pairs: readonly LocateReport[];
  /** Whether the two readings of a side were not alike: somebody writes to it. */
  readonly isMoving: boolean;
}

const sides = ["a", "b"] as const;

export async function differingEntities(
  entity: EntityName,
  readers: Readers,
  choice: BucketChoice,
): Promise<DifferingEntities> {
  const chosen = entity === "node" ? choice.nodes : choice.edges;
  const table = new DifferenceTable();
  const first = await onBoth((side) =>
    readers[side].each(entity, ({ bucket, lanes }) => {
      if (chosen.has(bucket)) table.add(side, lanes);
    }),
  );
  const only = table.remaining();
  const keys = new KeyTable();
  // Of too many, both sides keep those with the same keys.
  const keyMax = Math.min(1, keptMax / Math.max(only.a, only.b)) * 2 ** 32;
  const kept: Record<DiffSide, readonly Captured[]> = { a: [], b: [] };
  const second = await onBoth(async (side) => {
    let capture: Capture | undefined;
    const sums = await readers[side].each(entity, (fingerprint, row, ids, kind) => {
      if (!chosen.has(fingerprint.bucket) || !table.take(side, fingerprint.lanes)) return;
      keys.add(side, fingerprint.key);
      capture ??= new Capture(fingerprint, () => (fingerprint.key[1] ?? 0) < keyMax);
      if (entity === "node") capture.node(row, ids.id, kind);
      else capture.edge(row, ids, kind);
    });
    kept[side] = capture?.entities ?? [];
    return sums;
  });
  const isMoving = sides.some((side) => first[side].join() !== second[side].join());
  const found = pairDifferences(kept.a, kept.b);
  const counts = keys.result();
  if (only.a > kept.a.length || only.b > kept.b.length) return { ...counts, pairs: found, isMoving };
  return { ...withNearest(found), isMoving };
}

function withNearest(pairs: readonly LocateReport[]): Omit<DifferingEntities, "isMoving"> {
  const isWhole = ({ expected, actual }: LocateReport): boolean => expected !== undefined && actual !== undefined;
  const alone = pairs.filter((pair) => !isWhole(pair));
  const [missing, extra] = [alone.flatMap((pair) => pair.expected ?? []), alone.flatMap((pair) => pair.actual ?? [])];
  const near = pairNearest(missing, extra);
  const used = new Set(near.flatMap(({ expected, actual }) => [expected, actual]));
  const left = alone.filter(({ expected, actual }) => !used.has(expected ?? actual));
  return {
    missing: missing.length - near.length,
    extra: extra.length - near.length,
    changed: pairs.length - alone.length + near.length,
    pairs: [...pairs.filter(isWhole), ...near, ...left],
  };
}

async function onBoth<T>(work: (side: DiffSide) => Promise<T>): Promise<Record<DiffSide, T>> {
  const [a, b] = await Promise.all([work("a"), work("b")]);
  return { a, b };
}

// One restore point as a list of thousands shows it.
import type { Inventory } from "../../vault/retention/inventory.ts";
import type { LockFacts } from "./lock-memory.ts";
import type { PointProof } from "./proven.ts";
import type { PointState } from "./restorable.ts";
import { numberOf } from "../../vault/store/vault.ts";

export interface PointRow {
  readonly id: string;
  readonly atMs: number;
  readonly kind: "full" | "increment";
  /** What it takes in the vault, with its records. */
  readonly bytes: number;
  readonly state: Exclude<PointState, "damaged">;
  /** When a verify or a proof last found it good, and how long that took; undefined where none did. */
  readonly judged: { readonly atMs: number; readonly ms: number } | undefined;
  readonly pinned: string | undefined;
  readonly doubt: string | undefined;
  /** When the first object lock of its parts ends; undefined where none is known. */
  readonly lockedUntilMs: number | undefined;
}

/** Newest first. */
export function pointRows(
  { points }: Inventory,
  proofs: ReadonlyMap<string, PointProof>,
  locks: LockFacts | undefined,
): readonly PointRow[] {
  const rows = Array.from(points.values(), ({ point, bytes, objects }): PointRow => {
    const { state = "unproven", judged } = proofs.get(point.id) ?? {};
    const ends = objects.flatMap(({ path }) => locks?.untilMs.get(path) ?? []);
    return {
      id: point.id,
      atMs: point.atMs,
      kind: numberOf(point.id) === 0 ? "full" : "increment",
      bytes,
      state,
      judged,
      pinned: point.pinned,
      doubt: point.doubt,
      lockedUntilMs: ends.length === 0 ? undefined : Math.min(...ends),
    };
  });
  return rows.toSorted((a, b) => b.atMs - a.atMs || (a.id < b.id ? 1 : -1));
}

// Which restore points of a vault can be restored, as far as is known, and what was proven of them. Pure, but for the
// records that it asks for.
import type { Inventory } from "../../vault/retention/inventory.ts";
import type { RetentionPoint } from "../../vault/retention/retention.ts";
import { baseOf, numberOf } from "../../vault/store/vault.ts";

export const pointStates = ["proven", "loaded", "unproven", "faulty", "doubtful", "damaged"] as const;
export type PointState = (typeof pointStates)[number];

/** Restore points that no record objects to, newest first. A restore refuses the others, or must not be relied on. */
export function unobjected({ points }: Inventory): readonly RetentionPoint[] {
  const all = Array.from(points.values(), ({ point }) => point);
  const chains = Map.groupBy(all, ({ id }) => baseOf(id));
  const good = [...chains.values()].flatMap((chain) => {
    const base = chain.find((point) => numberOf(point.id) === 0);
    if (base === undefined || base.verified === "bad") return [];
    const lastGood = lastTrusted(chain);
    return chain.filter((point) => numberOf(point.id) <= lastGood && point.doubt === undefined);
  });
  return good.toSorted((a, b) => b.atMs - a.atMs || (a.id < b.id ? 1 : -1));
}

/** A chain that a proof found wrong is restored up to the last proof before that found it right, and no further. */
function lastTrusted(chain: readonly RetentionPoint[]): number {
  const numbers = (verified: RetentionPoint["verified"]): readonly number[] =>
    chain.filter((point) => point.verified === verified).map(({ id }) => numberOf(id));
  const firstBad = Math.min(...numbers("bad"));
  if (!Number.isFinite(firstBad)) return Number.POSITIVE_INFINITY;
  return Math.max(0, ...numbers("good").filter((number) => number < firstBad));
}

/**
 * The newest one that can be restored. `hazardOf` gives the number of the first increment of a chain after which it may
 * not replay exactly.
 */
export async function newestOf(
  newestFirst: readonly RetentionPoint[],
  hazardOf: (base: string) => Promise<number>,
): Promise<RetentionPoint | undefined> {
  const hazards = new Map<string, number>();
  for (const point of newestFirst) {
    const base = baseOf(point.id);
    if (numberOf(point.id) === 0) return point;
    const hazard = hazards.get(base) ?? (await hazardOf(base));
    hazards.set(base, hazard);
    if (numberOf(point.id) < hazard) return point;
  }
  return undefined;
}

// What a vault has removed and why, according to the events of its catalogue: what a rule removed in one vault is no loss
// when it is compared with another.
import type { CatalogueEvent } from "./entry.ts";
import { discardedWords, rotatedWords } from "./removals.ts";

export const removalReasons = ["rule", "rotated", "discarded"] as const;
export type RemovalReason = (typeof removalReasons)[number];

export interface PastRemoval {
  readonly reason: RemovalReason;
  /** Number of the entry that recorded it. */
  readonly entry: number;
}

export class RemovalHistory {
  /** Backups that are gone, in the order in which they went. One that was missing when it was recorded is not here. */
  readonly removed: Map<string, PastRemoval> = new Map();
  /** Backups that are about to go. */
  readonly going: Map<string, RemovalReason> = new Map();
  /** Bases of the chains whose last increments a rule removed. */
  readonly cut: Set<string> = new Set();
  readonly #reached = new Map<string, number>();

  /** The chain of `base` is known to reach this increment. */
  reach(base: string, number: number): void {
    this.#reached.set(base, number);
  }

  add({ does, point, number = 0, why }: CatalogueEvent, entry: number): void {
    if (point === undefined) return;
    const reason = reasonOf(why);
    if (does === "added") {
      this.removed.delete(point);
      this.going.delete(point);
    }
    if (does === "going" && reason !== undefined) this.going.set(point, reason);
    if (does === "removed") {
      // An adoption records as removed what was missing.
      const known = this.going.get(point);
      if (known !== undefined) this.removed.set(point, { reason: known, entry });
      this.going.delete(point);
    }
    if (does !== "chain") return;
    const reached = this.#reached.get(point) ?? 0;
    if (number < reached && reason !== undefined && reason !== "discarded") this.cut.add(point);
    if (number > reached) this.cut.delete(point);
    this.#reached.set(point, number);
  }
}

function reasonOf(why: string | undefined): RemovalReason | undefined {
  if (why === undefined) return undefined;
  if (why.startsWith(discardedWords)) return "discarded";
  return why.startsWith(rotatedWords) ? "rotated" : "rule";
}

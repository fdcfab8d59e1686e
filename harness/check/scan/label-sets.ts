// Label sets for the invariants: which of Graphiti's labels a node has, and whether a list repeats them.
import { tags } from "../fingerprint/canonical.ts";
import { EntityRow, itemBytes } from "../fingerprint/entity-row.ts";
import type { Kind } from "../fingerprint/fingerprint.ts";

export const labelNumbers = { Episodic: 1, Entity: 2, Community: 3, Saga: 4 } as const;

/** Meanings of the label sets, computed once for each. */
export class LabelSets {
  readonly #numbers = new Map<Kind, number>();
  readonly #hashes = new Map<Kind, readonly number[]>();
  readonly #row = new EntityRow();

  numberOf(kind: Kind): number {
    let number = this.#numbers.get(kind);
    if (number === undefined) {
      const labels = kind.name.split(":");
      const known = Object.entries(labelNumbers).find(([label]) => labels.includes(label));
      this.#numbers.set(kind, (number = known?.[1] ?? 0));
    }
    return number;
  }

  primary(kind: Kind): string {
    const number = this.numberOf(kind);
    return Object.entries(labelNumbers).find(([, of]) => of === number)?.[0] ?? kind.name;
  }

  /** Whether the list at `at` holds exactly the labels of `kind`, in any order and with repeats. */
  same(row: EntityRow, at: number, kind: Kind): boolean {
    if (row.tags[at] !== tags.List) return false;
    const wanted = this.#hashesOf(kind);
    const found = new Set<number>();
    for (let item = row.starts[at] ?? 0; item < (row.ends[at] ?? 0); item += itemBytes)
      found.add(row.items.getUint32(item + 1, true));
    return found.size === wanted.length && wanted.every((hash) => found.has(hash));
  }

  #hashesOf(kind: Kind): readonly number[] {
    const known = this.#hashes.get(kind);
    if (known !== undefined) return known;
    const hashes = kind.name.split(":").map((label) => {
      const bytes = new TextEncoder().encode(label);
      this.#row.begin(new DataView(bytes.buffer));
      this.#row.hash(tags.String, 0, bytes.length);
      return this.#row.value[0] ?? 0;
    });
    this.#hashes.set(kind, hashes);
    return hashes;
  }
}

// The bits of doubles that replies do not show (they have 15 digits, a double has up to 17), as tallies per property.
// The engine computes the rest itself (`doubleRestOf`).
import { doubleRest } from "./canonical.ts";
import { hashBytes, Sums } from "./hash.ts";
import type { EntityKind, Tally } from "../observation.ts";
import type { RowExtras } from "./row-extras.ts";

/** Sums of the hashes of (entity, rest), per `NODE.property` or `RELATIONSHIP.property`. */
export class DoubleTallies {
  readonly #slots = new Map<string, { sums: Sums; count: number }>();
  readonly #bytes = Buffer.alloc(64);
  readonly #view = new DataView(this.#bytes.buffer, this.#bytes.byteOffset, 64);
  readonly #lanes = new Uint32Array(4);

  add(slot: string, keyHigh: number, keyLow: number, rest: string): void {
    let tally = this.#slots.get(slot);
    if (tally === undefined) this.#slots.set(slot, (tally = { sums: new Sums(1), count: 0 }));
    this.#view.setUint32(0, keyHigh);
    this.#view.setUint32(4, keyLow);
    // The sign of "nan" is random.
    const length = this.#bytes.write(rest.endsWith("nan") ? "nan" : rest, 8, "latin1");
    hashBytes(this.#view, 0, 8 + length, 0, this.#lanes);
    tally.sums.add(0, this.#lanes);
    tally.count += 1;
  }

  result(): Record<string, Tally> {
    const sorted = [...this.#slots].toSorted(([a], [b]) => (a < b ? -1 : 1));
    return Object.fromEntries(sorted.map(([slot, { count, sums }]) => [slot, { count, sum: sums.hex(0) }]));
  }
}

export class ExpectedDoubles {
  readonly #tallies = new DoubleTallies();

  add(entity: EntityKind, key: Uint32Array, { doubles }: RowExtras): void {
    for (const { name, value } of doubles)
      this.#tallies.add(`${entity}.${name}`, key[0] ?? 0, key[1] ?? 0, doubleRest(value));
  }

  result(): Record<string, Tally> {
    return this.#tallies.result();
  }
}

// A few records per kind, chosen by their hash: the same ones in any order of the records.
import type { Properties } from "../../../generators/model.ts";
import type { EntityKind } from "../observation.ts";

const perKind = 16;

interface Sample {
  readonly rank: number;
  readonly properties: Properties;
}

export class Samples {
  readonly #seed: number;
  readonly #kinds = new Map<string, Sample[]>();

  constructor(seed: number) {
    this.#seed = seed | 0;
  }

  offer(entity: EntityKind, kind: string, hash: number, properties: () => Properties): void {
    const id = entity === "NODE" ? kind : `>${kind}`;
    const rank = (hash ^ this.#seed) >>> 0;
    const held = this.#kinds.get(id);
    if (held === undefined) {
      this.#kinds.set(id, [{ rank, properties: properties() }]);
      return;
    }
    if (held.length === perKind && rank >= (held.at(-1)?.rank ?? 0)) return;
    held.push({ rank, properties: properties() });
    held.sort((a, b) => a.rank - b.rank);
    if (held.length > perKind) held.pop();
  }

  /** Samples from all label sets with this label, or of the type; lowest hash first. */
  of(entity: EntityKind, label: string): Properties[] {
    if (entity === "RELATIONSHIP") return (this.#kinds.get(`>${label}`) ?? []).map((sample) => sample.properties);
    const held = [...this.#kinds].flatMap(([kind, samples]) => (kind.split(":").includes(label) ? samples : []));
    return held.toSorted((a, b) => a.rank - b.rank).map((sample) => sample.properties);
  }
}

// Counts how often an invariant was checked and violated, and where.
import type { InvariantTally } from "../observation.ts";

/** Graphiti's hard invariants that can be checked on the graph alone, with the claim of each. */
export const invariantClaims = {
  H1: "uuid is present, and unique per label and per relationship type",
  H2: "group_id and created_at are present; an edge has the group_id of both its ends",
  H3: "a fact with expired_at has invalid_at",
  H5: "a fact is not expired before it was created, nor created before its first episode",
  H6: "MENTIONS, HAS_EPISODE and NEXT_EPISODE have the created_at of their episode",
  H7: "edges join the right labels; source_node_uuid and target_node_uuid are the uuids of the ends",
  H8: "the labels property is the set of labels",
  H9: "embeddings are Vectorf32",
  H10: "every episode of a fact exists",
  H11: "an episode lists the facts that name it",
  saga: "consecutive episodes belong to one saga",
} as const;

export type InvariantName = keyof typeof invariantClaims;

const keptSamples = 5;

export class InvariantTallies {
  readonly #tallies = new Map<InvariantName, InvariantTally>();

  /** `subject` is only called for the first few violations. */
  check(name: InvariantName, holds: boolean, subject: () => string): void {
    let tally = this.#tallies.get(name);
    if (tally === undefined) this.#tallies.set(name, (tally = { checked: 0, violated: 0, samples: [] }));
    tally.checked += 1;
    if (holds) return;
    tally.violated += 1;
    if (tally.samples.length < keptSamples) tally.samples.push(subject());
  }

  add(name: InvariantName, checked: number, violated: number, sample: string): void {
    const tally = this.#tallies.get(name) ?? { checked: 0, violated: 0, samples: [] };
    tally.checked += checked;
    tally.violated += violated;
    if (violated > 0 && tally.samples.length < keptSamples) tally.samples.push(sample);
    this.#tallies.set(name, tally);
  }

  result(): Record<string, InvariantTally> {
    return Object.fromEntries(this.#tallies);
  }
}

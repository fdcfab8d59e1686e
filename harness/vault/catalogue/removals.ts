// How a removal is recorded: before anything goes, so that what goes without a record was removed by somebody else, and
// again when it is gone.
import type { Store } from "../store/store.ts";
import type { CatalogueEvent } from "./entry.ts";
import { chainEnd } from "./unrecorded.ts";
import { baseOf, numberOf } from "../store/vault.ts";

export interface Removals {
  readonly before: readonly CatalogueEvent[];
  readonly after: readonly CatalogueEvent[];
}

/** How the reason of a removal begins that no rule asked for: a second vault takes such a restore point again. */
export const discardedWords = "discarded as damaged";
/** How the reason begins where a copy for the keys of today takes its place. */
export const rotatedWords = "its copy for the keys of today is";

/** `ids` are backups, `<id>`, and increments, `<id>/<number>`, each with all that depends on it. */
export async function removalsToRecord(store: Store, ids: readonly string[], why: string): Promise<Removals> {
  const backups = ids.filter((id) => !id.includes("/"));
  const before: CatalogueEvent[] = backups.map((point) => ({ does: "going", point, why }));
  const cuts = new Map<string, number>();
  for (const id of ids) {
    const [base, number] = [baseOf(id), numberOf(id)];
    if (number > 0 && !backups.includes(base))
      cuts.set(base, Math.min(number, cuts.get(base) ?? Number.POSITIVE_INFINITY));
  }
  for (const [base, first] of cuts) before.push(await chainEnd(store, base, first - 1, why));
  return { before, after: backups.map((point) => ({ does: "removed", point, why })) };
}

// Completes the catalogue where a run ended between a change of the vault and its record. Call it while holding the
// exclusive lock and after garbage was removed: then no backup and no prune is running, what began and is not recorded is
// what a crash left, and what is there is durable.
import { hash } from "node:crypto";
import { folderOf } from "../store/garbage.ts";
import type { Store } from "../store/store.ts";
import type { CatalogueEvent } from "./entry.ts";
import type { Catalogue } from "./read-catalogue.ts";
import { holdingsOf, type Holdings, manifestPath } from "./holdings.ts";

export async function unrecorded(store: Store, catalogue: Catalogue | undefined): Promise<readonly CatalogueEvent[]> {
  if (catalogue === undefined) return [];
  const held = await holdingsOf(store);
  const events: CatalogueEvent[] = [];
  for (const { id, is, chain } of catalogue.state.values()) {
    const isThere = held.manifests.has(id);
    if (is !== "there") events.push(isThere ? await added(store, id) : { does: "removed", point: id, why: why[is] });
    if (!isThere) continue;
    const last = held.lastIncrement.get(id) ?? 0;
    const recorded = chain?.number ?? 0;
    // A removal that was killed leaves a shorter chain; any other shorter chain is a loss, which a check names.
    if (last > recorded || (is === "going" && last < recorded)) events.push(await chainEnd(store, id, last));
  }
  return events;
}

const why = { began: "it was never completed", going: "its removal is complete" };

async function added(store: Store, id: string): Promise<CatalogueEvent> {
  return { does: "added", point: id, ...(await manifestHash(store, manifestPath(id, 0))) };
}

/** Records that the chain of a backup ends with this increment; with 0 that it has none. */
export async function chainEnd(store: Store, id: string, number: number, why?: string): Promise<CatalogueEvent> {
  const sha256 = number === 0 ? {} : await manifestHash(store, manifestPath(id, number));
  return { does: "chain", point: id, number, ...sha256, ...(why === undefined ? {} : { why }) };
}

async function manifestHash(store: Store, path: string): Promise<{ readonly sha256?: string }> {
  // An archiver may have written it this instant: what the record names must survive a power cut as the record does.
  await store.sync(folderOf(path));
  const bytes = await store.get(path);
  return bytes === undefined ? {} : { sha256: hash("sha256", bytes) };
}

/** All that is there, as if it had been recorded. */
export async function recordOf(store: Store, held: Holdings): Promise<readonly CatalogueEvent[]> {
  const events: CatalogueEvent[] = [];
  for (const id of held.manifests) {
    events.push(await added(store, id));
    const last = held.lastIncrement.get(id) ?? 0;
    events.push(await chainEnd(store, id, last));
  }
  return events;
}

// Takes what a vault holds now for what it should hold: the first entry of a vault that an earlier version made, or the
// end of an alarm whose cause is known. Only the user decides that.
import { type Clock, systemClock } from "../../base/clock.ts";
import { DrillError } from "../../base/errors.ts";
import { mustHaveTheRightKeys } from "../keys/right-keys.ts";
import { lockVault } from "../locks/vault-lock.ts";
import { isCatalogued, writeLayout } from "../store/layout.ts";
import type { Store } from "../store/store.ts";
import { listBackupIds } from "../store/vault.ts";
import { appendEntry, type CatalogueContext } from "./append.ts";
import { checkVault, type VaultCheck } from "./check-vault.ts";
import { catalogueFolder, type CatalogueEvent } from "./entry.ts";
import { holdingsOf } from "./holdings.ts";
import { forget } from "./memory.ts";
import { type Catalogue, readCatalogue } from "./read-catalogue.ts";
import { recordOf } from "./unrecorded.ts";

export interface Adopted {
  /** The problems that count no more. */
  readonly accepted: readonly string[];
  readonly head: VaultCheck["head"];
}

export async function adopt(context: CatalogueContext): Promise<Adopted> {
  const { store, keyring, clock = systemClock } = context;
  const signer = context.signer ?? (await keyring.signer());
  await using _lock = await lockVault(store, "audit --adopt", { clock });
  const accepted = (await checkVault(context)).problems.map(({ message }) => message);
  const catalogue = await readCatalogue(store, keyring).catch((error: unknown) => {
    if (error instanceof DrillError && error.findingCode === "catalogue-broken") return undefined;
    throw error;
  });
  const newest = (await listBackupIds(store)).at(-1);
  if (catalogue === undefined && newest !== undefined) await mustHaveTheRightKeys(store, keyring, newest);
  if (catalogue === undefined) await setAside(store, clock);
  // Before the first entry: from here on every run records what it does.
  if (!(await isCatalogued(store))) await writeLayout(store);
  const why = accepted.length === 0 ? "what is there is what should be there" : accepted.join("; ");
  await appendEntry({ ...context, signer }, async (current) => await adoption(store, current, why));
  await forget(keyring, store.where);
  const { head } = await checkVault(context);
  return { accepted, head };
}

async function adoption(
  store: Store,
  catalogue: Catalogue | undefined,
  why: string,
): Promise<readonly CatalogueEvent[]> {
  const held = await holdingsOf(store);
  const gone = [...(catalogue?.state.keys() ?? [])].filter((id) => !held.manifests.has(id));
  return [
    { does: "adopted", why },
    ...gone.map((point) => ({ does: "removed", point, why: "it was missing when the vault was adopted" }) as const),
    ...(await recordOf(store, held)),
  ];
}

/** Keeps the entries of a catalogue that cannot be trusted, for an investigation. */
async function setAside(store: Store, clock: Clock): Promise<void> {
  const time = new Date(clock.nowMs()).toISOString().replaceAll(/[-:]|\.\d+/g, "");
  for (const { path } of await store.list(`${catalogueFolder}/`)) {
    const bytes = await store.get(path);
    if (bytes !== undefined)
      await store.put(path.replace(catalogueFolder, `${catalogueFolder}-untrusted-${time}`), bytes);
    await store.delete(path);
  }
}

// With the wrong key ring the first thing that is read looks damaged or tampered with. What fails so is looked at again
// before it is reported: a vault of which a key ring knows neither the beginning nor the end is another one's.
import { DrillError } from "../../base/errors.ts";
import { mustKnowAnEnd } from "./check-vault.ts";
import { holdingsOf } from "./holdings.ts";
import { readMemory } from "./memory.ts";
import type { CatalogueContext } from "./append.ts";
import { readCatalogue } from "./read-catalogue.ts";

type Context = Pick<CatalogueContext, "store" | "keyring">;

/** Throws a `DrillError` (`usage`) where the key ring trusts nothing in the vault, and does nothing otherwise. */
export async function refuseWrongKeyring({ store, keyring }: Context): Promise<void> {
  if ((await readMemory(keyring, store.where)) !== undefined) return;
  const isRead = await readCatalogue(store, keyring).then(
    () => true,
    (error: unknown) => {
      if (error instanceof DrillError && error.findingCode === "catalogue-broken") return false;
      throw error;
    },
  );
  if (!isRead) await mustKnowAnEnd(store, keyring, await holdingsOf(store));
}

/** Whatever finds a signature wrong in `work` names the key ring instead, where that is the wrong one. */
export async function namingWrongKeyring<T>(context: Context, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const code = error instanceof DrillError ? error.findingCode : undefined;
    if (code === "not-signed" || code === "catalogue-broken") await refuseWrongKeyring(context);
    throw error;
  }
}

// With the wrong key ring everything in a vault looks damaged, and what ends an alarm would destroy what is whole.
import { DrillError, usageError } from "../../base/errors.ts";
import type { Store } from "../store/store.ts";
import { readManifest } from "../store/vault.ts";
import type { Keyring } from "./keyring.ts";

/** Refuses a key ring that trusts nothing in the vault: with a wrong one, every backup looks damaged. */
export async function mustHaveTheRightKeys(store: Store, keyring: Keyring, base: string): Promise<void> {
  const error = await readManifest(store, base, keyring).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof DrillError) || error.findingCode !== "not-signed") return;
  throw usageError(
    `the key ring ${keyring.folder} trusts nothing in ${store.where}, so it may be the wrong one`,
    "Nothing was touched. Give the right one by --keys, or import the signer's public key: falkordrill vault keys import.",
  );
}

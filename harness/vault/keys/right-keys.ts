// With the wrong key ring everything in a vault looks damaged, and what ends an alarm would destroy what is whole.
import { DrillError, usageError } from "../../base/errors.ts";
import type { Store } from "../store/store.ts";
import { isSignatureOf } from "../store/signed.ts";
import { readManifest } from "../store/vault.ts";
import type { Keyring } from "./keyring.ts";

/** Refuses a key ring that trusts nothing in the vault: with a wrong one, every backup looks damaged. */
export async function mustHaveTheRightKeys(store: Store, keyring: Keyring, base: string): Promise<void> {
  const error = await readManifest(store, base, keyring).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error instanceof DrillError && error.findingCode === "not-signed") throw wrongKeyring(store, keyring);
}

/**
 * Refuses a key ring that has none of the keys by which these armored signatures were made. The id of a key is written in
 * its signature: a false one of a key of this ring, and one that cannot be read, is damage, which others name.
 */
export async function mustKnowASigner(store: Store, keyring: Keyring, signatures: readonly string[]): Promise<void> {
  const signers = (await keyring.list()).filter(({ role }) => role === "signer");
  for (const armored of signatures)
    for (const { publicKey } of signers) if (await isSignatureOf(publicKey, armored).catch(() => true)) return;
  throw wrongKeyring(store, keyring);
}

function wrongKeyring(store: Store, keyring: Keyring): DrillError {
  return usageError(
    `the key ring ${keyring.folder} trusts nothing in ${store.where}, so it may be the wrong one`,
    "Nothing was touched. Give the right one by --keys, or import the public key of the signer: falkordrill vault keys import --role signer <file>.",
  );
}

// A backup that was found faulty is as faulty in every copy: the bytes are the same. What was found good is not carried
// over: that the first vault gives it back proves nothing about the second one, which has a verify of its own.
import type { PrivateKey } from "openpgp";
import { tryAppend } from "../catalogue/append.ts";
import { readValidation, setAside, writeValidation } from "../store/validation.ts";
import type { Vaults } from "./lacking.ts";

/** `judged` are folders of restore points of the first vault of which a verify or a proof has left a record. */
export async function carryFaults(
  { from, to, keyring }: Vaults,
  judged: readonly string[],
  signer: PrivateKey,
  { signal, note }: { readonly signal: AbortSignal; readonly note: (line: string) => void },
): Promise<void> {
  for (const folder of judged) {
    signal.throwIfAborted();
    const found = await readValidation(from, folder, keyring);
    if (found === undefined || found.ok || found.untrusted === true) continue;
    if ((await to.get(`${folder}/manifest.json`)) === undefined) continue;
    const known = await readValidation(to, folder, keyring);
    // What a later verify of the copy found counts more.
    if (known !== undefined && known.at >= found.at) continue;
    const { point: _point, manifestSha256: _sha256, ...record } = found;
    if (known?.untrusted === true) await setAside(to, folder);
    await writeValidation(to, folder, record, signer);
    // So that the audit of the second vault misses the record when somebody removes it.
    const [, point = "", number = "0"] = folder.split("/");
    const why = `found faulty in ${from.where}: ${record.problems.join("; ")}`;
    const event = { does: "judged", point, number: Number(number), ok: false, why } as const;
    const unrecorded = await tryAppend({ store: to, keyring, signer }, () => [event]);
    if (unrecorded !== undefined) note(unrecorded);
  }
}

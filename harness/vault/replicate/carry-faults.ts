// A backup that was found faulty is as faulty in every copy: the bytes are the same. What was found good is not carried
// over: that the first vault gives it back proves nothing about the second one, which has a verify of its own.
import type { PrivateKey } from "openpgp";
import { tryAppend } from "../catalogue/append.ts";
import { holdingsOf } from "../catalogue/holdings.ts";
import { folderOf } from "../store/garbage.ts";
import { pointObjects } from "../store/layout.ts";
import { readValidation, setAside, writeValidation } from "../store/validation.ts";
import type { Vaults } from "./lacking.ts";

export async function carryFaults(
  { from, to, keyring }: Vaults,
  signer: PrivateKey,
  { signal, note }: { readonly signal: AbortSignal; readonly note: (line: string) => void },
): Promise<void> {
  const { manifests, lastIncrement } = await holdingsOf(to);
  const isThere = (folder: string): boolean => {
    const [kind, id = "", number = "0"] = folder.split("/");
    return kind === "backups" ? manifests.has(id) : Number(number) <= (lastIncrement.get(id) ?? 0);
  };
  for (const { path } of await pointObjects(from)) {
    const folder = folderOf(path);
    if (!path.endsWith("/validation.json") || !isThere(folder)) continue;
    signal.throwIfAborted();
    const found = await readValidation(from, folder, keyring);
    if (found === undefined || found.ok || found.untrusted === true) continue;
    const known = await readValidation(to, folder, keyring);
    // What a later verify of the copy found counts more.
    if (known !== undefined && known.at >= found.at) continue;
    const { point: _point, manifestSha256: _sha256, ...record } = found;
    if (known?.untrusted === true) await setAside(to, folder);
    await writeValidation(to, folder, record, signer);
    // So that the audit of the second vault misses the record when somebody removes it.
    const [, point = "", number = "0"] = folder.split("/");
    const why = `found faulty in ${from.where}: ${record.problems.join("; ")}`;
    const judged = { does: "judged", point, number: Number(number), ok: false, why } as const;
    const unrecorded = await tryAppend({ store: to, keyring, signer }, () => [judged]);
    if (unrecorded !== undefined) note(unrecorded);
  }
}

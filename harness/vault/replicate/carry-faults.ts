// A backup that was found faulty is as faulty in every copy: the bytes are the same. What was found good is not carried
// over: that the first vault gives it back proves nothing about the second one, which has a verify of its own.
import type { PrivateKey } from "openpgp";
import { holdingsOf } from "../catalogue/holdings.ts";
import { folderOf } from "../store/garbage.ts";
import { readValidation, writeValidation } from "../store/validation.ts";
import type { Vaults } from "./lacking.ts";

export async function carryFaults(
  { from, to, keyring }: Vaults,
  signer: PrivateKey,
  signal: AbortSignal,
): Promise<void> {
  const { manifests, lastIncrement } = await holdingsOf(to);
  const isThere = (folder: string): boolean => {
    const [kind, id = "", number = "0"] = folder.split("/");
    return kind === "backups" ? manifests.has(id) : Number(number) <= (lastIncrement.get(id) ?? 0);
  };
  for (const { path } of [...(await from.list("backups/")), ...(await from.list("segments/"))]) {
    const folder = folderOf(path);
    if (!path.endsWith("/validation.json") || !isThere(folder)) continue;
    signal.throwIfAborted();
    const found = await readValidation(from, folder, keyring);
    if (found === undefined || found.ok || found.untrusted === true) continue;
    const known = await readValidation(to, folder, keyring);
    // What a later verify of the copy found counts more.
    if (known !== undefined && known.at >= found.at) continue;
    const { point: _point, manifestSha256: _sha256, ...record } = found;
    await writeValidation(to, folder, record, signer);
  }
}

// After a failover both vaults may go on: the second one with what its region does since, and the first one with what it
// still did, or does again, when nobody listened to it. Copied into one, the newest restore point would be of the one
// region or the other by chance.
import type { Manifest } from "../store/manifest.ts";
import { isBackupId, listBackupIds, readManifest } from "../store/vault.ts";
import { type Lacking, rangeWords, type Vaults } from "./lacking.ts";
import type { PastRemovals } from "./own-removals.ts";

/** Backups of the first vault whose server is compared: older ones say nothing about who goes on now. */
const comparedMax = 50;

/**
 * One sentence where the second vault has backups of a server that the first has never heard of, while the first has
 * restore points for the second; undefined otherwise. `history` says what the first vault has ever held.
 */
export async function forkOf(
  { from, to, keyring }: Vaults,
  { backups, chains, onlyThere }: Pick<Lacking, "backups" | "chains" | "onlyThere">,
  history: () => Promise<PastRemovals>,
): Promise<string | undefined> {
  const own = onlyThere.filter((point) => isBackupId(point));
  if (own.length === 0 || backups.length + chains.length === 0) return undefined;
  const { known, untrusted } = await history();
  const unheard = untrusted === undefined ? own.filter((id) => !known.has(id)) : [];
  if (unheard.length === 0) return undefined;
  const serverOf = ({ cut }: Manifest): string => cut.replid;
  const servers = new Set<string>();
  for (const id of (await listBackupIds(from)).slice(-comparedMax))
    servers.add(serverOf(await readManifest(from, id, keyring)));
  const foreign: string[] = [];
  for (const id of unheard) if (!servers.has(serverOf(await readManifest(to, id, keyring)))) foreign.push(id);
  if (foreign.length === 0) return undefined;
  const gone = [...backups, ...chains.map(({ base, after, last }) => `${rangeWords(after + 1, last)} of ${base}`)];
  return (
    `${from.where} and ${to.where} have both gone on since they were equal: only the first has ${gone.join(", ")}, ` +
    `and only the second ${foreign.join(", ")}, of another server. Nothing is copied; both are kept (what to do: docs/runbooks/fail-back.md)`
  );
}

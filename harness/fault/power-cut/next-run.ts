// What a user does with a vault after a power cut: nothing special. The next commands must succeed, remove what the
// crash left, and change nothing else.
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { type Clock, systemClock } from "../../base/clock.ts";
import { errorMessage } from "../../base/errors.ts";
import { silentProgress } from "../../base/progress.ts";
import { Keyring } from "../../vault/keys/keyring.ts";
import { lockTtlMs } from "../../vault/locks/vault-lock.ts";
import { prune } from "../../vault/retention/prune.ts";
import type { Store } from "../../vault/store/store.ts";
import { isMark } from "../../vault/store/unfinished.ts";
import { initVault, openVault } from "../../vault/store/vault.ts";
import { isTemporary } from "../../vault/store/write-durably.ts";
import { KeyringAtRest, keysName, vaultName, type VaultState } from "./vault-state.ts";

/** Locks of a machine that was off end by themselves. */
export const laterClock: Clock = { ...systemClock, nowMs: () => systemClock.nowMs() + 2 * lockTtlMs };

const { signal } = new AbortController();

/** One sentence for each problem of the commands that follow. `read` reads what a folder holds. */
export async function problemsOfNextRun(
  folder: string,
  before: VaultState,
  read: (folder: string) => Promise<VaultState>,
): Promise<readonly string[]> {
  try {
    await addMissingKeys(new Keyring(join(folder, keysName)));
    const vault = join(folder, vaultName);
    if (before["vault"] === undefined) await initVault(vault);
    await cleanUp(await openVault(vault), new KeyringAtRest(join(folder, keysName)));
  } catch (error) {
    return [`the next run fails: ${errorMessage(error)}`];
  }
  const after = await read(folder);
  const changed = Object.keys(before).filter((key) => after[key] !== before[key]);
  const left = (await readdir(folder, { recursive: true })).filter(
    (path) => isTemporary(path) || isMark(path) || /\/locks\/|-untrusted-/.test(path),
  );
  return [
    ...changed.map((key) => `the next run changes ${key} from "${before[key]}" to "${after[key] ?? "nothing"}"`),
    ...left.map((path) => `the next run leaves ${path}`),
  ];
}

/** Removes what the crash left, and nothing else. */
export async function cleanUp(store: Store, keyring: Keyring): Promise<void> {
  await prune(
    { store, keyring, clock: laterClock },
    { rules: { all: true }, zone: "UTC", dryRun: false, progress: silentProgress, signal },
  );
}

/** What a crash left in a key ring is removed when the next key is written. */
async function addMissingKeys(keyring: Keyring): Promise<void> {
  const isCleanedUp = (await readdir(keyring.folder).catch((): string[] => [])).some(isTemporary);
  const roles = new Set((await keyring.list()).map(({ role }) => role));
  for (const role of ["signer", "recipient"] as const)
    if (!roles.has(role) || isCleanedUp) await keyring.generate(role, "of-next-run", "interop");
}

// What a user does with a vault after a power cut: nothing special. The next commands must succeed, remove what the
// crash left, and change nothing else.
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { errorMessage } from "../../base/errors.ts";
import { silentProgress } from "../../base/progress.ts";
import { Keyring } from "../../vault/keys/keyring.ts";
import { prune } from "../../vault/retention/prune.ts";
import type { Store } from "../../vault/store/store.ts";
import { isMark } from "../../vault/store/unfinished.ts";
import { initVault, openVault } from "../../vault/store/vault.ts";
import { isTemporary } from "../../vault/store/write-durably.ts";
import { KeyringAtRest, keysName, vaultName, type VaultState } from "./vault-state.ts";

const { signal } = new AbortController();

interface NextRun {
  readonly run: () => Promise<void>;
  /** Reads what is there after it. */
  readonly read: () => Promise<VaultState>;
  /** All files that are there after it. */
  readonly paths: () => readonly string[];
}

/** One sentence for each problem of the commands that follow. */
export async function problemsOfNextRun(before: VaultState, { run, read, paths }: NextRun): Promise<readonly string[]> {
  try {
    await run();
  } catch (error) {
    return [`the next run fails: ${errorMessage(error)}`];
  }
  const after = await read();
  const changed = Object.keys(before).filter((key) => after[key] !== before[key]);
  const left = paths().filter((path) => isTemporary(path) || isMark(path) || /\/locks\/|-untrusted-/.test(path));
  return [
    ...changed.map((key) => `the next run changes ${key} from "${before[key]}" to "${after[key] ?? "nothing"}"`),
    ...left.map((path) => `the next run leaves ${path}`),
  ];
}

/** What a user does next in a folder with a key ring and a vault, or what there is of them. */
export async function nextRunIn(folder: string, before: VaultState): Promise<void> {
  await addMissingKeys(new Keyring(join(folder, keysName)));
  const vault = join(folder, vaultName);
  if (before["vault"] === undefined) await initVault(vault);
  await cleanUp(await openVault(vault), new KeyringAtRest(join(folder, keysName)));
}

/** Removes what the crash left, and nothing else. */
export async function cleanUp(store: Store, keyring: Keyring): Promise<void> {
  await prune(
    { store, keyring },
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

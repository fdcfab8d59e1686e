// Prunes that stop, in a process that is then killed, for the test of killed prunes:
// node prune-process.ts <folder> <keys>: prunes <folder>/vault-1, whose first change to the vault never ends, vault-2,
// whose second one does not, and so on, until a prune has made all its changes; it prints the number of that vault.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { silentProgress } from "../../base/progress.ts";
import { Keyring } from "../keys/keyring.ts";
import { prune } from "../retention/prune.ts";
import type { Store } from "../store/store.ts";
import { openVault } from "../store/vault.ts";

const [, , folder = "", keys = ""] = process.argv;
const keyring = new Keyring(keys);
const { signal } = new AbortController();

/** The store, whose change number `last` and all later ones never end; `onStop` is called when they begin. */
function stopping(store: Store, last: number, onStop: () => void): Store {
  let changes = 0;
  const change = <T>(make: () => Promise<T>): Promise<T> => {
    changes += 1;
    if (changes < last) return make();
    onStop();
    return new Promise(() => {});
  };
  return {
    ...store,
    put: (path, bytes) => change(() => store.put(path, bytes)),
    delete: (path) => change(() => store.delete(path)),
  };
}

async function pruneStops(vault: string, last: number): Promise<boolean> {
  const stopped = Promise.withResolvers<true>();
  const store = stopping(await openVault(vault), last, () => stopped.resolve(true));
  const request = { rules: { last: 1 }, zone: "UTC", dryRun: false, progress: silentProgress, signal };
  return await Promise.race([stopped.promise, prune({ store, keyring }, request).then(() => false)]);
}

for (let last = 1; existsSync(join(folder, `vault-${last}`)); last += 1)
  if (!(await pruneStops(join(folder, `vault-${last}`), last))) {
    process.stdout.write(`${last}\n`);
    break;
  }
process.kill(process.pid, "SIGKILL");

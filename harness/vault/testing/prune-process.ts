// A prune in a process of its own, for the test that kills it:
// node prune-process.ts <vault> <keys> <n>: SIGKILL right before the n-th change that it makes to the vault.
import { silentProgress } from "../../base/progress.ts";
import { Keyring } from "../keys/keyring.ts";
import { prune } from "../retention/prune.ts";
import type { Store } from "../store/store.ts";
import { openVault } from "../store/vault.ts";

const [, , vault = "", keys = "", killAt = ""] = process.argv;
let changes = 0;

function countChange(): void {
  changes += 1;
  if (changes === Number(killAt)) process.kill(process.pid, "SIGKILL");
}

function counted(store: Store): Store {
  return {
    ...store,
    put: (path, bytes) => (countChange(), store.put(path, bytes)),
    delete: (path) => (countChange(), store.delete(path)),
  };
}

const context = { store: counted(await openVault(vault)), keyring: new Keyring(keys) };
const { signal } = new AbortController();
await prune(context, { rules: { last: 1 }, zone: "UTC", dryRun: false, progress: silentProgress, signal });
process.stdout.write(`${changes}\n`);
// The threads that the vault's readers share would keep it.
process.exit(0);

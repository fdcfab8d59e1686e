// A manual prune that is killed halfway, at steps chosen by the seed: every backup listed afterwards is complete, the
// newest is there, and the next prune finishes what was started.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { cp, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { Draw } from "../../../../generators/random.ts";
import { errorMessage } from "../../../base/errors.ts";
import { packageRoot } from "../../../base/package.ts";
import { waitFor } from "../../../base/wait.ts";
import { Keyring } from "../../../vault/keys/keyring.ts";
import { checkParts, partsOf } from "../../../vault/parts/read-parts.ts";
import { keyringFolder, referenceSystem } from "../../../system/reference/reference.ts";
import { listBackupIds, openVault, readManifest } from "../../../vault/store/vault.ts";
import type { Drill } from "../../drill.ts";
import {
  backUpState,
  type RetentionSetup,
  mustList,
  prepareRetention,
  proveState,
  pruneBy,
} from "./retention-setup.ts";

const backups = 6;
/** Minimum number of objects of a backup: a part, the manifest, and its signature. */
const objectsOfBackup = 3;
const endTimeoutMs = 60_000;

export async function provesKilledPrune(drill: Drill): Promise<void> {
  await using resources = new AsyncDisposableStack();
  const ground = await prepareRetention(drill, resources);
  if (ground.system.name !== "reference") {
    drill.record.notCovered(`a killed prune: only that of the reference system can be started as a process`);
    return;
  }
  let newest = "";
  for (let state = 1; state <= backups; state++) newest = (await backUpState(ground, state)).id;
  const draw = new Draw(drill.seed, "killed-prune");
  const kills = { pr: 3, drill: 5, nightly: 20, release: 20 }[drill.options.profile];
  for (let kill = 1; kill <= kills; kill++) {
    drill.progress.step(`prune, killed: ${kill} of ${kills}`);
    const vault = `${ground.vault}-${kill}`;
    await cp(ground.vault, vault, { recursive: true });
    await cp(keyringFolder(ground.vault), keyringFolder(vault), { recursive: true });
    await killPrune(drill, vault, draw.below(objectsOfBackup * (backups - 1) - objectsOfBackup));
    await mustBeWhole(drill, vault, newest);
    await using system = await referenceSystem({ vault, profile: "interop" });
    const copied: RetentionSetup = { ...ground, vault, system };
    await pruneBy(copied, { last: 1 });
    await mustList(copied, new Set([newest]), "the newest backup alone, after the prune that followed");
    if (kill === kills) await proveState(copied, newest, backups);
    for (const folder of [vault, keyringFolder(vault)]) await rm(folder, { recursive: true });
  }
  drill.record.requireWitnesses("faultsFired", "backupsHashed", "statesProven", "nodesCompared");
}

/**
 * Kills the prune after it removed this many objects. A prune that finishes earlier was not killed, and does not count.
 */
async function killPrune(drill: Drill, vault: string, removedMin: number): Promise<void> {
  const bin = join(packageRoot(), "bin", "falkordrill.js");
  const before = (await objectsIn(vault)).length;
  const child = spawn(process.execPath, [bin, "vault", "prune", "--vault", vault, "--keep-last", "1"], {
    stdio: "ignore",
    signal: drill.signal,
  });
  const ended = once(child, "exit");
  // Read only after the wait has ended.
  ended.catch(() => {});
  const isThen = async (): Promise<true | undefined> =>
    child.exitCode !== null || (await objectsIn(vault)).length < before - removedMin ? true : undefined;
  await waitFor(isThen, {
    exit: "inconclusive",
    what: `a prune to remove ${removedMin + 1} objects`,
    timeoutMs: endTimeoutMs,
    intervalMs: 1,
    signal: drill.signal,
  });
  child.kill("SIGKILL");
  await ended;
  const fired = child.signalCode === "SIGKILL";
  const removed = before - (await objectsIn(vault)).length;
  drill.directory.append("faults.jsonl", { scenario: drill.id, fault: "kill-prune", fired, detail: { removed } });
  if (fired) drill.record.witness("faultsFired", 1);
}

async function objectsIn(vault: string): Promise<readonly string[]> {
  const names = await readdir(join(vault, "backups"), { recursive: true }).catch((): string[] => []);
  return names.filter((name) => name.includes("."));
}

async function mustBeWhole(drill: Drill, vault: string, newest: string): Promise<void> {
  const store = await openVault(vault);
  const keyring = new Keyring(keyringFolder(vault));
  const ids = await listBackupIds(store);
  for (const id of [...ids, ...(ids.includes(newest) ? [] : [newest])]) {
    try {
      await checkParts(store, partsOf(await readManifest(store, id, keyring)), drill.signal);
      drill.record.witness("backupsHashed", 1);
    } catch (error) {
      drill.record.finding({
        code: "retention-torn-backup",
        severity: "error",
        subject: id,
        message: `after a killed prune a backup is not whole: ${errorMessage(error)}`,
        evidence: { id, newest, listed: ids },
      });
    }
  }
}

// A failover and the way back in little: vaults in folders, no writers, states that are told apart by their number. The
// whole one, between two regions with a bad line between them, is failover.ts.
import { rename, rm } from "node:fs/promises";
import { errorMessage } from "../../../base/errors.ts";
import type { Engine } from "../../../engine/engine.ts";
import type { BackupSystem } from "../../../system/system.ts";
import { openVault, type VaultPlace } from "../../../vault/store/vault.ts";
import type { Drill } from "../../drill.ts";
import { ownEngines } from "../../guard/own-engines.ts";
import {
  addIncrement,
  backUpState,
  prepareRetention,
  proveState,
  proveStateOf,
  type RetentionSetup,
} from "../retention/retention-setup.ts";
import { judgeFork } from "./judge-fork.ts";
import { replicateTo } from "./second-vault.ts";

export async function failsOverAndBack(drill: Drill): Promise<void> {
  await using resources = new AsyncDisposableStack();
  const first = await prepareRetention(drill, resources);
  const { system, vault } = first;
  if (system.replicate === undefined || system.backupIncrement === undefined)
    return drill.record.notCovered(`a failover: the ${system.name} system has no second vault, or no increments`);
  const [far, lost] = [`${vault}-far`, `${vault}-lost`];
  for (const folder of [far, lost]) resources.defer(() => rm(folder, { recursive: true, force: true }));
  const base = await backUpState(first, 1);
  await addIncrement(first, 2, base.id);
  await using second = (await replicateTo(drill, system, far)).second;
  // The second vault never sees this one.
  await addIncrement(first, 3, base.id);

  drill.progress.step("lose the first vault");
  await rename(vault, lost);
  const target = await restoreNewest(first, base.id, far);
  if (target === undefined) return;
  resources.use(target);
  await proveStateOf(first, target, { point: base.id, state: 2 });
  const later = await backUpState({ ...first, system: second, vault: far, source: target }, 4);

  drill.progress.step("the first vault comes back");
  await rename(lost, vault);
  await mustRefuseFork(drill, system, { from: vault, to: far });
  await rename(vault, lost);
  await using back = (await replicateTo(drill, second, vault)).second;
  await mustHaveNewest(drill, back, later.id);
  await proveState({ ...first, system: back }, later.id, 4);
  drill.record.requireWitnesses("statesProven", "forksRefused", "nodesCompared", "edgesCompared");
}

/** The vault of the system is gone, and the second one is whole. */
async function restoreNewest(
  { drill, system }: RetentionSetup,
  point: string,
  far: string,
): Promise<Engine | undefined> {
  const { progress, signal, engines } = drill;
  progress.step("restore from the second vault");
  const request = { point, at: "latest", way: "file", engines: ownEngines(engines), progress, signal } as const;
  try {
    return (await system.restore({ ...request, secondVault: far })).target;
  } catch (error) {
    signal.throwIfAborted();
    noteUnused(drill, error);
    return undefined;
  }
}

export function noteUnused({ record, id: subject }: Drill, error: unknown): void {
  const message = `the restore ended with its first replica, and the second one was whole: ${errorMessage(error)}`;
  record.finding({ code: "second-replica-unused", severity: "error", subject, message, evidence: {} });
}

/** Replicates from a vault that has gone on into one that has as well; counts a refusal by name that changes neither. */
export async function mustRefuseFork(
  drill: Drill,
  system: BackupSystem,
  { from, to }: { readonly from: VaultPlace; readonly to: VaultPlace },
): Promise<void> {
  const { record, progress, signal } = drill;
  const [here, there] = [await openVault(from), await openVault(to)];
  const both = async (): Promise<readonly [readonly string[], readonly string[]]> => [
    await manifestsOf(here),
    await manifestsOf(there),
  ];
  const before = await both();
  const outcome = await system.replicate?.({ to, progress, signal });
  await outcome?.second[Symbol.asyncDispose]();
  const evidence = { problems: outcome?.problems ?? [], before, after: await both() };
  record.observation("fork", evidence);
  const found = judgeFork(drill.id, evidence);
  for (const finding of found) record.finding(finding);
  record.witness("forksRefused", found.length === 0 ? 1 : 0);
}

/** What makes a restore point, with its size. */
async function manifestsOf(store: Awaited<ReturnType<typeof openVault>>): Promise<readonly string[]> {
  const objects = [...(await store.list("backups/")), ...(await store.list("segments/"))];
  const manifests = objects.filter(({ path }) => path.endsWith("/manifest.json"));
  return manifests.map(({ path, sizeBytes }) => `${path} (${sizeBytes} bytes)`);
}

/** The newest backup of the new first vault must be that of the second region. */
async function mustHaveNewest({ record, id: subject }: Drill, back: BackupSystem, expected: string): Promise<void> {
  const listed = (await back.list()).map(({ id }) => id);
  record.witness("replicasCompared", 1);
  if (listed.includes(expected)) return;
  const message = `after the fail back the first vault does not hold ${expected}, which the second region made`;
  record.finding({ code: "failback-lost-writes", severity: "error", subject, message, evidence: { listed } });
}

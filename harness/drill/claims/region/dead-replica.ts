// Two replicas are left, and the first one fails in the middle of the restore: the second must take its place.
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { Draw } from "../../../../generators/random.ts";
import { pace } from "../../../base/timer.ts";
import { faultyProxy } from "../../../fault/network/faulty-proxy.ts";
import { compareDigests } from "../../../observe/digest/compare-digests.ts";
import { digestServer } from "../../../observe/digest/server-digest.ts";
import type { RestoreOutcome } from "../../../system/system.ts";
import type { Drill } from "../../drill.ts";
import { judgeDigests } from "../incremental/judge-moment.ts";
import { type Failover, latestOf } from "./promises.ts";
import { addressOf, endpointOf, type Regions, systemAt } from "./regions.ts";
import { replicateTo } from "./second-vault.ts";
import { noteUnused } from "./short-failover.ts";

const answeredBytesMax = 20_000;
const lookEveryMs = 2;

export async function restoreWithDeadReplica(drill: Drill, regions: Regions, failover: Failover): Promise<void> {
  const { record, progress, signal, seed, id: subject } = drill;
  await using resources = new AsyncDisposableStack();
  progress.step("restore while the first replica fails");
  const replica = join(regions.folder, "replica");
  resources.defer(() => rm(replica, { recursive: true, force: true }));
  resources.use((await replicateTo(drill, regions.second, replica)).second);
  const network = resources.use(await faultyProxy(addressOf(regions.far)));
  const dying = await systemAt(drill, { ...regions.far, endpoint: endpointOf(network) }, regions.farKeys, resources);
  const atByte = 1 + new Draw(seed, "dead-replica").below(answeredBytesMax);
  network.inject({ kind: "reset", direction: "answer", atByte });
  const ended = new AbortController();
  const death = dieForGood(network, ended.signal);
  const notes: string[] = [];
  const told = { ...progress, note: (line: string): void => void notes.push(line) };
  let outcome: RestoreOutcome | undefined;
  try {
    outcome = await dying.restore({ ...latestOf(drill, failover.point), progress: told, secondVault: replica });
  } catch (error) {
    signal.throwIfAborted();
    noteUnused(drill, error);
  } finally {
    ended.abort();
    await death;
  }
  if (outcome === undefined) return;
  await using target = outcome.target;
  for (const finding of judgeDigests(
    subject,
    compareDigests(failover.digest, await digestServer(target.endpoint, signal)),
  ))
    record.finding(finding);
  record.observation("dead-replica", { atByte, notes });
  record.witness("replicasCompared", 1);
}

/** Once one connection was reset, every other one is, and none gets an answer any more. */
async function dieForGood(network: Awaited<ReturnType<typeof faultyProxy>>, signal: AbortSignal): Promise<void> {
  while (!signal.aborted && !network.records().some(({ fired }) => fired)) await pace(lookEveryMs, signal);
  network.inject({ kind: "reset", direction: "request", atByte: 0 });
}

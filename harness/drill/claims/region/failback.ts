// The second region takes over and archives on. Later a new first region gets all of that, without a gap, and its own
// archive reaches the second one at once. The vault of the old first region is back as well, with what the second never
// saw: it is not mixed with the rest.
import { randomMessage } from "../../../../generators/writes/episode-message.ts";
import { systemClock } from "../../../base/clock.ts";
import { DrillError, errorMessage } from "../../../base/errors.ts";
import { waitFor } from "../../../base/wait.ts";
import type { Engine } from "../../../engine/engine.ts";
import { faultyProxy } from "../../../fault/network/faulty-proxy.ts";
import { compareDigests } from "../../../observe/digest/compare-digests.ts";
import { digestServer, digestedEntities } from "../../../observe/digest/server-digest.ts";
import { startArchiveProcess } from "../../../system/reference/archive-process.ts";
import type { BackupSystem } from "../../../system/system.ts";
import { openVault } from "../../../vault/store/vault.ts";
import { startEngineWriters } from "../../../workload/engine-writers.ts";
import { serviceTransport } from "../../../workload/episode-client.ts";
import type { Drill } from "../../drill.ts";
import { untilAcknowledged } from "../../setup/acknowledged.ts";
import { type Failover, latestOf, mustBeAtMost } from "./promises.ts";
import {
  addressOf,
  archiveFlags,
  credentialsOf,
  type Dark,
  type Regions,
  serviceOf,
  startFollowing,
  systemAt,
  untilFollowing,
  urlOf,
} from "./regions.ts";
import { replicateTo } from "./second-vault.ts";
import { mustRefuseFork } from "./short-failover.ts";

const waitMs = 120_000;
const writesAfterFailover = 300;
const writesAfterFailback = 50;
/** The archive of the new first region must not wait for the position of the old one. */
const lagMsMax = 10_000;
const group = "second-region";
const graph = "drill-after-failover";

export async function comeBack(
  drill: Drill,
  regions: Regions,
  dark: Dark,
  { target }: Failover,
  resources: AsyncDisposableStack,
): Promise<void> {
  const { progress, signal, record, id: subject } = drill;
  progress.step("the second region takes over");
  await mustTakeOver(drill, regions, target, resources);
  const acked = await archiveInSecond(drill, regions, target);
  progress.step("the old first region comes back");
  await using old = await systemAt(drill, dark.vault, regions.keys, resources);
  await mustRefuseFork(drill, old, { from: dark.vault, to: regions.far });

  progress.step("fail back");
  const { second, vault } = regions;
  const { second: back } = await replicateTo(drill, second, vault);
  resources.use(back);
  const point = (await newestOf(back)) ?? "";
  const { target: returned } = await back.restore(latestOf(drill, point));
  resources.use(returned);
  const [there, here] = [await digestServer(target.endpoint, signal), await digestServer(returned.endpoint, signal)];
  for (const difference of compareDigests(there, here)) {
    const message = `after the fail back the first region does not hold what the second one held: ${difference}`;
    record.finding({
      code: "failback-lost-writes",
      severity: "error",
      subject,
      message,
      evidence: { difference, acked },
    });
  }
  record.witness("entitiesCompared", digestedEntities(here));
  await mustFollowAtOnce(drill, regions, returned);
}

async function newestOf(system: BackupSystem): Promise<string | undefined> {
  return (await system.list()).toSorted((a, b) => a.cutAt.localeCompare(b.cutAt)).at(-1)?.id;
}

/** A message goes in through the graph service, and a search finds a fact of it. */
async function mustTakeOver(
  { seed, dims, record }: Drill,
  { folder }: Regions,
  engine: Engine,
  resources: AsyncDisposableStack,
): Promise<void> {
  const service = resources.use(await serviceOf(engine, folder));
  const message = randomMessage({ seed, writer: "after-failover", sequence: 1, groupId: group, dims });
  await using client = serviceTransport(service.url, waitMs).open();
  const { outcome, reason } = await client.write(message);
  if (outcome !== "ok")
    throw new DrillError(`the second region takes no writes: ${errorMessage(reason)}`, {
      exit: "notRecovered",
      code: "target-refuses-writes",
    });
  const query = message.facts.find((fact) => typeof fact["fact"] === "string")?.["fact"];
  const response = await fetch(new URL("/search", service.url), {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ group_ids: [group], query }),
  });
  const { facts = [] } = (await response.json()) as { readonly facts?: readonly { readonly fact?: string }[] };
  if (!facts.some(({ fact }) => fact === query))
    throw new DrillError(`a search in the second region does not find ${JSON.stringify(query)}`, {
      exit: "notRecovered",
      code: "target-refuses-writes",
    });
  record.witness("writesTried", 1);
}

/** Writers and an archiver of the second region; returns how many writes were acknowledged there. */
async function archiveInSecond(drill: Drill, { far, farKeys, folder }: Regions, engine: Engine): Promise<number> {
  const { signal, record } = drill;
  const flags = [...archiveFlags, "--endpoint", far.endpoint, "--keys", farKeys];
  const options = { vault: urlOf(far), endpoint: engine.endpoint, folder: { path: folder }, flags };
  await using archive = await startArchiveProcess({ ...options, env: credentialsOf(far) });
  await archive.untilFollowing(signal);
  const acked = await writeTo(drill, engine, writesAfterFailover);
  const code = await archive.interrupt(signal);
  record.observation("second-archive", { code, notes: archive.notes });
  if (code === 0) return acked;
  throw new DrillError(`the archiver of the second region ended with ${code ?? "a signal"}: ${archive.complaints}`, {
    exit: "notRecovered",
    code: "chain-not-continued",
  });
}

async function writeTo(drill: Drill, { endpoint }: Engine, more: number, name = graph): Promise<number> {
  const history = { record: (): void => {} };
  const profile = { kind: "constant", perSecond: 200 } as const;
  const where = { endpoint, kind: "ledger", graph: name, writers: 2, seed: drill.seed, history } as const;
  await using writers = await startEngineWriters({ ...where, profile });
  await untilAcknowledged(drill, writers, { more, what: `${more} writes in ${name}`, timeoutMs: waitMs });
  return (await writers.stop()).acked;
}

/** The new first region archives and replicates as before; nothing waits for what the old one had reached. */
async function mustFollowAtOnce(drill: Drill, regions: Regions, engine: Engine): Promise<void> {
  const { progress, signal, record, seed } = drill;
  const { far, vault, keys, folder } = regions;
  progress.step("replicate from the new first region");
  await using network = await faultyProxy(addressOf(far), [], { delayMs: 100, loss: 0.01, seed });
  const options = { vault, endpoint: engine.endpoint, folder: { path: folder }, flags: archiveFlags };
  await using archive = await startArchiveProcess(options);
  await archive.untilFollowing(signal);
  await using replicate = startFollowing(vault, far, keys, network);
  await untilFollowing(drill, replicate);
  await writeTo(drill, engine, writesAfterFailback, `${graph}-back`);
  const writtenMs = systemClock.monotonicMs();
  const store = await openVault(far);
  const arrived = async (): Promise<true | undefined> => {
    const paths = (await store.list(`segments/${archive.base ?? ""}/`)).map(({ path }) => path);
    return paths.some((path) => path.endsWith("/manifest.json")) ? true : undefined;
  };
  const what = "an increment of the new first region to arrive in the second";
  await waitFor(arrived, { what, timeoutMs: waitMs, signal, exit: "notRecovered" });
  const lagMs = systemClock.monotonicMs() - writtenMs;
  record.metric("failbackLagMs", lagMs);
  mustBeAtMost(drill, "failbackLagMs", "lag after the fail back", lagMs, lagMsMax);
  for (const message of replicate.problems)
    record.finding({ code: "replica-diverged", severity: "error", subject: drill.id, message, evidence: {} });
}

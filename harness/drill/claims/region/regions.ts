// Two regions. The first has an engine with writers, a graph service, and a vault in a folder, which an archiver of its
// own keeps up to the engine. The second has a vault on S3, far away, which a replication keeps up to the first one.
import { cp, rename } from "node:fs/promises";
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { Draw } from "../../../../generators/random.ts";
import { systemClock } from "../../../base/clock.ts";
import { environmentError } from "../../../base/errors.ts";
import { privateFolder } from "../../../base/process/reaper.ts";
import { FatalProbeError, waitFor } from "../../../base/wait.ts";
import type { Engine } from "../../../engine/engine.ts";
import type { Distance } from "../../../fault/network/distance.ts";
import { type FaultyProxy, faultyProxy } from "../../../fault/network/faulty-proxy.ts";
import { type ArchiveProcess, startArchiveProcess } from "../../../system/reference/archive-process.ts";
import { keyringFolder, referenceSystem } from "../../../system/reference/reference.ts";
import { ReplicateProcess } from "../../../system/reference/replicate-process.ts";
import type { BackupSystem } from "../../../system/system.ts";
import type { S3Place } from "../../../vault/store/s3/s3-place.ts";
import { openVault, type VaultPlace } from "../../../vault/store/vault.ts";
import { fullCyclePlan } from "../../cycle-plan.ts";
import type { Drill } from "../../drill.ts";
import { systemUnderTest, vaultFolder } from "../../guard/system-under-test.ts";
import { untilEachAcknowledged } from "../../setup/acknowledged.ts";
import { DrilledService } from "../../setup/drilled-service.ts";
import { type ArchiveSetup, startKinds, startSource } from "../incremental/any-moment.ts";

/** An S3 store with its address and credentials. */
export type FarPlace = S3Place & Required<Pick<S3Place, "endpoint" | "credentials">>;

/** A continent away, over a bad line. */
const distance: Distance = { delayMs: 100, loss: 0.01 };
const kinds = 5;
const perSecond = 1000;
const perSecondMin = 900;
const writesMin = 10_000;
const waitMs = 120_000;
/** A fault that waits for a request of more bytes might meet the end of the upload first. */
const cutWithinBytes = 2000;
export const archiveFlags = ["--segment-age", "1s", "--segment-bytes", "4MiB", "--status-every", "1s"] as const;
const followFlags = ["--every", "200ms", "--status-every", "1s"] as const;

export interface Regions extends ArchiveSetup {
  readonly service: DrilledService;
  readonly archive: ArchiveProcess;
  readonly replicate: ReplicateProcess;
  readonly network: FaultyProxy;
  /** Vault of the first region, and where the key ring is in each. */
  readonly vault: string;
  readonly keys: string;
  readonly farKeys: string;
  readonly far: FarPlace;
  readonly second: BackupSystem;
  /** Private folder for the files of processes. */
  readonly folder: string;
}

/** What is left when the first region went dark. */
export interface Dark {
  /** By the clock of the histories. */
  readonly atMs: number;
  /** Where its vault is, for those who can reach it. */
  readonly vault: string;
}

export async function openRegions(drill: Drill, resources: AsyncDisposableStack, far: FarPlace): Promise<Regions> {
  const vault = await vaultFolder(drill, resources);
  const written = await startSource(drill, resources, { vault });
  const { path: folder } = resources.use(await privateFolder("regions"));
  const [keys, farKeys] = [keyringFolder(vault), join(folder, "keys")];
  await cp(keys, farKeys, { recursive: true });
  const second = resources.use(await systemAt(drill, far, farKeys, resources));
  const service = resources.use(await serviceOf(written.source, folder));

  drill.progress.step("archive and replicate");
  const network = resources.use(await faultyProxy(addressOf(far), [], { ...distance, seed: drill.seed }));
  const archiving = { vault, endpoint: written.source.endpoint, folder: { path: folder }, flags: archiveFlags };
  const archive = resources.use(await startArchiveProcess(archiving));
  await archive.untilFollowing(drill.signal);
  const replicate = resources.use(startFollowing(vault, far, keys, network));
  await untilFollowing(drill, replicate);
  const writers = await startKinds(drill, resources, written.source, perSecond / kinds);
  return { ...written, writers, service, archive, replicate, network, vault, keys, farKeys, far, second, folder };
}

export async function untilFollowing({ signal }: Drill, replicate: ReplicateProcess): Promise<void> {
  const isFollowing = (): true | undefined => {
    if (replicate.hasEnded)
      throw new FatalProbeError(environmentError(`the replication ended: ${replicate.complaints}`));
    return replicate.status === undefined ? undefined : true;
  };
  const what = "the first backup to arrive in the second region";
  await waitFor(isFollowing, { what, timeoutMs: waitMs, signal, exit: "notRecovered" });
}

/** The system under test with its vault at another place. */
export async function systemAt(
  drill: Drill,
  vault: VaultPlace,
  keys: string,
  resources: AsyncDisposableStack,
): Promise<BackupSystem> {
  const backupSystem = (): Promise<BackupSystem> => referenceSystem({ vault, keys, profile: "interop" });
  const options = { ...drill.options, backupSystem };
  return await systemUnderTest({ ...drill, options }, fullCyclePlan, resources, keys);
}

export async function serviceOf(engine: Engine, folder: string): Promise<DrilledService> {
  const token = randomBytes(24).toString("base64url");
  const stateDir = join(folder, `service-${engine.name}-${randomBytes(4).toString("hex")}`);
  return await DrilledService.start({ database: engine.endpoint, token, stateDir });
}

/** From the folder to the far place, through the network between them. */
export function startFollowing(vault: string, far: FarPlace, keys: string, network: FaultyProxy): ReplicateProcess {
  const flags = ["--from", vault, "--keys", keys, "--to", urlOf(far), "--to-endpoint", endpointOf(network)];
  return new ReplicateProcess([...flags, ...followFlags], credentialsOf(far));
}

export function urlOf({ bucket, prefix }: FarPlace): string {
  return `s3://${bucket}/${prefix}`;
}

export function endpointOf({ port }: Pick<FaultyProxy, "port">): string {
  return `http://127.0.0.1:${port}`;
}

export function addressOf({ endpoint }: FarPlace): { readonly host: string; readonly port: number } {
  const { hostname, port } = new URL(endpoint);
  return { host: hostname, port: Number(port) };
}

export function credentialsOf({ credentials, region = "us-east-1" }: FarPlace): Readonly<Record<string, string>> {
  const { accessKeyId, secretAccessKey } = credentials;
  return { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey, AWS_REGION: region };
}

/** Writes at full rate while the second region keeps up. */
export async function writeAtFullRate(drill: Drill, { writers, archive }: Regions): Promise<void> {
  const { record } = drill;
  drill.progress.step("write");
  const before = writers.map((running) => running.reach());
  await untilEachAcknowledged(drill, writers, { more: writesMin / kinds, timeoutMs: waitMs });
  const after = writers.map((running) => running.reach());
  const rates = after.map(({ acked, elapsedMs }, index) => {
    const { acked: had = 0, elapsedMs: startMs = 0 } = before[index] ?? {};
    return ((acked - had) * 1000) / (elapsedMs - startMs);
  });
  const rate = rates.reduce((sum, each) => sum + each, 0);
  record.metric("writersPerSecond", rate);
  if (rate < perSecondMin)
    record.assumption("profile-not-reached", `${Math.round(rate)} writes a second of ${perSecond} were acknowledged`);
  drill.progress.note(`archiver: ${archive.notes.join("; ")}`);
}

/**
 * Cuts the network in the middle of an upload: after a byte, drawn from the seed, of whatever is sent next. The first
 * region lives on until it has archived what the second never sees, and then it is gone.
 */
export async function goDark(drill: Drill, regions: Regions): Promise<Dark> {
  const { network, replicate, archive, service, source, writers, vault, far } = regions;
  const { signal, progress, record, seed } = drill;
  const store = await openVault(far);
  const base = archive.base ?? "";
  progress.step("lose the first region");
  const uploading = async (): Promise<string | undefined> =>
    unfinishedIn((await store.list(`segments/${base}/`)).map(({ path }) => path));
  const what = "an increment on its way to the second region";
  const cut = await waitFor(uploading, { what, timeoutMs: waitMs, intervalMs: 5, signal, exit: "inconclusive" });
  const bytes = 1 + new Draw(seed, "failover").below(cutWithinBytes);
  for (const [index, { request }] of network.traffic().entries())
    network.inject({ kind: "half-open", connection: index + 1, direction: "request", atByte: request + bytes });
  const hasFired = (): true | undefined => (network.records().some(({ fired }) => fired) ? true : undefined);
  await waitFor(hasFired, {
    what: "the cut of the network",
    timeoutMs: waitMs,
    intervalMs: 1,
    signal,
    exit: "inconclusive",
  });
  const atMs = systemClock.monotonicMs();
  network.inject({ kind: "half-open", direction: "request", atByte: 0 });
  record.mark("disaster", atMs);
  await replicate.kill();
  await untilOneMore(drill, vault, base);
  await Promise.all([archive.kill(), service.kill(), source.kill()]);
  for (const running of writers) await running.stop();
  const dark = `${vault}-dark`;
  await rename(vault, dark);
  const left = (await store.list(`segments/${base}/`)).map(({ path }) => path);
  if (unfinishedIn(left) === cut) record.witness("uploadsCut", 1);
  for (const fault of network.records().filter(({ fired }) => fired))
    drill.directory.append("faults.jsonl", { scenario: drill.id, ...fault });
  record.metric("replicaLagMaxMs", replicate.status?.lagMaxMs);
  return { atMs, vault: dark };
}

/** The folder of an increment that is begun and has no manifest. */
function unfinishedIn(paths: readonly string[]): string | undefined {
  const begun = paths
    .filter((path) => path.endsWith("/unfinished.json"))
    .map((path) => path.slice(0, -"/unfinished.json".length));
  return begun.find((folder) => !paths.includes(`${folder}/manifest.json`));
}

async function untilOneMore({ signal }: Drill, vault: string, base: string): Promise<void> {
  const store = await openVault(vault);
  const count = async (): Promise<number> =>
    (await store.list(`segments/${base}/`)).filter(({ path }) => path.endsWith("/manifest.json")).length;
  const before = await count();
  const grew = async (): Promise<true | undefined> => ((await count()) > before ? true : undefined);
  const what = "one more increment in the first region";
  await waitFor(grew, { what, timeoutMs: waitMs, signal, exit: "inconclusive" });
}

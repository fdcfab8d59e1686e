// The common setup of a swarm drill: a source with a graph and writers, the system under test with its vault on a small disk,
// and what every restore point has to hold.
import { randomBytes } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { silentProgress } from "../../../base/progress.ts";
import { privateFolder } from "../../../base/process/reaper.ts";
import type { Span } from "../../../check/history/moment.ts";
import type { Engine } from "../../../engine/engine.ts";
import { connect } from "../../../falkordb/client/connection.ts";
import { mountSmallDisk } from "../../../fault/small-disk.ts";
import { digestServer, type ServerDigest } from "../../../observe/digest/server-digest.ts";
import { openDrillHistory } from "../../../record/drill-history.ts";
import type { BackupRequest, BackupSystem } from "../../../system/system.ts";
import { type EngineWriters, startEngineWriters } from "../../../workload/engine-writers.ts";
import type { HistorySink } from "../../../workload/history/history-file.ts";
import { fullCyclePlan } from "../../cycle-plan.ts";
import type { Drill } from "../../drill.ts";
import { ownEngines } from "../../guard/own-engines.ts";
import { systemUnderTest, vaultFolder } from "../../guard/system-under-test.ts";
import { contentOf, loadContent } from "../../setup/content.ts";
import { DrilledService } from "../../setup/drilled-service.ts";
import { emptyTarget, productionLimits } from "../crash-points/restore.ts";
import { type OpenVault, openFolder, settingsAndRights } from "../crash-points/vault-state.ts";
import type { SwarmPlan } from "./swarm-plan.ts";

const diskBytes = 32 * 2 ** 20;

/** The source between two of its starts: what does not change, and the writers of that time. */
export interface Epoch {
  readonly runId: string;
  readonly still: ServerDigest;
  readonly writers: EngineWriters;
}

/** When the cut of a restore point was taken, and in which epoch. */
export interface KnownPoint {
  readonly span: Span;
  readonly epoch: Epoch;
}

export interface SwarmSetup {
  readonly drill: Drill;
  readonly plan: SwarmPlan;
  readonly source: Engine;
  readonly settings: ReadonlyMap<string, string>;
  readonly service: DrilledService | undefined;
  readonly system: BackupSystem;
  readonly vault: OpenVault;
  readonly disk: string | undefined;
  /** Folder for files of the drill. */
  readonly folder: string;
  readonly history: HistorySink;
  readonly resources: AsyncDisposableStack;
  /** Every restore point that was listed. */
  readonly points: Map<string, KnownPoint>;
  epoch: Epoch;
  epochs: number;
  target: SwarmTarget | undefined;
}

/** The server that restores go to, and its settings before the first. */
export interface SwarmTarget {
  readonly engine: Engine;
  readonly settings: ReadonlyMap<string, string>;
}

export async function prepareSwarm(
  drill: Drill,
  plan: SwarmPlan,
  resources: AsyncDisposableStack,
): Promise<SwarmSetup> {
  const { signal, engines, directory, id } = drill;
  drill.progress.step(`seed ${plan.seed}: prepare`);
  // Otherwise a fast change is replicated as query text, and an increment becomes a full backup.
  const source = resources.use(await engines.start({ name: "source", signal, moduleArgs: { EFFECTS_THRESHOLD: "0" } }));
  const mounted = await mountSmallDisk(diskBytes);
  const disk = mounted === undefined ? undefined : resources.use(mounted).path;
  const where = disk === undefined ? await vaultFolder(drill, resources) : join(disk, "vault");
  const system = resources.use(await systemUnderTest(drill, fullCyclePlan, resources, where));
  await loadContent(drill, source, contentOf({ ...drill, ...plan }, { variant: "clean", shape: plan.shape }));
  await saveFiles(source);
  const { path: folder } = resources.use(await privateFolder("swarm"));
  const history = resources.use(openDrillHistory(directory, id));
  return {
    drill,
    plan,
    source,
    settings: await settingsAndRights(source.endpoint),
    service: await serviceFor(plan, source, folder, resources),
    system,
    vault: await openFolder(where),
    disk,
    folder,
    history,
    resources,
    points: new Map(),
    epoch: await beginEpoch({ drill, plan, source, history, resources }, 0),
    epochs: 1,
    target: undefined,
  };
}

/** What a killed server comes back with. */
async function saveFiles(source: Engine): Promise<void> {
  await using connection = await connect(source.endpoint);
  await connection.command("SAVE");
}

async function serviceFor(
  { steps }: SwarmPlan,
  source: Engine,
  folder: string,
  resources: AsyncDisposableStack,
): Promise<DrilledService | undefined> {
  if (!steps.some(({ fault }) => fault?.name.endsWith("-service") === true)) return undefined;
  const token = randomBytes(24).toString("base64url");
  return resources.use(await DrilledService.start({ database: source.endpoint, token, stateDir: folder }));
}

/** Nobody writes at this moment. */
export async function beginEpoch(
  { drill, plan, source, history, resources }: Pick<SwarmSetup, "drill" | "plan" | "source" | "history" | "resources">,
  number: number,
): Promise<Epoch> {
  const { endpoint } = source;
  const still = await digestServer(endpoint, drill.signal);
  const { seed, kind, writers, perSecond } = plan;
  const profile = { kind: "constant", perSecond } as const;
  const graph = `swarm-${seed}-${number}`;
  const running = await startEngineWriters({ endpoint, kind, graph, writers, profile, seed: drill.seed, history });
  return { runId: await runIdOf(source), still, writers: resources.use(running) };
}

export async function runIdOf({ endpoint }: Engine): Promise<string> {
  await using connection = await connect(endpoint);
  return (await connection.info("server"))["run_id"] ?? "";
}

/** Started once, with the limits of a server in production. */
export async function targetOf(setup: SwarmSetup): Promise<SwarmTarget> {
  if (setup.target !== undefined) return setup.target;
  const { drill, resources } = setup;
  const start = { name: "target", moduleArgs: productionLimits, signal: drill.signal };
  const engine = resources.use(await ownEngines(drill.engines).start(start));
  await emptyEngine(engine);
  setup.target = { engine, settings: await settingsAndRights(engine.endpoint) };
  return setup.target;
}

export async function emptyEngine(target: Engine): Promise<void> {
  await using connection = await connect(target.endpoint);
  await emptyTarget(connection);
}

export function requestTo({ source, drill }: SwarmSetup): BackupRequest {
  return { source, coordinator: undefined, progress: silentProgress, signal: drill.signal };
}

export async function serviceFlags({ service, folder }: SwarmSetup): Promise<readonly string[]> {
  if (service === undefined) return [];
  const file = join(folder, "token");
  await writeFile(file, service.token, { mode: 0o600 });
  return ["--service", service.url, "--service-token-file", file];
}

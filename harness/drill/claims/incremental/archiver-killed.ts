// The archiver process is killed again and again while writers write, at moments chosen by the seed: during startup,
// while following, while sealing. Each restart continues at the end of the vault without a gap; every section of the
// chain restores as one moment of the writers' history, and its end equals the source.
import { Draw } from "../../../../generators/random.ts";
import { systemClock } from "../../../base/clock.ts";
import type { Engine } from "../../../engine/engine.ts";
import { privateFolder } from "../../../base/process/reaper.ts";
import { compareDigests } from "../../../observe/digest/compare-digests.ts";
import { connect, type Connection } from "../../../falkordb/client/connection.ts";
import { streamOffset } from "../../../falkordb/client/stream-offset.ts";
import { digestServer, digestedEntities } from "../../../observe/digest/server-digest.ts";
import { Keyring } from "../../../vault/keys/keyring.ts";
import { keyringFolder } from "../../../system/reference/reference.ts";
import { readChain } from "../../../vault/chain/segments.ts";
import { openVault } from "../../../vault/store/vault.ts";
import type { EngineWriters } from "../../../workload/engine-writers.ts";
import { untilAcknowledged } from "../../setup/acknowledged.ts";
import { changedSettings, settingsOf, strayObjects } from "../coordination/left-behind.ts";
import type { Drill } from "../../drill.ts";
import { vaultFolder } from "../../guard/system-under-test.ts";
import { proveMoment, startWritten, type ArchiveSetup } from "./any-moment.ts";
import {
  type ArchiveProcess,
  type ArchiveProcessOptions,
  startArchiveProcess,
} from "../../../system/reference/archive-process.ts";
import { judgeBases, judgeLeftBehind } from "./archiver-judge.ts";
import { judgeDigests } from "./judge-moment.ts";

const writesTimeoutMs = 120_000;
/** Maximum number of acknowledged writes before a kill: about three seconds at the writers' pace. */
const writesMax = 600;
const flags = ["--segment-age", "1s", "--segment-bytes", "64KiB", "--status-every", "1s"];

/** An instant of the source, bounded by two clock readings. */
interface Sample {
  readonly name: string;
  readonly offset: number;
  readonly fromMs: number;
  readonly toMs: number;
}

export async function runArchiverKillTest(drill: Drill, kills: number): Promise<void> {
  await using resources = new AsyncDisposableStack();
  const vault = await vaultFolder(drill, resources);
  const stage = await startWritten(drill, resources, { vault });
  const { source, writers } = stage;
  const { record, signal } = drill;
  const connection = resources.use(await connect(source.endpoint));
  const settings = await settingsOf(source.endpoint);
  const folder = resources.use(await privateFolder("archiver"));
  const options = { vault, endpoint: source.endpoint, folder, flags };
  const said: string[] = [];
  const samples = await killAgainAndAgain(drill, { stage, connection, options, said }, kills);

  drill.progress.step("the last archiver ends in good order");
  await using last = await startArchiveProcess(options);
  await last.untilFollowing(signal);
  samples.push(await sample(connection, "last-stretch"));
  await untilMoreOf(drill, writers, 50);
  for (const running of writers) await running.stop();
  const exitCode = await last.interrupt(signal);
  said.push(...last.notes);
  const left = [
    ...changedSettings(settings, await settingsOf(source.endpoint)),
    ...(await strayObjects(vault, await stage.system.list())),
    ...(exitCode === 0 ? [] : [`exit code ${exitCode ?? "none"}`]),
  ];
  for (const finding of judgeLeftBehind(drill.id, left)) record.finding(finding);
  await proveChains(drill, vault, stage, { said, samples });
  record.requireWitnesses("archiversKilled", "killedWhileFollowing", "restartsGoneOn", "segmentsSealed");
  record.requireWitnesses("tracesRead", "momentsReached", "entitiesCompared");
}

interface ArchiverKillSetup {
  readonly stage: ArchiveSetup;
  readonly connection: Connection;
  readonly options: ArchiveProcessOptions;
  /** Output of all archivers. */
  readonly said: string[];
}

/** Returns one moment of every section: before a kill, or right after it while no archiver follows the source. */
async function killAgainAndAgain(drill: Drill, scene: ArchiverKillSetup, kills: number): Promise<Sample[]> {
  const { stage, connection, options, said } = scene;
  const draw = new Draw(drill.seed, "archiver-killed");
  const samples: Sample[] = [];
  let base: string | undefined;
  for (let kill = 1; kill <= kills; kill += 1) {
    drill.progress.step(`archiver, killed: ${kill} of ${kills}`);
    const at = draw.at(kill);
    const [isAnywhen, isBefore] = [at.below(2) === 0, at.below(2) === 0];
    const [first, rest] = [at.below(writesMax), at.below(writesMax)];
    await using archiver = await startArchiveProcess(options);
    // The first archiver has to make the full backup that all others build on.
    if (kill === 1 || !isAnywhen) await archiver.untilFollowing(drill.signal);
    await untilMoreOf(drill, stage.writers, first / 2);
    if (isBefore) samples.push(await sample(connection, `stretch-${kill}`));
    await untilMoreOf(drill, stage.writers, rest / 2);
    await killNow(drill, archiver, kill);
    if (!isBefore) samples.push(await sample(connection, `kill-${kill}`));
    said.push(...archiver.notes);
    if (base !== undefined && archiver.base === base) drill.record.witness("restartsGoneOn", 1);
    base = archiver.base ?? base;
  }
  return samples;
}

async function killNow(drill: Drill, archiver: ArchiveProcess, kill: number): Promise<void> {
  const isFollowing = archiver.base !== undefined;
  const fired = await archiver.kill();
  const detail = { kill, isFollowing };
  drill.directory.append("faults.jsonl", { scenario: drill.id, fault: "kill-archiver", fired, detail });
  if (!fired) {
    drill.record.assumption(
      "archiver-ended",
      `the archiver had ended before it was killed: ${archiver.notes.join("; ")}`,
    );
    return;
  }
  drill.record.witness("archiversKilled", 1);
  if (isFollowing) drill.record.witness("killedWhileFollowing", 1);
}

/** Waits for more acknowledged writes, counted over all kinds. */
async function untilMoreOf(drill: Drill, writers: readonly EngineWriters[], more: number): Promise<void> {
  const running = {
    get acked() {
      return writers.reduce((sum, { acked }) => sum + acked, 0);
    },
  };
  await untilAcknowledged(drill, running, { more, what: `${more} more writes`, timeoutMs: writesTimeoutMs });
}

async function sample(connection: Connection, name: string): Promise<Sample> {
  const fromMs = systemClock.monotonicMs();
  const offset = await streamOffset(connection);
  return { name, offset, fromMs, toMs: systemClock.monotonicMs() };
}

async function proveChains(
  drill: Drill,
  vault: string,
  stage: ArchiveSetup,
  { said, samples }: { readonly said: readonly string[]; readonly samples: readonly Sample[] },
): Promise<void> {
  const { system, source } = stage;
  const points = await system.list();
  const bases = points.toSorted((a, b) => Number(a.cutOffset) - Number(b.cutOffset));
  for (const finding of judgeBases(drill.id, bases.length, said)) drill.record.finding(finding);
  for (const { id } of bases) drill.record.witness("segmentsSealed", await segmentsOf(vault, id));
  drill.record.metric("fullBackups", bases.length);
  for (const { name, offset, ...cut } of samples) {
    const base = bases.findLast(({ cutOffset }) => Number(cutOffset) <= offset);
    // There is no chain before the first backup.
    if (base === undefined) continue;
    await proveMoment(drill, stage, { point: base.id, at: { offset } }, { name, cutOf: () => cut });
  }
  await proveEnd(drill, stage, source, bases.at(-1)?.id ?? "");
}

/** Verifies every signature and every link. */
async function segmentsOf(vault: string, base: string): Promise<number> {
  const chain = readChain(await openVault(vault), base, new Keyring(keyringFolder(vault)));
  return (await Array.fromAsync(chain)).length;
}

async function proveEnd(drill: Drill, { system }: ArchiveSetup, source: Engine, point: string): Promise<void> {
  const { engines, progress, signal, record } = drill;
  progress.step("restore to the end of the chain");
  const { target } = await system.restore({ point, at: "latest", way: "file", engines, progress, signal });
  await using _target = target;
  const found = await digestServer(target.endpoint, signal);
  const differences = compareDigests(await digestServer(source.endpoint, signal), found);
  for (const finding of judgeDigests(drill.id, differences)) record.finding(finding);
  record.witness("entitiesCompared", digestedEntities(found));
}

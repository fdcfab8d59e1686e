// Measures how much one way of protecting writes loses: writers write at full speed, the process is killed, and the
// recovered content is judged three times: with the page cache as it was, with what the disk holds, and with no disk at
// all.
import { Draw } from "../../../../generators/random.ts";
import type { WriteKindName } from "../../../../generators/writes/write-kind.ts";
import { systemClock } from "../../../base/clock.ts";
import { errorMessage } from "../../../base/errors.ts";
import type { Engine } from "../../../engine/engine.ts";
import type { PrivateFolder } from "../../../base/process/reaper.ts";
import { canariesTell, leaveCanaries } from "../../../fault/volume.ts";
import { type EngineWriters, startEngineWriters } from "../../../workload/engine-writers.ts";
import { untilEachAcknowledged } from "../../setup/acknowledged.ts";
import { killSource, recordFault } from "../../proof/disaster.ts";
import { openDrillHistory, readDrillHistory } from "../../../record/drill-history.ts";
import { fromRestored } from "../../guard/blame.ts";
import type { Drill } from "../../drill.ts";
import { judgeMomentAndStore } from "../../../record/judgement.ts";
import { assertProbe, probeQueryFor } from "../../../observe/probe-query.ts";
import { plantCanaries } from "../../proof/plant-canaries.ts";
import { writtenMoment } from "../../proof/written-moment.ts";
import { type PersistenceMachine, startMachine } from "./machine.ts";
import { type DisasterName, disasterNames, type PersistenceMode, type Protection } from "./mode.ts";
import { measureWriteCost } from "./write-cost.ts";

const kinds: readonly WriteKindName[] = ["counter", "ledger"];
const writersEach = 2;
const coveredAfterWrites = 100;
const writesTimeoutMs = 60_000;

interface Loss {
  readonly writes: number;
  readonly spanMs: number;
}

export async function comparePersistence(drill: Drill, mode: PersistenceMode): Promise<void> {
  await using resources = new AsyncDisposableStack();
  const settings = mode.settings(drill);
  const machine = await startMachine(drill, settings, resources);
  const ground = { drill, source: machine.source, settings };
  const protection = resources.use(await mode.protect(ground, resources));
  await measureWriteCost(drill, machine, protection);
  const writers = await startWriters(drill, machine, resources);
  await untilEachAcknowledged(drill, writers, { more: coveredAfterWrites, timeoutMs: writesTimeoutMs });
  await protection.covered();
  // The seed chooses the moment within this time.
  const { profile } = drill.options;
  const most = profile === "nightly" || profile === "release" ? 2000 : 300;
  const more = coveredAfterWrites + new Draw(drill.seed, "disaster").below(most);
  await untilEachAcknowledged(drill, writers, { more, timeoutMs: writesTimeoutMs });
  const excuse = await protection.excuse?.();
  await using disaster = await causeDisaster(drill, machine, writers);
  for (const name of disasterNames)
    await recover({ drill, mode, machine, protection, writers, disaster, excuse }, name);
  drill.record.requireWitnesses("tracesRead", "writesAcknowledged", "faultsFired");
}

async function startWriters(
  drill: Drill,
  { source }: PersistenceMachine,
  resources: AsyncDisposableStack,
): Promise<EngineWriters[]> {
  drill.progress.step(`work: writers (${kinds.join(", ")})`);
  const history = resources.use(openDrillHistory(drill.directory, drill.id));
  const { seed } = drill;
  const running = [];
  for (const kind of kinds) {
    const options = { endpoint: source.endpoint, kind, graph: `drill-${kind}`, writers: writersEach, seed, history };
    running.push(resources.use(await startEngineWriters({ ...options, profile: { kind: "flat-out" } })));
  }
  return running;
}

interface Disaster extends AsyncDisposable {
  readonly atMs: number;
  /** The kill was complete by then; no write that began later can have been stored. */
  readonly overMs: number;
  /** The files as the page cache had them when the process was killed; the volume itself has lost unsynced data. */
  readonly files: PrivateFolder | undefined;
  readonly acked: number;
}

async function causeDisaster(
  drill: Drill,
  { source, volume }: PersistenceMachine,
  writers: readonly EngineWriters[],
): Promise<Disaster> {
  const { record, progress, directory } = drill;
  progress.step("break: kill the engine while writers write");
  const { atMs, ...killed } = await killSource(source);
  const overMs = systemClock.monotonicMs();
  const files = await volume?.copyFiles();
  if (volume !== undefined) await leaveCanaries(volume.path);
  await volume?.losePower();
  record.mark("disaster", atMs, "engine killed");
  const summaries = await Promise.all(writers.map((running) => running.stop()));
  const canaries = volume === undefined ? undefined : await canariesTell(volume.path);
  const fired = canaries === undefined || (canaries.syncedKept && canaries.unsyncedLost);
  recordFault(drill, killed);
  if (canaries !== undefined)
    directory.append("faults.jsonl", { scenario: drill.id, fault: "page-cache-lost", fired, detail: canaries });
  if (!fired) {
    const message = "the loss of the page cache did not happen: what was never synced is on the disk";
    record.assumption("fault-did-not-fire", message, { ...canaries });
  }
  const acked = summaries.reduce((sum, summary) => sum + summary.acked, 0);
  record.witness("writesAcknowledged", acked);
  const dispose = async (): Promise<void> => await files?.[Symbol.asyncDispose]();
  return { atMs, overMs, files, acked, [Symbol.asyncDispose]: dispose };
}

interface Case {
  readonly drill: Drill;
  readonly mode: PersistenceMode;
  readonly machine: PersistenceMachine;
  readonly protection: Protection;
  readonly writers: readonly EngineWriters[];
  readonly disaster: Disaster;
  readonly excuse: string | undefined;
}

async function recover(given: Case, name: DisasterName): Promise<void> {
  const { drill, protection, machine, disaster } = given;
  const { record } = drill;
  if (protection.standsElsewhere && name !== "killed") {
    for (const figure of figureNames) record.metric(`${name}${figure}`, record.getMetric(`killed${figure}`));
    return;
  }
  if (name === "powerLoss" && machine.volume === undefined) return;
  if (name === "volumeGone") {
    // There was nothing but these files.
    note(drill, name, await wholeLoss(drill, disaster));
    return;
  }
  drill.progress.step(`recover: ${name === "killed" ? "the process was killed" : "the machine lost its page cache"}`);
  const startedMs = systemClock.monotonicMs();
  await using resources = new AsyncDisposableStack();
  const engine = await protection.recover(name === "killed" ? disaster.files?.path : machine.volume?.path);
  // The machine owns the source and disposes of it; disposing twice is harmless.
  resources.use(engine);
  const hasAnswered = await answers(drill, engine, given);
  const rtoMs = hasAnswered ? systemClock.monotonicMs() - startedMs : undefined;
  const cut = protection.cut?.() ?? { fromMs: 0, toMs: disaster.overMs };
  const span = { fromMs: disaster.atMs, toMs: disaster.overMs };
  const moment = await writtenMoment(drill, engine, {
    kinds: given.writers,
    cut,
    backup: span,
    disasterMs: disaster.atMs,
  });
  judgeMomentAndStore(drill, `target-${name}`, moment);
  await plantCanaries(drill, engine);
  note(drill, name, moment.judgement.loss, rtoMs);
  holdToClaim(given, name, moment.judgement.loss);
}

/** Whether the content from before the writers started has been recovered. */
async function answers(drill: Drill, engine: Engine, { mode, machine }: Case): Promise<boolean> {
  try {
    await fromRestored(drill, assertProbe(engine, probeQueryFor(machine.dataset)));
    return true;
  } catch (error) {
    const message = `the graph that was there before the writers does not answer: ${errorMessage(error)}`;
    drill.record.finding({ code: "base-lost", severity: "error", subject: mode.name, message, evidence: {} });
    return false;
  }
}

const figureNames = ["RpoWrites", "RpoMs", "RtoMs"] as const;

function note({ record }: Drill, name: DisasterName, loss: Loss, rtoMs?: number): void {
  record.metric(`${name}RpoWrites`, loss.writes);
  record.metric(`${name}RpoMs`, loss.spanMs);
  record.metric(`${name}RtoMs`, rtoMs);
  if (name !== "killed") return;
  record.metric("rpoWrites", loss.writes);
  record.metric("rpoMs", loss.spanMs);
  record.metric("rtoMs", rtoMs);
}

async function wholeLoss(drill: Drill, { acked, atMs }: Disaster): Promise<Loss> {
  let firstMs = atMs;
  for await (const { outcome, completedMs } of readDrillHistory(drill.directory, drill.id))
    if (outcome === "ok") firstMs = Math.min(firstMs, completedMs);
  return { writes: acked, spanMs: atMs - firstMs };
}

function holdToClaim({ drill, mode, excuse }: Case, name: DisasterName, loss: Loss): void {
  const most = mode.claims(drill)[name];
  if (most === undefined || (most === 0 ? loss.writes === 0 : loss.spanMs <= most)) return;
  // The mode promises nothing for that case; a loss proves nothing then.
  if (excuse !== undefined) return drill.record.assumption("disk-late", excuse);
  const promised = most === 0 ? "that no acknowledged write is lost" : `to lose at most the last ${most} ms`;
  drill.record.finding({
    code: "durability-claim-broken",
    severity: "error",
    subject: `${mode.name}/${name}`,
    message: `${mode.name} promises ${promised}; ${loss.writes} writes of the last ${Math.round(loss.spanMs)} ms are lost`,
    evidence: { ...loss, most },
  });
}

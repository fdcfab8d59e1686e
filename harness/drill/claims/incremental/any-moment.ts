// Restores to moments between two backups, while writers of several kinds go on: each moment, chosen by the seed, must
// be restored as one moment of their history. An offset is exact. A time is not: the stream arrives slightly after the
// writers got their answers; the system reports from when on writes may be missing, and is held to that.
import { Draw } from "../../../../generators/random.ts";
import type { WriteKindName } from "../../../../generators/writes/write-kind.ts";
import { systemClock } from "../../../base/clock.ts";
import type { Finding } from "../../../check/check.ts";
import type { Span } from "../../../check/history/moment.ts";
import type { Engine } from "../../../engine/engine.ts";
import { connect } from "../../../falkordb/client/connection.ts";
import { streamOffset } from "../../../falkordb/client/stream-offset.ts";
import type { BackupSystem, Moment, RestoreOutcome } from "../../../system/system.ts";
import { type EngineWriters, startEngineWriters } from "../../../workload/engine-writers.ts";
import { untilEachAcknowledged } from "../../setup/acknowledged.ts";
import { contentOf, loadContent } from "../../setup/content.ts";
import { fullCyclePlan } from "../../cycle-plan.ts";
import { openDrillHistory } from "../../../record/drill-history.ts";
import type { Drill } from "../../drill.ts";
import { judgeMomentAndStore } from "../../../record/judgement.ts";
import { systemUnderTest } from "../../guard/system-under-test.ts";
import { plantCanaries } from "../../proof/plant-canaries.ts";
import { writtenMoment } from "../../proof/written-moment.ts";

const kinds: readonly WriteKindName[] = ["ring", "ledger", "counter", "churn", "hot-entity"];
const perSecondDense = 40;
const writesTimeoutMs = 120_000;
/** Tolerance between wall clock and history clock: whole-millisecond rounding plus NTP corrections during a run. */
const clockSlackMs = 20;
/**
 * An uncertainty above this, or many times what this machine needed to bring the archive up to date, says too little.
 */
const vagueMs = 5000;
const vagueFlushes = 10;

export interface ArchiveSetup {
  readonly source: Engine;
  readonly system: BackupSystem;
  readonly writers: readonly EngineWriters[];
}

interface WrittenOptions {
  /** Write rate of each kind; dense by default, so that any moment is near a write. */
  readonly perSecondEach?: number;
  readonly moduleArgs?: Readonly<Record<string, string>>;
  /** Vault folder, for scenarios that inspect the vault themselves. */
  readonly vault?: string;
}

/** Starts an engine with a graph, the system under test, and writers of every kind directly on the engine. */
export async function startWritten(
  drill: Drill,
  resources: AsyncDisposableStack,
  { perSecondEach = perSecondDense, ...options }: WrittenOptions = {},
): Promise<ArchiveSetup> {
  const { source, system } = await startSource(drill, resources, options);
  return { source, system, writers: await startKinds(drill, resources, source, perSecondEach) };
}

/** The same without the writers. */
export async function startSource(
  drill: Drill,
  resources: AsyncDisposableStack,
  { moduleArgs = {}, vault }: Omit<WrittenOptions, "perSecondEach">,
): Promise<Omit<ArchiveSetup, "writers">> {
  const { engines, progress, signal } = drill;
  progress.step("prepare: engine, backup system");
  const source = resources.use(await engines.start({ name: "source", signal, moduleArgs }));
  const system = resources.use(await systemUnderTest(drill, fullCyclePlan, resources, vault));
  await loadContent(drill, source, contentOf(drill, { variant: "clean" }));
  return { source, system };
}

/** Starts two writers of every kind, each kind at this rate. */
export async function startKinds(
  drill: Drill,
  resources: AsyncDisposableStack,
  source: Engine,
  perSecondEach: number,
): Promise<readonly EngineWriters[]> {
  const { progress, seed, directory } = drill;
  progress.step(`work: writers (${kinds.join(", ")})`);
  const history = resources.use(openDrillHistory(directory, drill.id));
  const writers: EngineWriters[] = [];
  for (const kind of kinds) {
    const where = { endpoint: source.endpoint, kind, graph: `drill-${kind}`, writers: 2, seed, history };
    const profile = { kind: "constant", perSecond: perSecondEach } as const;
    writers.push(resources.use(await startEngineWriters({ ...where, profile })));
  }
  return writers;
}

/** Waits until this many more writes of each kind were acknowledged. */
export async function acknowledged(drill: Drill, { writers }: ArchiveSetup, more: number): Promise<void> {
  await untilEachAcknowledged(drill, writers, { more, timeoutMs: writesTimeoutMs });
}

export async function restoresAnyMoment(drill: Drill, moments: number): Promise<void> {
  await using resources = new AsyncDisposableStack();
  const stage = await startWritten(drill, resources);
  const { source, system, writers } = stage;
  const { progress, signal, record } = drill;
  const offsetMs = systemClock.nowMs() - systemClock.monotonicMs();
  progress.step("archive");
  if (system.startArchiver === undefined) throw new Error(`${system.name} has no archiver`);
  const request = { source, coordinator: undefined, progress, signal, segmentBytes: 2 ** 20, segmentAgeMs: 500 };
  const beforeMs = systemClock.monotonicMs();
  const archiver = resources.use(await system.startArchiver(request));
  const fromMs = systemClock.monotonicMs();
  await acknowledged(drill, stage, 30);
  const exact = await holdAt(stage);
  await acknowledged(drill, stage, 30);
  const flushedMs = systemClock.monotonicMs();
  const { at } = await archiver.flush();
  const flushMs = systemClock.monotonicMs() - flushedMs;
  for (const running of writers) await running.stop();
  await archiver.stop();
  const toMs = Date.parse(at) - offsetMs;
  record.metric("archivedMs", toMs - fromMs);
  const exactly = { name: "exact-offset", cutOf: () => exact };
  await proveMoment(drill, stage, { point: archiver.base, at: { offset: exact.offset } }, exactly);
  const draw = new Draw(drill.seed, "moments");
  for (let index = 0; index < moments; index += 1) {
    const askedMs = fromMs + (toMs - fromMs) * (draw.at(index).below(1000) / 1000);
    const cutOf = ({ completeAt }: Reached): Span => {
      const completeMs = completeAt === undefined ? beforeMs : Date.parse(completeAt) - offsetMs;
      noteVagueness(drill, askedMs - completeMs, flushMs);
      return { fromMs: completeMs - clockSlackMs, toMs: askedMs + clockSlackMs };
    };
    const time = new Date(askedMs + offsetMs).toISOString();
    await proveMoment(drill, stage, { point: archiver.base, at: { time } }, { name: `moment-${index}`, cutOf });
  }
  record.requireWitnesses("tracesRead", "momentsReached", "writesAcknowledgedBeforeCut", "writesAcknowledgedAfterCut");
}

interface ExactMoment extends Span {
  readonly offset: number;
}

/** Holds the writers: with no write in flight, the stream offset and the written content are known exactly. */
async function holdAt({ source, writers }: ArchiveSetup): Promise<ExactMoment> {
  await using connection = await connect(source.endpoint);
  await Promise.all(writers.map((running) => running.hold()));
  const fromMs = systemClock.monotonicMs();
  const offset = await streamOffset(connection);
  const toMs = systemClock.monotonicMs();
  for (const running of writers) running.release();
  return { offset, fromMs, toMs };
}

/** A system that reports for every time that everything may be missing would always be right. */
function noteVagueness({ record }: Drill, spanMs: number, flushMs: number): void {
  record.metric("momentVagueMs", Math.max(spanMs, record.getMetric("momentVagueMs") ?? 0));
  const limitMs = Math.max(vagueMs, vagueFlushes * flushMs);
  if (spanMs <= limitMs) return;
  const message = `of the time that was asked for, the last ${Math.round(spanMs)} ms may lack; at most ${Math.round(limitMs)} ms were expected on this machine`;
  record.assumption("moment-vague", message, { spanMs, limitMs });
}

type Reached = NonNullable<RestoreOutcome["reached"]>;

interface MomentAsked {
  readonly point: string;
  readonly at: Exclude<Moment, "latest">;
}

/** Restores to the moment and judges the writers' graphs as one moment of their history within the cut. */
export async function proveMoment(
  drill: Drill,
  { system, writers }: ArchiveSetup,
  asked: MomentAsked,
  { name, cutOf }: { readonly name: string; readonly cutOf: (reached: Reached) => Span },
): Promise<void> {
  const { progress, signal, engines, record } = drill;
  progress.step(`restore to ${name}`);
  const startedMs = systemClock.monotonicMs();
  const { target, reached } = await system.restore({ ...asked, way: "file", engines, progress, signal });
  await using _target = target;
  record.metric("restoreMs", systemClock.monotonicMs() - startedMs);
  if (reached === undefined) throw new Error(`${system.name} does not say which moment it reached`);
  record.witness("momentsReached", 1);
  const finding = misnamed(name, asked.at, reached);
  if (finding !== undefined) record.finding(finding);
  const { fromMs, toMs } = cutOf(reached);
  const cut = { fromMs, toMs };
  const written = await writtenMoment(drill, target, { kinds: writers, cut, backup: cut, disasterMs: undefined });
  judgeMomentAndStore(drill, `target-${name}`, written);
  await plantCanaries(drill, target);
}

function misnamed(subject: string, at: MomentAsked["at"], reached: Reached): Finding | undefined {
  const isRight = "offset" in at ? reached.offset === at.offset : Date.parse(reached.at) <= Date.parse(at.time);
  if (isRight) return undefined;
  const asked = "offset" in at ? `offset ${at.offset}` : at.time;
  return {
    code: "moment-misnamed",
    severity: "error",
    subject,
    message: `${asked} was asked for, and the restore says that it reached offset ${reached.offset}, at ${reached.at}`,
    evidence: { at, reached },
  };
}

// Restores to moments between two backups, while writers of several kinds never stopped: each moment, chosen by the seed,
// must come back as one moment of their history, near the time that was asked for.
import { Draw } from "../../../generators/random.ts";
import type { WriteKindName } from "../../../generators/writes/write-kind.ts";
import { systemClock } from "../../base/clock.ts";
import type { Engine } from "../../engine/engine.ts";
import type { BackupSystem, Moment } from "../../system/system.ts";
import { type EngineWriters, startEngineWriters } from "../../workload/engine-writers.ts";
import { untilEachAcknowledged } from "../acknowledged.ts";
import { contentOf, loadContent } from "../content.ts";
import { fullCyclePlan } from "../cycle-plan.ts";
import { openDrillHistory } from "../drill-history.ts";
import { judgeMomentAndStore } from "../judgement.ts";
import type { Drill } from "../run-scenario.ts";
import { systemUnderTest } from "../system-under-test.ts";
import { writtenMoment } from "../written-moment.ts";

const kinds: readonly WriteKindName[] = ["ring", "ledger", "counter", "churn", "hot-entity"];
const perSecondDense = 40;
const writesTimeoutMs = 120_000;
/** Times of the stream are those of their arrival at the archiver, a moment after the writer's acknowledgement. */
const toleranceMs = 1000;

export interface Stage {
  readonly source: Engine;
  readonly system: BackupSystem;
  readonly writers: readonly EngineWriters[];
}

interface WrittenOptions {
  /** Of each kind; dense by default, so that any moment is near a write. */
  readonly perSecondEach?: number;
  readonly moduleArgs?: Readonly<Record<string, string>>;
  /** Where the scenario looks into the vault itself. */
  readonly vault?: string;
}

/** An engine with a graph, the system under test, and writers of every kind straight at the engine. */
export async function startWritten(
  drill: Drill,
  things: AsyncDisposableStack,
  { perSecondEach = perSecondDense, moduleArgs = {}, vault }: WrittenOptions = {},
): Promise<Stage> {
  const { engines, progress, signal, seed, directory } = drill;
  progress.step("prepare: engine, backup system");
  const source = things.use(await engines.start({ name: "source", signal, moduleArgs }));
  const system = things.use(await systemUnderTest(drill, fullCyclePlan, things, vault));
  await loadContent(drill, source, contentOf(drill, { variant: "clean" }));
  progress.step(`work: writers (${kinds.join(", ")})`);
  const history = things.use(openDrillHistory(directory, drill.id));
  const writers: EngineWriters[] = [];
  for (const kind of kinds) {
    const where = { endpoint: source.endpoint, kind, graph: `drill-${kind}`, writers: 2, seed, history };
    const profile = { kind: "constant", perSecond: perSecondEach } as const;
    writers.push(things.use(await startEngineWriters({ ...where, profile })));
  }
  return { source, system, writers };
}

/** Waits until so many more writes of each kind were acknowledged. */
export async function acknowledged(drill: Drill, { writers }: Stage, more: number): Promise<void> {
  await untilEachAcknowledged(drill, writers, { more, timeoutMs: writesTimeoutMs });
}

export async function restoresAnyMoment(drill: Drill, moments: number): Promise<void> {
  await using things = new AsyncDisposableStack();
  const stage = await startWritten(drill, things);
  const { source, system, writers } = stage;
  const { progress, signal, record } = drill;
  const offsetMs = systemClock.nowMs() - systemClock.monotonicMs();
  progress.step("archive");
  if (system.startArchiver === undefined) throw new Error(`${system.name} has no archiver`);
  const request = { source, coordinator: undefined, progress, signal, segmentBytes: 2 ** 20, segmentAgeMs: 500 };
  const archiver = things.use(await system.startArchiver(request));
  const fromMs = systemClock.monotonicMs();
  await acknowledged(drill, stage, 60);
  const { at } = await archiver.flush();
  for (const running of writers) await running.stop();
  await archiver.stop();
  const toMs = Date.parse(at) - offsetMs;
  record.metric("archivedMs", toMs - fromMs);
  const draw = new Draw(drill.seed, "moments");
  for (let index = 0; index < moments; index += 1) {
    const askedMs = fromMs + (toMs - fromMs) * (draw.at(index).below(1000) / 1000);
    const time = new Date(askedMs + offsetMs).toISOString();
    await proveMoment(
      drill,
      stage,
      archiver.base,
      { time },
      { name: `moment-${index}`, fromMs: askedMs, toMs: askedMs },
    );
  }
  record.requireWitnesses("tracesRead", "momentsReached", "writesAcknowledgedBeforeCut", "writesAcknowledgedAfterCut");
}

/** Restores `point` to `at` and judges the graphs of the writers as a moment of their history between these two times. */
export async function proveMoment(
  drill: Drill,
  { system, writers }: Stage,
  point: string,
  at: Moment,
  { name, fromMs, toMs }: { readonly name: string; readonly fromMs: number; readonly toMs: number },
): Promise<void> {
  const { progress, signal, engines, record } = drill;
  progress.step(`restore to ${name}`);
  const startedMs = systemClock.monotonicMs();
  const { target, reached } = await system.restore({ point, at, way: "file", engines, progress, signal });
  await using _target = target;
  record.metric("restoreMs", systemClock.monotonicMs() - startedMs);
  if (reached === undefined) throw new Error(`${system.name} does not say which moment it reached`);
  record.witness("momentsReached", 1);
  const cut = { fromMs: fromMs - toleranceMs, toMs: toMs + toleranceMs };
  const written = await writtenMoment(drill, target, { kinds: writers, cut, backup: cut, disasterMs: undefined });
  judgeMomentAndStore(drill, `target-${name}`, written);
}

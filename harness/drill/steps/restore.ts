// Step 6, restore into a fresh engine, and send it a query whose answer the seed determines.
import { systemClock } from "../../base/clock.ts";
import { DrillError } from "../../base/errors.ts";
import type { Engine, EngineProvider } from "../../engine/engine.ts";
import type { RestoreOutcome, RestoreWay } from "../../system/system.ts";
import type { CyclePlan } from "../cycle-plan.ts";
import type { Drill } from "../drill.ts";
import { fromRestored } from "../guard/blame.ts";
import { assertProbe, type ProbeQuery, probeQueryFor } from "../../observe/probe-query.ts";
import { startWith } from "../own/own-content.ts";
import { ownEngines } from "../guard/own-engines.ts";
import { restoreWay, startAnew } from "../setup/restore-way.ts";
import type { Backup } from "./back-up.ts";
import type { Disaster } from "./break-it.ts";
import type { Content } from "./generate.ts";
import type { CycleSetup } from "./prepare.ts";

export interface Restored extends RestoreOutcome {
  /** Milliseconds from the start of the restore to the first correct answer; undefined if it was wrong. */
  readonly firstAnswerMs: number | undefined;
  readonly operationalMs: number;
  /** Milliseconds from the disaster to the first correct answer. */
  readonly rtoMs: number | undefined;
}

export interface RestoreInput {
  readonly stage: CycleSetup;
  readonly content: Content;
  readonly backup: Backup;
  readonly disaster: Disaster;
}

export async function restore(
  drill: Drill,
  plan: CyclePlan,
  input: RestoreInput,
  resources: AsyncDisposableStack,
): Promise<Restored> {
  const { stage, content, backup, disaster } = input;
  // An external engine cannot be started from a file; it is its own target, emptied in the disaster. If it is left
  // running, an engine of the drill's own takes the restore.
  const isOwnTarget = stage.source.kind === "external" && plan.disaster === "wipe";
  const way = isOwnTarget && plan.way === "file" ? "wire" : restoreWay(stage.system, plan.way);
  const engines = ownEngines(drill.engines);
  if (isOwnTarget && plan.way === "file")
    drill.record.notCovered(`restore by ${plan.way}: an external engine is restored by wire`);
  drill.progress.step(`restore by ${way}`);
  const question = content.probe ?? probeQueryFor(content.dataset);
  const startedMs = systemClock.monotonicMs();
  let answeredMs: number | undefined;
  const target =
    way === "file" ? undefined : resources.use(await emptyTarget(drill, { way, isOwnTarget, stage, engines }));
  const outcome = await stage.system.restore({
    point: backup.point.id,
    way,
    engines,
    ...(target === undefined ? {} : { target }),
    progress: drill.progress,
    signal: drill.signal,
    onFirstAnswer: async (engine) => {
      await fromRestored(drill, assertProbe(engine, question));
      answeredMs ??= systemClock.monotonicMs();
    },
  });
  let doneMs = systemClock.monotonicMs();
  if (outcome.target !== target) resources.use(outcome.target);
  // A system that does not report its first answer is asked when it is done, and operational no earlier than it answers.
  if (answeredMs === undefined && (await answersRightly(drill, outcome.target, question)))
    doneMs = answeredMs = systemClock.monotonicMs();
  const operationalMs = doneMs - startedMs;
  await mustStillList(drill, stage, backup);
  drill.record.mark("restore-started", startedMs);
  if (answeredMs !== undefined) drill.record.mark("first-answer", answeredMs);
  drill.record.mark("operational", doneMs);
  drill.record.phases(outcome.phases.map((phase) => ({ ...phase, name: `restore/${phase.name}` })));
  const since = (ms: number): number | undefined => (answeredMs === undefined ? undefined : answeredMs - ms);
  return { ...outcome, firstAnswerMs: since(startedMs), operationalMs, rtoMs: since(disaster.atMs) };
}

/** The system is done: where its first answer is wrong, the proof goes on and names everything that is missing. */
async function answersRightly(drill: Drill, target: Engine, question: ProbeQuery | undefined): Promise<boolean> {
  try {
    await fromRestored(drill, assertProbe(target, question));
    return true;
  } catch (error) {
    if (!(error instanceof DrillError) || error.findingCode !== "wrong-first-answer") throw error;
    const { message, findingCode: code, hint } = error;
    const subject = question === undefined ? target.name : `${question.graph}/${question.uuid ?? "nodes"}`;
    drill.record.finding({ code, severity: "error", subject, message, evidence: {}, ...(hint && { hint }) });
    return false;
  }
}

/** A restore must not modify the backup. */
async function mustStillList({ record }: Drill, { system }: CycleSetup, { point }: Backup): Promise<void> {
  const listed = await system.list();
  if (listed.some(({ id }) => id === point.id)) return;
  const evidence = { listed: listed.map(({ id }) => id) };
  const message = "after the restore the system no longer lists the backup";
  record.finding({ code: "backup-lost", severity: "error", subject: point.id, message, evidence });
}

async function emptyTarget(
  drill: Drill,
  {
    way,
    isOwnTarget,
    stage: { source },
    engines,
  }: {
    readonly way: RestoreWay;
    readonly isOwnTarget: boolean;
    readonly stage: CycleSetup;
    readonly engines: EngineProvider;
  },
): Promise<Engine> {
  if (isOwnTarget) return source;
  if (way === "in-place") {
    await startAnew(source, drill.signal);
    return source;
  }
  // As many databases as the source has.
  const { redisConfig = {} } = startWith(drill.options.from);
  return await engines.start({
    name: "target",
    signal: drill.signal,
    moduleArgs: { DELAY_INDEXING: "yes" },
    redisConfig,
  });
}

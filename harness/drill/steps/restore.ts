// Step 6, restore into a fresh engine, and ask it a question whose answer the seed knows.
import { systemClock } from "../../base/clock.ts";
import type { Engine } from "../../engine/engine.ts";
import type { RestoreOutcome } from "../../system/system.ts";
import type { CyclePlan } from "../cycle-plan.ts";
import { mustAnswer, questionFor } from "../question.ts";
import type { Drill } from "../run-scenario.ts";
import type { Backup } from "./back-up.ts";
import type { Disaster } from "./break-it.ts";
import type { Content } from "./generate.ts";
import type { Stage } from "./prepare.ts";

export interface Restored extends RestoreOutcome {
  /** Counted from the start of the restore. */
  readonly firstAnswerMs: number;
  readonly operationalMs: number;
  /** From the disaster to the first correct answer. */
  readonly rtoMs: number;
}

export interface RestoreInput {
  readonly stage: Stage;
  readonly content: Content;
  readonly backup: Backup;
  readonly disaster: Disaster;
}

export async function restore(
  drill: Drill,
  plan: CyclePlan,
  input: RestoreInput,
  things: AsyncDisposableStack,
): Promise<Restored> {
  const { stage, content, backup, disaster } = input;
  drill.progress.step(`restore by ${plan.way}`);
  const question = questionFor(content.dataset);
  const startedMs = systemClock.monotonicMs();
  let answeredMs: number | undefined;
  const target = plan.way === "wire" ? things.use(await emptyTarget(drill, stage)) : undefined;
  const outcome = await stage.system.restore({
    point: backup.point.id,
    way: plan.way,
    engines: drill.engines,
    ...(target === undefined ? {} : { target }),
    progress: drill.progress,
    signal: drill.signal,
    onFirstAnswer: async (engine) => {
      await mustAnswer(engine, question);
      answeredMs ??= systemClock.monotonicMs();
    },
  });
  const operationalMs = systemClock.monotonicMs() - startedMs;
  if (outcome.target !== target) things.use(outcome.target);
  if (answeredMs === undefined) {
    await mustAnswer(outcome.target, question);
    answeredMs = systemClock.monotonicMs();
  }
  drill.record.phases(outcome.phases.map((phase) => ({ ...phase, name: `restore/${phase.name}` })));
  return { ...outcome, firstAnswerMs: answeredMs - startedMs, operationalMs, rtoMs: answeredMs - disaster.atMs };
}

/** An external engine is its own target: wiped in the disaster, and running. */
async function emptyTarget(drill: Drill, stage: Stage): Promise<Engine> {
  if (stage.source.kind === "external") return stage.source;
  return await drill.engines.start({ name: "target", signal: drill.signal, moduleArgs: { DELAY_INDEXING: "yes" } });
}

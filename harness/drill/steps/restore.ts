// Step 6, restore into a fresh engine, and ask it a question whose answer the seed knows.
import type { GraphPlan } from "../../../generators/model.ts";
import { systemClock } from "../../base/clock.ts";
import { DrillError } from "../../base/errors.ts";
import type { Engine } from "../../engine/engine.ts";
import { connect } from "../../falkordb/connection.ts";
import type { RestoreOutcome } from "../../system/system.ts";
import type { CyclePlan } from "../cycle-plan.ts";
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
  const question = questionFor(content);
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

interface Question {
  readonly graph: string;
  readonly cypher: string;
  readonly uuid: string;
}

/** One node of the first graph that has any, looked up by its uuid. */
function questionFor(content: Content): Question | undefined {
  const plans: Iterable<GraphPlan> = content.dataset.graphs();
  for (const plan of plans) {
    if (plan.counts.nodes === 0) continue;
    const node = plan.node(plan.counts.nodes - 1);
    const uuid = node.properties["uuid"];
    if (typeof uuid !== "string") continue;
    return { graph: plan.name, cypher: `MATCH (n:${node.labels[0]} {uuid: $uuid}) RETURN n.uuid`, uuid };
  }
  return undefined;
}

async function mustAnswer(engine: Engine, question: Question | undefined): Promise<void> {
  if (question === undefined) return;
  await using connection = await connect(engine.endpoint);
  const { rows } = await connection.roQuery(question.graph, question.cypher, { uuid: question.uuid });
  if (rows.length === 1 && rows[0]?.[0] === question.uuid) return;
  throw new DrillError(
    `the restored engine answered a lookup of ${question.graph}/${question.uuid} with ${rows.length} rows; one was expected`,
    { exit: "dataWrong", hint: "The system said that the target may be read, and its answers are wrong." },
  );
}

// The drill, which is the whole program: nine steps, one line each. What a step does is in steps/<step>.ts.
import type { Drill } from "./drill.ts";
import { type Backup, backUp } from "./steps/back-up.ts";
import { breakIt } from "./steps/break-it.ts";
import { generate } from "./steps/generate.ts";
import { measure } from "./steps/measure.ts";
import { prepare } from "./steps/prepare.ts";
import { prove } from "./steps/prove.ts";
import { report } from "./steps/report.ts";
import { restore } from "./steps/restore.ts";
import { work } from "./steps/work.ts";
import type { CyclePlan } from "./cycle-plan.ts";

/**
 * Runs a full cycle and returns its backup, for scenarios that examine it further. Differences become findings of the
 * record; an error of the system under test is thrown, and becomes one of its result.
 */
export async function cycle(drill: Drill, plan: CyclePlan): Promise<Backup> {
  await using resources = new AsyncDisposableStack();
  const stage = await prepare(drill, plan, resources);
  const content = await generate(drill, plan, stage);
  const writers = await work(drill, plan, stage, resources);
  const backup = await backUp(drill, stage, writers);
  const disaster = await breakIt(drill, plan, stage, writers);
  const restored = await restore(drill, plan, { stage, content, backup, disaster }, resources);
  const proof = await prove(drill, plan, { stage, content, backup, disaster, restored, writers });
  await measure(drill, { content, backup, disaster, restored, proof });
  report(drill, plan, content, backup);
  return backup;
}

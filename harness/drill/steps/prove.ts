// Step 7, prove: what came back against what the cut must hold. The generator and the history say what that is.
import { systemClock } from "../../base/clock.ts";
import type { Expectation, Observation } from "../../check/observation.ts";
import type { Engine } from "../../engine/engine.ts";
import { observe } from "../../falkordb/observe.ts";
import type { CyclePlan } from "../cycle-plan.ts";
import { judgeAndStore } from "../judgement.ts";
import type { Drill } from "../run-scenario.ts";
import { type Loss, proveWrites } from "../prove-writes.ts";
import type { Backup } from "./back-up.ts";
import type { Content } from "./generate.ts";
import type { Stage } from "./prepare.ts";
import type { Restored } from "./restore.ts";
import type { Workload } from "./work.ts";

export interface Proof {
  /** The whole of the proof of the restored graphs: reading back and judging. */
  readonly ms: number;
  readonly loss: Loss | undefined;
}

export interface ProveInput {
  readonly stage: Stage;
  readonly content: Content;
  readonly backup: Backup;
  readonly restored: Restored;
  readonly writers: Workload | undefined;
}

export async function prove(drill: Drill, plan: CyclePlan, input: ProveInput): Promise<Proof> {
  const { stage, content, backup, restored, writers } = input;
  const { record, progress, directory } = drill;
  if (plan.tamper !== undefined) {
    progress.step("tamper with the restored graph, on purpose");
    await plan.tamper(restored.target, content.dataset);
  }
  progress.step("prove: every property of what came back");
  const startedMs = systemClock.monotonicMs();
  const target = await see(drill, restored.target, "target", content);
  const baseline = { name: "source-before", observation: content.before };
  judgeAndStore(directory, record, "target", content.expectation, target, baseline);
  const ms = systemClock.monotonicMs() - startedMs;
  drill.record.phases([
    { name: "restore/full proof", startMs: restored.operationalMs, ms },
    ...Object.entries(target.phases).map(([name, took]) => ({ name: `proof/${name}`, startMs: 0, ms: took })),
  ]);
  const loss = writers === undefined ? undefined : await proveWrites(drill, backup, restored.target, writers);
  if (plan.disaster === "none") {
    progress.step("prove: the source was left alone");
    const after = await see(drill, stage.source, "source", content);
    judgeAndStore(directory, record, "source-after", content.expectation, after, baseline);
  }
  return { ms, loss };
}

async function see(drill: Drill, engine: Engine, role: "source" | "target", content: Content): Promise<Observation> {
  const expectation: Expectation = content.expectation;
  return await observe(engine, expectation, { role, dataset: content.dataset, signal: drill.signal });
}

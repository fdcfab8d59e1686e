// The setup of scenarios without writers: a source that holds the generated graph, and the system under test. What comes
// back must hold that graph to the last property.
import type { Engine, StartOptions } from "../../engine/engine.ts";
import { observe } from "../../observe/observe.ts";
import { judgeAndStore } from "../../record/judgement.ts";
import type { BackupSystem } from "../../system/system.ts";
import { fullCyclePlan } from "../cycle-plan.ts";
import type { Drill } from "../drill.ts";
import { fromRestored } from "../guard/blame.ts";
import { plantCanaries } from "../proof/plant-canaries.ts";
import { asStandIn, ownEngines } from "../guard/own-engines.ts";
import { systemUnderTest, vaultFolder } from "../guard/system-under-test.ts";
import { restoreTarget } from "./restore-way.ts";
import { type Content, generate } from "../steps/generate.ts";

export interface IdleSetup {
  readonly drill: Drill;
  readonly source: Engine;
  readonly system: BackupSystem;
  readonly vault: string;
  readonly content: Content;
}

export interface IdleOptions {
  readonly start?: StartOptions;
  /** Fills the source before the generated graph does. */
  readonly first?: ((source: Engine) => Promise<void>) | undefined;
}

export async function prepareIdle(
  drill: Drill,
  resources: AsyncDisposableStack,
  { start = {}, first }: IdleOptions = {},
): Promise<IdleSetup> {
  drill.progress.step("prepare: engine, backup system");
  const source = resources.use(await drill.engines.start({ name: "source", signal: drill.signal, ...start }));
  if (source.kind === "external") {
    await source.wipe();
    resources.defer(() => source.wipe());
  }
  await first?.(source);
  const vault = await vaultFolder(drill, resources);
  const system = resources.use(await systemUnderTest(drill, fullCyclePlan, resources, vault));
  const content = await generate(drill, { ...fullCyclePlan, rawLimits: false, writers: 0 }, { source });
  return { drill, source, system, vault, content };
}

/** Restores in the way that the system has, and returns the target, which may be the source. */
export async function restoreIdle({ drill, source, system }: IdleSetup, point: string): Promise<Engine> {
  const { progress, signal } = drill;
  progress.step("restore");
  const into = await restoreTarget(system, { source, engines: ownEngines(drill.engines), signal });
  return (await system.restore({ point, ...into, progress, signal })).target;
}

/** Compares a restored engine with the generated graph; graphs in `apart` are the scenario's own. */
export async function proveContent(
  { drill, content }: Pick<IdleSetup, "drill" | "content">,
  target: Engine,
  subject: string,
  apart: readonly string[] = [],
): Promise<void> {
  const { expectation, dataset, before } = content;
  const { signal } = drill;
  const observed = await fromRestored(drill, observe(target, expectation, { role: "target", dataset, signal }));
  const graphNames = observed.graphNames.filter((name) => !apart.includes(name));
  const observation = asStandIn({ ...observed, graphNames }, drill.engines, target);
  const baseline = { name: "source-before", observation: before };
  judgeAndStore(drill, { subject, expectation, observation, baseline });
  await plantCanaries(drill, target);
}

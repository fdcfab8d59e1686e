// Step 2, generate: a Graphiti graph from the seed, loaded and compared. The seed's content and the engine's must be
// equal before anything is judged by it; else the run is inconclusive.
import type { Dataset } from "../../../generators/model.ts";
import { systemClock } from "../../base/clock.ts";
import { DrillError } from "../../base/errors.ts";
import { expectedContent } from "../../check/expect/expected.ts";
import { judgeAll } from "../../check/judge.ts";
import type { Expectation, Observation } from "../../check/observation.ts";
import { observe } from "../../observe/observe.ts";
import { measureRawLimits } from "../../measure/raw-limits.ts";
import { contentOf, loadOnce, startingAnew } from "../setup/content.ts";
import type { CyclePlan } from "../cycle-plan.ts";
import type { Drill } from "../drill.ts";
import { type OwnContent, ownContent } from "../own/own-content.ts";
import type { CycleSetup } from "./prepare.ts";

/** The dataset of generated graphs gives the first question, and its records locate differences. */
export interface Content
  extends
    Pick<OwnContent, "dataset" | "expectation" | "before">,
    Partial<Pick<OwnContent, "probe" | "apart" | "locator">> {}

const rawLoadTimeoutMs = 1_800_000;

export async function generate(drill: Drill, plan: CyclePlan, stage: Pick<CycleSetup, "source">): Promise<Content> {
  const own = drill.options.from;
  if (own !== undefined) {
    if (plan.rawLimits) await rawLimits(drill, stage);
    return await ownContent(drill, own, stage.source);
  }
  return await startingAnew(drill, stage.source, () => generateOnce(drill, plan, stage));
}

async function generateOnce(drill: Drill, plan: CyclePlan, stage: Pick<CycleSetup, "source">): Promise<Content> {
  const { record, progress, signal } = drill;
  const content = contentOf(drill, plan);
  const startedMs = systemClock.monotonicMs();
  const loaded = await loadOnce(drill, stage.source, content);
  record.metric("generateAndLoadMs", systemClock.monotonicMs() - startedMs);
  record.metric("generateMs", loaded.generateMs);
  record.metric("loadMs", loaded.loadMs);
  record.metric("indexMs", loaded.indexMs);

  if (plan.rawLimits) await rawLimits(drill, stage);

  progress.step("agree: the seed's content and the engine's");
  const expectation = await expectedContent(content, signal);
  record.observation("expectation", expectation);
  const before = await mustAgree(drill, content, expectation, stage);
  return { dataset: content, expectation, before };
}

async function rawLimits(
  { record, progress, signal, engines }: Drill,
  { source }: Pick<CycleSetup, "source">,
): Promise<void> {
  progress.step("measure the raw limits: SAVE, plain load");
  const raw = await measureRawLimits(source, engines, { signal, timeoutMs: rawLoadTimeoutMs });
  if (raw === undefined) record.notCovered(`raw limits: the data folder of an ${source.kind} engine is out of reach`);
  for (const [name, value] of Object.entries(raw ?? {})) record.metric(name, value);
}

async function mustAgree(
  drill: Drill,
  content: Dataset,
  expectation: Expectation,
  stage: Pick<CycleSetup, "source">,
): Promise<Observation> {
  const before = await observe(stage.source, expectation, { role: "source", dataset: content, signal: drill.signal });
  drill.record.observation("source-before", before);
  const disagreements = judgeAll(expectation, before).findings.filter((finding) => finding.severity === "error");
  const [first] = disagreements;
  if (first === undefined) return before;
  drill.record.assumption("source-differs", `the source is not what the seed says: ${first.message}`, {
    disagreements: disagreements.slice(0, 10),
  });
  throw new DrillError("the source disagrees with the seed before any backup was taken", {
    exit: "inconclusive",
    hint: "The engine or the loader is at fault, not the backup; see findings.jsonl.",
  });
}

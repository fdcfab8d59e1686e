// Step 7, prove: compares the restored content with what the cut must hold, as the generator and the history define it.
import { systemClock } from "../../base/clock.ts";
import type { LostWrites } from "../../check/history/cut.ts";
import type { WrittenMoment } from "../../check/history/moments.ts";
import type { Engine } from "../../engine/engine.ts";
import { observe } from "../../observe/observe.ts";
import type { CyclePlan } from "../cycle-plan.ts";
import type { Drill } from "../drill.ts";
import {
  type ContentJudgementInput,
  judgeAndStore,
  judgeMomentAndStore,
  judgeWritesAndStore,
} from "../../record/judgement.ts";
import { proveElsewhere } from "../own/own-content.ts";
import { provePause } from "../proof/pause-proof.ts";
import { fromRestored } from "../guard/blame.ts";
import { asStandIn } from "../guard/own-engines.ts";
import { plantCanaries } from "../proof/plant-canaries.ts";
import { proveStored } from "../proof/stored-proof.ts";
import { type WrittenContent, writtenContent } from "../proof/written-content.ts";
import { writtenMoment } from "../proof/written-moment.ts";
import type { Backup } from "./back-up.ts";
import type { Disaster } from "./break-it.ts";
import type { Content } from "./generate.ts";
import type { CycleSetup } from "./prepare.ts";
import type { Restored } from "./restore.ts";
import type { EpisodeGraphs, WritesJudgement } from "../../workload/history/judge-writes.ts";
import type { Workload } from "./work.ts";

export interface ContentProof {
  /** Duration of the whole proof of the restored graphs: reading back and judging. */
  readonly ms: number;
  /** Undefined without writers. */
  readonly loss: LostWrites | undefined;
}

export interface ProveInput {
  readonly stage: CycleSetup;
  readonly content: Content;
  readonly backup: Backup;
  readonly disaster: Disaster;
  readonly restored: Restored;
  readonly writers: Workload | undefined;
  /** Identifies one of several restores; starts with "target". */
  readonly subject?: string | undefined;
  /** Graphs first written to after the restore: no cut applies, so every acknowledged write must be there. */
  readonly later?: readonly EpisodeGraphs[];
}

export async function prove(drill: Drill, plan: CyclePlan, input: ProveInput): Promise<ContentProof> {
  const { stage, content, backup, disaster, restored, writers, subject = "target", later = [] } = input;
  const { target } = restored;
  if (plan.tamper !== undefined) {
    drill.progress.step("tamper with the restored graph, on purpose");
    await plan.tamper(target, content.dataset);
  }
  drill.progress.step("prove: every property of what came back");
  const episodes = writers?.episodes ?? [];
  const disasterMs = plan.disaster === "none" ? undefined : disaster.atMs;
  const { cut, span, fork = null, transfer = null } = backup;
  const windows = { backup: span, fork, transfer };
  const about = { ...content, episodes, ...windows, cut, disasterMs, mayTear: mayTear(stage) };
  const written = await fromRestored(drill, writtenContent(drill, target, about));
  for (const judged of written.judged) judgeWritesAndStore(drill, `${subject}-writes-${judged.through}`, judged);
  // One backup has one pause, however often it is restored.
  if (input.subject === undefined) {
    await provePause(drill, stage, backup, writers);
    await proveStored(drill, stage, content);
  }
  const startedMs = systemClock.monotonicMs();
  const kinds = writers?.kinds ?? [];
  const elsewhere = seenCutOf(written);
  const moment =
    kinds.length === 0
      ? undefined
      : await fromRestored(drill, writtenMoment(drill, target, { kinds, cut, ...windows, disasterMs, elsewhere }));
  if (moment !== undefined) judgeMomentAndStore(drill, `${subject}-moment`, moment);
  const there = await fromRestored(drill, writtenContent(drill, target, { ...written, episodes: later, ...uncut }));
  for (const judged of there.judged) judgeWritesAndStore(drill, `after-restore-writes-${judged.through}`, judged);
  const phases = await fromRestored(
    drill,
    judgeEngine(drill, subject, target, { written: there, content, writers, checks: plan.checks }),
  );
  await fromRestored(drill, proveElsewhere(drill, drill.options.from, target));
  const ms = systemClock.monotonicMs() - startedMs;
  drill.record.phases([
    { name: "restore/full proof", startMs: restored.operationalMs, ms },
    ...Object.entries(phases).map(([name, took]) => ({ name: `proof/${name}`, startMs: 0, ms: took })),
  ]);
  if (plan.disaster === "none") {
    drill.progress.step("prove: the source was left alone");
    const all = await writtenContent(drill, stage.source, { ...content, episodes, ...uncut });
    for (const judged of all.judged) judgeWritesAndStore(drill, `source-writes-${judged.through}`, judged);
    await judgeEngine(drill, "source-after", stage.source, { written: all, content, writers });
  }
  await plantCanaries(drill, target);
  const judgements = [...written.judged, ...(moment === undefined ? [] : [moment])].map(({ judgement }) => judgement);
  return { ms, loss: writers === undefined ? undefined : lossOf(judgements) };
}

/** No cut and no disaster: all writers were stopped, so every acknowledged write must be there. */
const uncut = { cut: undefined, disasterMs: undefined, mayTear: new Set<never>() };

/** A pause holds writers through the service if the system requests one; nothing holds the others. */
function mayTear({ coordinated }: CycleSetup): ReadonlySet<"service" | "engine"> {
  return new Set(coordinated ? ["engine"] : ["service", "engine"]);
}

/** Combines what all episodes show of the cut, which is the same for every graph. */
function seenCutOf({ judged }: WrittenContent): { fromMs: number; toMs: number } {
  const seen = judged.map(({ judgement }) => judgement.seenCut);
  return {
    fromMs: Math.max(Number.NEGATIVE_INFINITY, ...seen.map(({ fromMs }) => fromMs)),
    toMs: Math.min(Number.POSITIVE_INFINITY, ...seen.map(({ toMs }) => toMs)),
  };
}

function lossOf(judgements: readonly (WrittenMoment["judgement"] | WritesJudgement)[]): ContentProof["loss"] {
  return {
    writes: judgements.reduce((sum, { loss }) => sum + loss.writes, 0),
    spanMs: Math.max(0, ...judgements.map(({ loss }) => loss.spanMs)),
    beforeCut: judgements.reduce((sum, { loss }) => sum + loss.beforeCut, 0),
  };
}

async function judgeEngine(
  drill: Drill,
  subject: string,
  engine: Engine,
  {
    written,
    content,
    writers,
    checks = [],
  }: Pick<ProveInput, "content" | "writers"> & Pick<CyclePlan, "checks"> & { readonly written: WrittenContent },
): Promise<Readonly<Record<string, number>>> {
  const role = subject.startsWith("target") ? "target" : "source";
  const { expectation, dataset } = written;
  const { locator } = content;
  const observed = await observe(engine, expectation, { role, dataset, locator, signal: drill.signal });
  // Graphs judged by their writes: of writers directly on the engine, and those of which no episode is whole.
  const whole = new Set(expectation.graphs.map(({ name }) => name));
  const torn = writers?.episodes.flatMap(({ groups }) => groups).filter((name) => !whole.has(name)) ?? [];
  const apart = new Set([...(writers?.kinds.flatMap(({ graphs }) => graphs) ?? []), ...torn, ...(content.apart ?? [])]);
  const graphNames = observed.graphNames.filter((name) => !apart.has(name));
  const observation = asStandIn({ ...observed, graphNames }, drill.engines, engine);
  const baseline = { name: "source-before", observation: content.before };
  const judged: ContentJudgementInput = { subject, expectation, observation, baseline };
  judgeAndStore(drill, judged);
  for (const check of checks) judgeOwn(drill, check, { expectation, observation, baseline: content.before });
  return observation.phases;
}

/**
 * Runs a team's own check; its findings count for the verdict, and `verify`, which does not have the check, keeps them.
 */
function judgeOwn(
  { record }: Drill,
  check: NonNullable<CyclePlan["checks"]>[number],
  evidence: Parameters<typeof check.judge>[0],
): void {
  const { findings, witnesses } = check.judge(evidence);
  for (const finding of findings) record.finding(finding);
  for (const [name, count] of Object.entries(witnesses)) record.witness(name, count);
}

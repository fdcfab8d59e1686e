// Step 7, prove: what came back against what the cut must hold. The generator and the history say what that is.
import { systemClock } from "../../base/clock.ts";
import type { Engine } from "../../engine/engine.ts";
import { observe } from "../../falkordb/observe.ts";
import type { CyclePlan } from "../cycle-plan.ts";
import { type Judged, judgeAndStore, judgeMomentAndStore, judgeWritesAndStore } from "../judgement.ts";
import type { Drill } from "../run-scenario.ts";
import { type WrittenContent, writtenContent } from "../written-content.ts";
import { type WrittenMoment, writtenMoment } from "../written-moment.ts";
import type { Backup } from "./back-up.ts";
import type { Disaster } from "./break-it.ts";
import type { Content } from "./generate.ts";
import type { Stage } from "./prepare.ts";
import type { Restored } from "./restore.ts";
import type { Workload } from "./work.ts";

export interface Proof {
  /** The whole of the proof of the restored graphs: reading back and judging. */
  readonly ms: number;
  /** What the disaster cost; undefined without writers. */
  readonly loss: { readonly writes: number; readonly spanMs: number } | undefined;
}

export interface ProveInput {
  readonly stage: Stage;
  readonly content: Content;
  readonly backup: Backup;
  readonly disaster: Disaster;
  readonly restored: Restored;
  readonly writers: Workload | undefined;
  /** Which of several restores this is; begins with "target". */
  readonly subject?: string | undefined;
}

export async function prove(drill: Drill, plan: CyclePlan, input: ProveInput): Promise<Proof> {
  const { stage, content, backup, disaster, restored, writers, subject = "target" } = input;
  const { target } = restored;
  if (plan.tamper !== undefined) {
    drill.progress.step("tamper with the restored graph, on purpose");
    await plan.tamper(target, content.dataset);
  }
  drill.progress.step("prove: every property of what came back");
  const groups = writers?.groups ?? [];
  const disasterMs = plan.disaster === "none" ? undefined : disaster.atMs;
  const written = await writtenContent(drill, target, { ...content, groups, cut: backup.cut, disasterMs });
  if (writers !== undefined) judgeWritesAndStore(drill, `${subject}-writes`, written);
  const startedMs = systemClock.monotonicMs();
  const moment = await proveMoment(drill, input, disasterMs);
  const phases = await judgeEngine(drill, subject, target, { written, content, writers });
  const ms = systemClock.monotonicMs() - startedMs;
  drill.record.phases([
    { name: "restore/full proof", startMs: restored.operationalMs, ms },
    ...Object.entries(phases).map(([name, took]) => ({ name: `proof/${name}`, startMs: 0, ms: took })),
  ]);
  if (plan.disaster === "none") {
    drill.progress.step("prove: the source was left alone");
    const all = await writtenContent(drill, stage.source, {
      ...content,
      groups,
      cut: undefined,
      disasterMs: undefined,
    });
    if (writers !== undefined) judgeWritesAndStore(drill, "source-writes", all);
    await judgeEngine(drill, "source-after", stage.source, { written: all, content, writers });
  }
  return { ms, loss: writers === undefined ? undefined : lossOf(written, moment) };
}

/** The writers that went straight at the engine have graphs of their own, which are judged as one moment. */
async function proveMoment(
  drill: Drill,
  { backup, restored, writers, subject = "target" }: ProveInput,
  disasterMs: number | undefined,
): Promise<WrittenMoment | undefined> {
  const kinds = writers?.kinds ?? [];
  if (kinds.length === 0) return undefined;
  const { cut, span } = backup;
  const moment = await writtenMoment(drill, restored.target, { kinds, cut, backup: span, disasterMs });
  judgeMomentAndStore(drill, `${subject}-moment`, moment);
  return moment;
}

function lossOf({ judgement }: WrittenContent, moment: WrittenMoment | undefined): Proof["loss"] {
  const { writes, spanMs } = judgement.loss;
  const other = moment?.judgement.loss ?? { writes: 0, spanMs: 0 };
  return { writes: writes + other.writes, spanMs: Math.max(spanMs, other.spanMs) };
}

async function judgeEngine(
  drill: Drill,
  subject: string,
  engine: Engine,
  { written, content, writers }: Pick<ProveInput, "content" | "writers"> & { readonly written: WrittenContent },
): Promise<Readonly<Record<string, number>>> {
  const role = subject.startsWith("target") ? "target" : "source";
  const { expectation, dataset } = written;
  const observed = await observe(engine, expectation, { role, dataset, signal: drill.signal });
  const elsewhere = new Set(writers?.kinds.map(({ graph }) => graph));
  const observation = { ...observed, graphNames: observed.graphNames.filter((name) => !elsewhere.has(name)) };
  const baseline = { name: "source-before", observation: content.before };
  const judged: Judged = { subject, expectation, observation, baseline };
  judgeAndStore(drill, judged);
  return observation.phases;
}

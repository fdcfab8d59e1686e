// How good the regression judge is on this machine, found out and not computed: known slowdowns are put into real work,
// and the whole comparison is made each time. Every trial is a line of the file as soon as it is done, so a study that was
// stopped goes on where it was.
import { existsSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import { Draw } from "../../../generators/random.ts";
import { compareInRounds, type ComparisonPlan, defaultPlan } from "../../../reports/regression/compare-in-rounds.ts";
import type { Round } from "../../../reports/regression/judge-rounds.ts";
import { type Trial, trialSchema } from "../../../reports/regression/power-table.ts";
import { type Provenance, provenanceSchema } from "../../../reports/regression/provenance.ts";
import { shuffled } from "../../../reports/statistics/shuffle.ts";
import { usageError } from "../../base/errors.ts";
import { LineFile, parseLine, readLines } from "../../base/files/line-file.ts";
import type { Progress } from "../../base/progress.ts";
import type { EngineProvider } from "../../engine/engine.ts";
import { startWorkload, type PowerWorkload } from "./power-workload.ts";

export const slowdowns: readonly number[] = [0, 0.05, 0.1, 0.2, 0.5];

export interface PowerStudy {
  readonly file: string;
  /** Shares of work that head does more than base; 0 is none. */
  readonly slowdowns: readonly number[];
  /** Of each slowdown. */
  readonly trials: number;
  readonly seed: number;
  readonly provenance: Provenance;
  readonly engines: EngineProvider;
  readonly progress: Progress;
  readonly signal: AbortSignal;
  /** How long one run of the work takes, about. */
  readonly runMs?: number;
}

interface Header {
  readonly type: "study";
  readonly seed: number;
  readonly plan: Readonly<Record<string, number>>;
  readonly provenance: Provenance;
}
const headerSchema: z.ZodType<Header> = z.object({
  type: z.literal("study"),
  seed: z.number(),
  plan: z.record(z.string(), z.number()),
  provenance: provenanceSchema,
});

/** Gives all trials of the file, those of earlier sittings too. */
export async function powerStudy(study: PowerStudy): Promise<readonly Trial[]> {
  const { seed, trials: wanted, progress, signal } = study;
  const { trials, sizeBytes } = await readStudy(study);
  using lines = new LineFile(study.file);
  // What a crash tore is measured again.
  lines.truncate(sizeBytes);
  if (sizeBytes === 0) lines.append(headerOf(study));
  await using workload = await startWorkload(study.engines, { seed, progress, signal, runMs: study.runMs });
  progress.step("trials");
  const done = new Set(trials.map(({ trial, slowdown }) => `${trial}/${slowdown}`));
  for (let trial = 0; trial < wanted; trial += 1) {
    // In an order from the seed: a machine that warms up does not favour one slowdown.
    for (const slowdown of shuffled(study.slowdowns, new Draw(seed, "power/order").at(trial))) {
      progress.advance(done.size, wanted * study.slowdowns.length);
      if (done.has(`${trial}/${slowdown}`)) continue;
      const made = await makeTrial(workload, { seed, trial, slowdown });
      lines.append(made);
      trials.push(made);
      done.add(`${trial}/${slowdown}`);
    }
  }
  return trials;
}

async function makeTrial(
  workload: PowerWorkload,
  { seed, trial, slowdown }: { seed: number; trial: number; slowdown: number },
): Promise<Trial> {
  const stages: Record<1 | 2, Round[]> = { 1: [], 2: [] };
  const draw = new Draw(seed, `power/${slowdown}`).at(trial);
  const plan: ComparisonPlan = { ...defaultPlan, seed: draw.next() };
  const [compared] = await compareInRounds(async (stage) => {
    const round = { base: 0, again: 0, head: 0 };
    for (const side of shuffled(["base", "again", "head"] as const, draw)) {
      round[side] = await workload.run(side === "head" ? slowdown : 0);
    }
    stages[stage].push(round);
    return new Map([["work", round]]);
  }, plan);
  const verdict = compared?.verdict ?? "unclear";
  return { type: "trial", trial, slowdown, verdict, first: stages[1], second: stages[2] };
}

function headerOf({ seed, provenance }: PowerStudy): Header {
  return { type: "study", seed, plan: { ...defaultPlan }, provenance };
}

async function readStudy(study: PowerStudy): Promise<{ trials: Trial[]; sizeBytes: number }> {
  const trials: Trial[] = [];
  let sizeBytes = 0;
  if (!existsSync(study.file)) return { trials, sizeBytes };
  for await (const line of readLines(study.file)) {
    if (!line.complete) break;
    const value = parseLine(study.file, line);
    if (line.number === 1) mustContinue(study, value);
    else trials.push(trialSchema.parse(value));
    sizeBytes = line.offset + Buffer.byteLength(line.text) + 1;
  }
  return { trials, sizeBytes };
}

function mustContinue(study: PowerStudy, first: unknown): void {
  const header = headerSchema.safeParse(first);
  if (!header.success) throw usageError(`${study.file} is not a power study`, "Name a new file to begin one.");
  if (isDeepStrictEqual(header.data, headerOf(study))) return;
  throw usageError(
    `${study.file} was begun with another seed, plan or machine`,
    "Go on with what it was begun with, or name a new file.",
  );
}

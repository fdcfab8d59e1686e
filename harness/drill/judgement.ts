// Judging is a pure function of stored files: what had to be there, and what was read back. A run writes them down and
// says so in judgements.jsonl; `verify` reads that list and judges again, without any engine.
import type { Judgement } from "../check/check.ts";
import { judgeAll } from "../check/judge.ts";
import type { Expectation, Observation } from "../check/observation.ts";
import { expectationSchema, observationSchema } from "../check/observation-schema.ts";
import type { MomentEvidence } from "../check/moments.ts";
import { judgeWrites, type WritesEvidence } from "../workload/judge-writes.ts";
import { judgeMomentOf, readDrillHistoryInBatches, readEpisodes } from "./drill-history.ts";
import type { ScenarioRecord } from "./record.ts";
import type { StoredFinding } from "./result.ts";
import type { RunDirectory } from "./run-directory.ts";
import type { JudgedEpisodes } from "./written-content.ts";
import type { WrittenMoment } from "./written-moment.ts";

/** One line of judgements.jsonl; the names are those of files in the scenario's folder of observations/. */
export type StoredJudgement =
  | {
      readonly kind: "content";
      readonly scenario: string;
      /** What was judged: "target", "source-after". */
      readonly subject: string;
      readonly expectation: string;
      readonly observation: string;
      /** The source as it was before the backup. */
      readonly baseline: string;
    }
  | {
      readonly kind: "writes" | "moment";
      readonly scenario: string;
      readonly subject: string;
      readonly evidence: string;
    };

export const judgementsFile = "judgements.jsonl";

export interface Judged {
  readonly subject: string;
  readonly expectation: Expectation;
  readonly observation: Observation;
  readonly baseline: { readonly name: string; readonly observation: Observation };
}

interface Place {
  readonly directory: RunDirectory;
  readonly record: ScenarioRecord;
}

/** Stores both sides, judges, and records the findings as coming from this judgement. */
export function judgeAndStore({ directory, record }: Place, judged: Judged): void {
  const { subject, expectation, observation, baseline } = judged;
  const stored: StoredJudgement = {
    kind: "content",
    scenario: record.id,
    subject,
    expectation: `${subject}-expected`,
    observation: `${subject}-observed`,
    baseline: baseline.name,
  };
  record.observation(stored.expectation, expectation);
  record.observation(stored.observation, observation);
  directory.append(judgementsFile, stored);
  recordJudgement(record, subject, judgeAll(expectation, observation, baseline.observation));
}

/** The same for what became of the writes of the history. */
export function judgeWritesAndStore({ directory, record }: Place, subject: string, written: JudgedEpisodes): void {
  const stored: StoredJudgement = { kind: "writes", scenario: record.id, subject, evidence: subject };
  record.observation(stored.evidence, written.evidence);
  directory.append(judgementsFile, stored);
  recordJudgement(record, subject, written.judgement);
}

/** The same for the graphs of the writers that went straight at the engine. */
export function judgeMomentAndStore({ directory, record }: Place, subject: string, moment: WrittenMoment): void {
  const stored: StoredJudgement = { kind: "moment", scenario: record.id, subject, evidence: subject };
  record.observation(stored.evidence, moment.evidence);
  directory.append(judgementsFile, stored);
  recordJudgement(record, subject, moment.judgement);
}

function recordJudgement(record: ScenarioRecord, subject: string, { findings, witnesses }: Judgement): void {
  for (const finding of findings) record.finding({ ...finding, judgement: subject });
  // The source is judged beside the target; what it witnesses says nothing about the restore.
  if (!subject.startsWith("target")) return;
  for (const [name, value] of Object.entries(witnesses)) record.witness(name, value);
}

/** The findings of a stored judgement, judged again from its files. */
export async function judgeStored(directory: RunDirectory, stored: StoredJudgement): Promise<readonly StoredFinding[]> {
  const { findings } =
    stored.kind === "content" ? judgeContent(directory, stored) : await judgeHistory(directory, stored);
  return findings.map((finding) => Object.assign({}, finding, { judgement: stored.subject }));
}

function judgeContent(directory: RunDirectory, stored: Extract<StoredJudgement, { kind: "content" }>): Judgement {
  const read = (name: string): unknown => directory.readObservation(stored.scenario, name);
  return judgeAll(
    expectationSchema.parse(read(stored.expectation)),
    observationSchema.parse(read(stored.observation)),
    observationSchema.parse(read(stored.baseline)),
  );
}

async function judgeHistory(
  directory: RunDirectory,
  stored: Exclude<StoredJudgement, { kind: "content" }>,
): Promise<Judgement> {
  const evidence = directory.readObservation(stored.scenario, stored.evidence);
  if (stored.kind === "writes")
    return judgeWrites(await readEpisodes(directory, stored.scenario), evidence as WritesEvidence);
  return judgeMomentOf(() => readDrillHistoryInBatches(directory, stored.scenario), evidence as MomentEvidence);
}

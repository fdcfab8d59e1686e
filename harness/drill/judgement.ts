// Judging is a pure function of two stored files: what had to be there, and what was read back. A run writes both down
// and says so in judgements.jsonl; `verify` reads that list and judges again, without any engine.
import { judgeAll } from "../check/judge.ts";
import type { Expectation, Observation } from "../check/observation.ts";
import { expectationSchema, observationSchema } from "../check/observation-schema.ts";
import type { ScenarioRecord } from "./record.ts";
import type { StoredFinding } from "./result.ts";
import type { RunDirectory } from "./run-directory.ts";

/** One line of judgements.jsonl. */
export interface StoredJudgement {
  readonly scenario: string;
  /** What was judged: "target", "source-after". */
  readonly subject: string;
  /** Names of the two files in the scenario's folder of observations/. */
  readonly expectation: string;
  readonly observation: string;
  /** The observation of the source before the backup, where there is one. */
  readonly baseline?: string;
}

export const judgementsFile = "judgements.jsonl";

/** Stores both sides, judges, and records the findings as coming from this judgement. */
export function judgeAndStore(
  directory: RunDirectory,
  record: ScenarioRecord,
  subject: string,
  expectation: Expectation,
  observation: Observation,
  baseline: { readonly name: string; readonly observation: Observation } | undefined,
): void {
  const stored: StoredJudgement = {
    scenario: record.id,
    subject,
    expectation: `${subject}-expected`,
    observation: `${subject}-observed`,
    ...(baseline === undefined ? {} : { baseline: baseline.name }),
  };
  record.observation(stored.expectation, expectation);
  record.observation(stored.observation, observation);
  directory.append(judgementsFile, stored);
  const { findings, witnesses } = judgeAll(expectation, observation, baseline?.observation);
  for (const finding of findings) record.finding({ ...finding, judgement: subject });
  for (const [name, value] of Object.entries(witnesses)) record.witness(name, value);
}

/** The findings of a stored judgement, judged again from its files. */
export function judgeStored(directory: RunDirectory, stored: StoredJudgement): readonly StoredFinding[] {
  const expectation = expectationSchema.parse(directory.readObservation(stored.scenario, stored.expectation));
  const observation = observationSchema.parse(directory.readObservation(stored.scenario, stored.observation));
  const baseline =
    stored.baseline === undefined
      ? undefined
      : observationSchema.parse(directory.readObservation(stored.scenario, stored.baseline));
  return judgeAll(expectation, observation, baseline).findings.map((finding) => ({ ...finding, judgement: stored.subject }));
}

// Judging is a pure function of stored files: what had to be there, and what was read back. A run writes them and lists
// them in judgements.jsonl; `verify` reads that list and judges again, without any engine.
import { z } from "zod";
import { usageError } from "../base/errors.ts";
import type { Judgement } from "../check/check.ts";
import type { Evidence } from "../check/evidence.ts";
import { judgeAll } from "../check/judge.ts";
import { judgeMomentOf, type WrittenMoment } from "../check/history/moments.ts";
import type { Expectation, Observation } from "../check/observation.ts";
import { expectationSchema, observationSchema } from "../check/observation-schema.ts";
import { momentEvidenceSchema } from "../check/history/evidence-schema.ts";
import { type CanaryEvidence, canariesSubject, canaryEvidenceSchema, judgeCanaries } from "./canaries.ts";
import { judgeStoredBytes, type StoredEvidence, storedEvidenceSchema } from "../check/checks/stored.ts";
import { judgePause, type PauseEvidence, pauseEvidenceSchema } from "../workload/history/judge-pause.ts";
import { type JudgedEpisodes, judgeWrites } from "../workload/history/judge-writes.ts";
import { writesEvidenceSchema } from "../workload/history/evidence-schema.ts";
import { readDrillHistoryInBatches, readEpisodes } from "./drill-history.ts";
import type { ScenarioRecord } from "./record.ts";
import type { StoredFinding } from "./result.ts";
import type { RunDirectory } from "./run-directory.ts";

/** A file in the scenario's folder of observations/, and the SHA-256 of what was judged. */
interface JudgedFile {
  readonly name: string;
  readonly sha256: string;
}

interface ContentJudgement {
  readonly kind: "content";
  readonly scenario: string;
  /** Subject of the judgement: "target", "source-after". */
  readonly subject: string;
  readonly expectation: JudgedFile;
  readonly observation: JudgedFile;
  /** Observation of the source before the backup. */
  readonly baseline: JudgedFile;
}

/** One line of judgements.jsonl. */
export type StoredJudgement =
  | ContentJudgement
  | {
      readonly kind: "writes" | "moment" | "pause" | "stored" | "canaries";
      readonly scenario: string;
      readonly subject: string;
      readonly evidence: JudgedFile;
    };

const judgedFile: z.ZodType<JudgedFile> = z.object({ name: z.string(), sha256: z.string() });
export const judgementSchema: z.ZodType<StoredJudgement> = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("content"),
    scenario: z.string(),
    subject: z.string(),
    expectation: judgedFile,
    observation: judgedFile,
    baseline: judgedFile,
  }),
  z.object({
    kind: z.enum(["writes", "moment", "pause", "stored", "canaries"]),
    scenario: z.string(),
    subject: z.string(),
    evidence: judgedFile,
  }),
]);

export const judgementsFile = "judgements.jsonl";

export interface ContentJudgementInput {
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
export function judgeAndStore({ directory, record }: Place, judged: ContentJudgementInput): Judgement {
  const { expectation, observation, baseline } = judged;
  const subject = record.freeSubject(judged.subject);
  const stored: StoredJudgement = {
    kind: "content",
    scenario: record.id,
    subject,
    expectation: store(record, `${subject}-expected`, expectation),
    observation: store(record, `${subject}-observed`, observation),
    baseline: { name: baseline.name, sha256: record.hashOf(baseline.name) },
  };
  directory.append(judgementsFile, stored);
  const judgement = judgeAll(expectation, observation, baseline.observation);
  recordJudgement(record, subject, judgement);
  return judgement;
}

/** Stores, judges and records what became of the writes of the history. */
export function judgeWritesAndStore(place: Place, subject: string, written: JudgedEpisodes): void {
  storeAndRecord(place, "writes", subject, written);
}

/** Stores, judges and records the graphs of the writers directly on the engine. */
export function judgeMomentAndStore(place: Place, subject: string, moment: WrittenMoment): void {
  storeAndRecord(place, "moment", subject, moment);
}

/** Stores, judges and records a backup's pause; reads the history from the run directory, as `verify` does. */
export async function judgePauseAndStore(place: Place, subject: string, evidence: PauseEvidence): Promise<void> {
  const judgement = judgePause(await readEpisodes(place.directory, place.record.id), evidence);
  storeAndRecord(place, "pause", subject, { evidence, judgement });
}

/** Stores, judges and records what the system stored. */
export function judgeStoredAndRecord(place: Place, subject: string, evidence: StoredEvidence): void {
  storeAndRecord(place, "stored", subject, { evidence, judgement: judgeStoredBytes(evidence) });
}

/** Stores, judges and records what the checks said of the planted canaries. */
export function judgeCanariesAndStore(place: Place, evidence: CanaryEvidence): void {
  storeAndRecord(place, "canaries", canariesSubject, { evidence, judgement: judgeCanaries(evidence) });
}

function storeAndRecord(
  { directory, record }: Place,
  kind: Exclude<StoredJudgement["kind"], "content">,
  name: string,
  { evidence, judgement }: { readonly evidence: unknown; readonly judgement: Judgement },
): void {
  const subject = record.freeSubject(name);
  const stored: StoredJudgement = { kind, scenario: record.id, subject, evidence: store(record, subject, evidence) };
  directory.append(judgementsFile, stored);
  recordJudgement(record, subject, judgement);
}

function store(record: ScenarioRecord, name: string, value: unknown): JudgedFile {
  return { name, sha256: record.observation(name, value) };
}

function recordJudgement(record: ScenarioRecord, subject: string, { findings, witnesses }: Judgement): void {
  record.judged(subject);
  for (const finding of findings) record.finding({ ...finding, judgement: subject });
  // The source is judged in addition to the target; only this witness of it is not about the restore.
  const isTarget = subject.startsWith("target");
  for (const [name, value] of Object.entries(witnesses))
    if (isTarget || name === "sourceGraphsCompared") record.witness(name, value);
}

/** Judges a stored judgement again from its files, and returns the findings. */
export async function judgeStored(directory: RunDirectory, stored: StoredJudgement): Promise<readonly StoredFinding[]> {
  const { findings } =
    stored.kind === "content" ? judgeContent(directory, stored) : await judgeHistory(directory, stored);
  return findings.map((finding) => Object.assign({}, finding, { judgement: stored.subject }));
}

function judgeContent(directory: RunDirectory, stored: ContentJudgement): Judgement {
  const { expectation, observation, baseline } = readContentEvidence(directory, stored);
  return judgeAll(expectation, observation, baseline);
}

/** What a check was given for a stored judgement of content. */
export function readContentEvidence(directory: RunDirectory, stored: ContentJudgement): Evidence {
  return {
    expectation: readJudged(directory, stored, stored.expectation, expectationSchema),
    observation: readJudged(directory, stored, stored.observation, observationSchema),
    baseline: readJudged(directory, stored, stored.baseline, observationSchema),
  };
}

async function judgeHistory(
  directory: RunDirectory,
  stored: Exclude<StoredJudgement, { kind: "content" }>,
): Promise<Judgement> {
  if (stored.kind === "writes") {
    const evidence = readJudged(directory, stored, stored.evidence, writesEvidenceSchema);
    return judgeWrites(await readEpisodes(directory, stored.scenario), evidence);
  }
  if (stored.kind === "stored")
    return judgeStoredBytes(readJudged(directory, stored, stored.evidence, storedEvidenceSchema));
  if (stored.kind === "canaries")
    return judgeCanaries(readJudged(directory, stored, stored.evidence, canaryEvidenceSchema));
  if (stored.kind === "pause") {
    const evidence = readJudged(directory, stored, stored.evidence, pauseEvidenceSchema);
    return judgePause(await readEpisodes(directory, stored.scenario), evidence);
  }
  const evidence = readJudged(directory, stored, stored.evidence, momentEvidenceSchema);
  return judgeMomentOf(() => readDrillHistoryInBatches(directory, stored.scenario), evidence);
}

function readJudged<T>(
  directory: RunDirectory,
  { scenario }: StoredJudgement,
  { name, sha256 }: JudgedFile,
  schema: z.ZodType<T>,
): T {
  const value = schema.safeParse(directory.readObservation(scenario, name, sha256));
  if (value.success) return value.data;
  throw usageError(`${name} of ${scenario} is not what this version of falkordrill writes`);
}

// `verify`: the verdict of a stored run, judged again from what the run wrote. A pure function of the folder.
import { existsSync } from "node:fs";
import { z } from "zod";
import { DrillError, errorMessage, usageError } from "../base/errors.ts";
import { isInterrupted, judgeRun, readCheckedRun, withProblems } from "./checked-run.ts";
import { judgementSchema, judgementsFile, judgeStored, type StoredJudgement } from "./judgement.ts";
import { type DrillResult, findingSchema, judgeScenario, type ScenarioResult, type StoredFinding } from "./result.ts";
import { readJsonLines, RunDirectory } from "./run-directory.ts";

/**
 * Judges the run in a folder again. What it lacks, or what does not belong to it, becomes a finding. Throws a `DrillError`
 * (`usage`, exit code 2) if the folder does not exist or holds no run.
 */
export async function verifyRun(path: string): Promise<DrillResult> {
  if (!existsSync(path)) throw usageError(`${path} does not exist`, "Give the folder that `falkordrill run` wrote.");
  const directory = RunDirectory.open(path);
  const { stored, result, broken } = await readCheckedRun(path);
  const file = directory.file(judgementsFile);
  const judgements = existsSync(file) ? await readJsonLines(file, judgementSchema) : [];
  const history = "history.jsonl";
  const from: Sources = {
    directory,
    judgements,
    hasHistory: !broken.has(history),
    hasWrites: existsSync(directory.file(history)),
    found: await findingsOf(directory.file(findingsFile)),
  };
  const before = new Map(stored.scenarios.map((scenario) => [scenario.id, scenario]));
  const scenarios: ScenarioResult[] = [];
  for (const scenario of result.scenarios) scenarios.push(await judgeAgain(from, scenario, before.get(scenario.id)));
  return { ...stored, scenarios, ...judgeRun(scenarios, isInterrupted(stored)) };
}

interface Sources {
  readonly directory: RunDirectory;
  readonly judgements: readonly StoredJudgement[];
  /** Whether the history is the one that the run wrote. */
  readonly hasHistory: boolean;
  /** False without a history, as in a run without writers. */
  readonly hasWrites: boolean;
  /** Findings that the run wrote as it made them, by scenario. */
  readonly found: ReadonlyMap<string, readonly FoundFinding[]>;
}

const findingsFile = "findings.jsonl";
const foundFindingSchema = z.object({ scenario: z.string() }).and(findingSchema);
type FoundFinding = z.infer<typeof foundFindingSchema>;

async function findingsOf(file: string): Promise<Map<string, FoundFinding[]>> {
  const all = existsSync(file) ? await readJsonLines(file, foundFindingSchema) : [];
  return Map.groupBy(all, ({ scenario }) => scenario);
}

/**
 * Returns findings that only one of the two files holds. Those of judgements are judged again; for all others this is
 * the only check.
 */
function findingsThatDiffer(recorded: readonly StoredFinding[], found: readonly FoundFinding[]): string[] {
  const [inResult, inFindings] = [recorded, found].map((all) => new Set(all.map(keyOf))) as [Set<string>, Set<string>];
  const lost = [...inFindings].filter((key) => !inResult.has(key));
  const added = [...inResult].filter((key) => !inFindings.has(key));
  return [
    ...lost.map((key) => `${findingsFile} holds the finding ${key}, and result.json does not`),
    ...added.map((key) => `result.json holds the finding ${key}, and ${findingsFile} does not`),
  ];
}

function keyOf({ code, severity, subject, message }: StoredFinding): string {
  return `${code} (${severity}) of ${subject}: ${message}`;
}

/**
 * Keeps findings that no observation can show again (a restore that never came up, Ctrl-C); the rest is judged again.
 * `stored` is the same scenario as the run left it; undefined for a result about the run itself.
 */
async function judgeAgain(
  { directory, judgements, hasHistory, hasWrites, found }: Sources,
  scenario: ScenarioResult,
  stored: ScenarioResult | undefined,
): Promise<ScenarioResult> {
  if (stored === undefined) return scenario;
  const mine = judgements.filter((judgement) => judgement.scenario === scenario.id);
  const anew: StoredFinding[] = [];
  const problems = judgementsThatDiffer(
    stored.judged,
    mine.map(({ subject }) => subject),
  );
  problems.push(
    ...findingsThatDiffer(
      // A scenario that never started wrote nothing.
      stored.findings.filter(({ code }) => code !== "interrupted"),
      (found.get(scenario.id) ?? []).filter(({ code }) => code !== "interrupted"),
    ),
  );
  const done = new Set<string>();
  for (const judgement of asRecorded(mine, stored.judged)) {
    if (judgement.kind !== "content" && !hasHistory) {
      problems.push(`${judgement.subject} cannot be judged again: the history is not the one that the run wrote`);
      continue;
    }
    if ((judgement.kind === "writes" || judgement.kind === "moment") && !hasWrites) {
      problems.push(`${judgement.subject} cannot be judged again: the history of its writes is not there`);
      continue;
    }
    try {
      anew.push(...(await judgeStored(directory, judgement)));
      done.add(judgement.subject);
    } catch (error) {
      if (!(error instanceof DrillError)) throw error;
      problems.push(`${judgement.subject} cannot be judged again: ${errorMessage(error)}`);
    }
  }
  // A scenario that cannot be judged again keeps its findings.
  const keep = ({ judgement }: StoredFinding): boolean => judgement === undefined || !done.has(judgement);
  const { verdict } = judgeScenario([...stored.findings.filter(keep), ...anew]);
  if (verdict !== stored.verdict) problems.push(`result.json says ${stored.verdict}, its observations say ${verdict}`);
  const findings = [...scenario.findings.filter(keep), ...anew];
  return withProblems({ ...scenario, findings, ...judgeScenario(findings) }, problems);
}

/** Without those that the run did not make, which are a problem and prove nothing: there may be thousands of them. */
function asRecorded(
  judgements: readonly StoredJudgement[],
  recorded: readonly string[] | undefined,
): readonly StoredJudgement[] {
  if (recorded === undefined) return judgements;
  const left = new Map(countsOf(recorded));
  return judgements.filter(({ subject }) => {
    const count = left.get(subject) ?? 0;
    left.set(subject, count - 1);
    return count > 0;
  });
}

function countsOf(names: readonly string[]): ReadonlyMap<string, number> {
  return new Map([...Map.groupBy(names, (name) => name)].map(([name, all]) => [name, all.length]));
}

/** A finding for a judgement that was removed, or that the run never made, by its subject. */
function judgementsThatDiffer(recorded: readonly string[] | undefined, found: readonly string[]): string[] {
  if (recorded === undefined) return ["result.json does not say what was judged"];
  const problems: string[] = [];
  const [recordedCounts, foundCounts] = [countsOf(recorded), countsOf(found)];
  for (const subject of new Set([...recorded, ...found])) {
    const [wanted, had] = [recordedCounts.get(subject) ?? 0, foundCounts.get(subject) ?? 0];
    if (wanted !== had)
      problems.push(`${judgementsFile} holds ${had} judgements of ${subject}, and the run made ${wanted}`);
  }
  return problems;
}

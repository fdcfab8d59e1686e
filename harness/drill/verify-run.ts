// `verify`: the verdict of a stored run, judged again from what the run wrote down. A pure function of the folder.
import { existsSync } from "node:fs";
import { exitCodes, usageError } from "../base/errors.ts";
import { judgementsFile, judgeStored, type StoredJudgement } from "./judgement.ts";
import { withMissing } from "./missing.ts";
import { type DrillResult, judgeDrill, judgeScenario, type ScenarioResult, type StoredFinding } from "./result.ts";
import { readJsonLines, readResult, readRun, RunDirectory } from "./run-directory.ts";

export async function verifyRun(path: string): Promise<DrillResult> {
  if (!existsSync(path)) throw usageError(`${path} does not exist`, "Give the folder that `falkordrill run` wrote.");
  const { planned } = readRun(path);
  const stored = readResult(path);
  const directory = new RunDirectory(path);
  const judgements = existsSync(directory.file(judgementsFile))
    ? ((await readJsonLines(directory.file(judgementsFile))) as StoredJudgement[])
    : [];
  const scenarios: ScenarioResult[] = [];
  for (const scenario of withMissing(stored, planned))
    scenarios.push(await judgeAgain(directory, scenario, judgements));
  const { verdict, exitCode } = judgeDrill(scenarios);
  return {
    ...stored,
    verdict,
    exitCode: stored.exitCode === exitCodes.interrupted ? exitCodes.interrupted : exitCode,
    scenarios,
  };
}

/** What no observation can show again (a restore that never came up, Ctrl-C) is kept; the rest is judged anew. */
async function judgeAgain(
  directory: RunDirectory,
  scenario: ScenarioResult,
  judgements: readonly StoredJudgement[],
): Promise<ScenarioResult> {
  const kept = scenario.findings.filter((finding) => finding.judgement === undefined);
  const judged: StoredFinding[] = [];
  for (const judgement of judgements)
    if (judgement.scenario === scenario.id) judged.push(...(await judgeStored(directory, judgement)));
  const findings = [...kept, ...judged];
  return { ...scenario, findings, ...judgeScenario(findings) };
}

// Which part of the harness found what: the checks of content, which judge the stored observations again one by one, the
// other judgements, the guard around the system, or the steps of the scenario itself.
import { existsSync } from "node:fs";
import { checks } from "../check/judge.ts";
import { judgementSchema, judgementsFile, readContentEvidence, type StoredJudgement } from "../record/judgement.ts";
import type { StoredFinding } from "../record/result.ts";
import { readJsonLines, type RunDirectory } from "../record/run-directory.ts";

/** Judgements other than content, as the reader of a matrix knows them. */
const judges: Readonly<Record<Exclude<StoredJudgement["kind"], "content">, string>> = {
  writes: "writes",
  moment: "moment",
  pause: "pause",
  stored: "stored bytes",
  canaries: "planted canaries",
};

/** The names of all that found one of these findings, in order; `scenario` is the id of the drill's scenario. */
export async function findersOf(
  directory: RunDirectory,
  scenario: string,
  findings: readonly StoredFinding[],
): Promise<readonly string[]> {
  const file = directory.file(judgementsFile);
  const stored = existsSync(file) ? await readJsonLines(file, judgementSchema) : [];
  const found = new Map<StoredJudgement, readonly FoundByCheck[]>();
  const finders = findings.flatMap((finding) => {
    const judgement = stored.find(({ subject }) => subject === finding.judgement);
    if (judgement === undefined) return [stepOf(scenario, finding.code)];
    if (judgement.kind !== "content") return [judges[judgement.kind]];
    const byCheck = found.get(judgement) ?? contentChecks(directory, judgement);
    found.set(judgement, byCheck);
    return byCheck.filter(({ codes }) => codes.has(finding.code)).map(({ name }) => name);
  });
  return [...new Set(finders)];
}

interface FoundByCheck {
  readonly name: string;
  readonly codes: ReadonlySet<string>;
}

function contentChecks(
  directory: RunDirectory,
  judgement: Extract<StoredJudgement, { kind: "content" }>,
): readonly FoundByCheck[] {
  const evidence = readContentEvidence(directory, judgement);
  return checks.map((check) => ({
    name: check.name,
    codes: new Set(check.judge(evidence).findings.map(({ code }) => code)),
  }));
}

/** What no judgement found was seen by the guard around the system, or by a step of the scenario. */
function stepOf(scenario: string, code: string): string {
  if (code.startsWith("system-")) return "guard";
  if (code.startsWith("verify-")) return "verify";
  return scenario.startsWith("prove/") ? "drill steps" : `scenario ${scenario}`;
}

// A stored run with everything that cannot be trusted marked inconclusive: planned scenarios without a result, and
// results based on files that differ from those the run wrote.
import { exitCodes } from "../base/errors.ts";
import { canariesSubject } from "./canaries.ts";
import { noResult, withMissing } from "./missing.ts";
import { type DrillResult, judgeDrill, judgeScenario, type ScenarioResult, type StoredFinding } from "./result.ts";
import { observationFolder, readResult, readRun, type RunRecord } from "./run-directory.ts";
import { brokenSeals, type BrokenSeal } from "./seal.ts";

export interface CheckedRun {
  readonly record: RunRecord;
  /** Result as the run left it. */
  readonly stored: DrillResult;
  /** Result with a finding for everything that cannot be trusted. */
  readonly result: DrillResult;
  /** Files that differ from those the run wrote. */
  readonly broken: ReadonlySet<string>;
}

export async function readCheckedRun(path: string): Promise<CheckedRun> {
  const record = readRun(path);
  const stored = await readResult(path);
  const broken = await brokenSeals(path);
  const results = withMissing(stored, record.planned);
  const owners = new Map(results.map(({ id }) => [observationFolder(id), id]));
  const byOwner = Map.groupBy(broken, ({ file }) => ownerOf(file, owners));
  const scenarios = results.map((result) =>
    withProblems(result, [...(byOwner.get(result.id) ?? []).map(sentenceOf), ...withoutCanaries(result, stored)]),
  );
  const whole = [...problemsOfTheWhole(record, stored), ...(byOwner.get(undefined) ?? []).map(sentenceOf)];
  if (whole.length > 0) scenarios.push(aboutTheRun(whole, stored.replay));
  return {
    record,
    stored,
    broken: new Set(broken.map(({ file }) => file)),
    result: { ...stored, scenarios, ...judgeRun(scenarios, isInterrupted(stored)) },
  };
}

/** The verdict over these scenarios of a run; an interrupted one never passes, and its exit code says why. */
export function judgeRun(
  scenarios: readonly ScenarioResult[],
  wasInterrupted: boolean,
): Pick<DrillResult, "verdict" | "exitCode"> {
  const { verdict, exitCode } = judgeDrill(scenarios);
  if (!wasInterrupted || verdict === "fail") return { verdict, exitCode };
  return { verdict: "inconclusive", exitCode: exitCodes.interrupted };
}

export function isInterrupted({ exitCode }: Pick<DrillResult, "exitCode">): boolean {
  return exitCode === exitCodes.interrupted;
}

/** Adds these problems as findings, and adjusts the verdict. */
export function withProblems(result: ScenarioResult, problems: readonly string[]): ScenarioResult {
  if (problems.length === 0) return result;
  const findings = [...result.findings, ...problems.map((message) => evidenceFinding(result.id, message))];
  return { ...result, findings, ...judgeScenario(findings) };
}

/** Earlier versions planted no canaries, and their runs stay as they were judged. */
function withoutCanaries({ verdict, judged = [] }: ScenarioResult, { schemaVersion }: DrillResult): string[] {
  const isStamped = judged.length === 0 || judged.includes(canariesSubject);
  if (schemaVersion < canariesSince || verdict !== "pass" || isStamped) return [];
  return ["it passed, and its checks were not tried on planted canaries"];
}

const canariesSince = 3;

/** A part that a scenario ran inside itself is recorded as `<id>~<part>`. */
function ownerOf(file: string, owners: ReadonlyMap<string, string>): string | undefined {
  const [folder, scenario = ""] = file.split("/");
  return folder === "observations" ? owners.get(scenario.split("~")[0] ?? "") : undefined;
}

function sentenceOf({ file, problem }: BrokenSeal): string {
  return `${file} ${problem}`;
}

function problemsOfTheWhole(record: RunRecord, stored: DrillResult): string[] {
  const { verdict } = judgeDrill(stored.scenarios);
  const twice = [...Map.groupBy(stored.scenarios, ({ id }) => id)].filter(([, results]) => results.length > 1);
  return [
    ...twice.map(([id, results]) => `result.json holds ${results.length} results of ${id}, and a run has one of each`),
    ...(record.planned === undefined ? ["run.json does not say which scenarios were planned"] : []),
    ...(verdict === stored.verdict || isInterrupted(stored)
      ? []
      : [`result.json says ${stored.verdict}, and its scenarios together say ${verdict}`]),
  ];
}

/** Id of the result for problems with files that belong to no single scenario; nothing of such a run can be trusted. */
export const evidenceResultId = "run/evidence";

function aboutTheRun(problems: readonly string[], replay: string): ScenarioResult {
  const id = evidenceResultId;
  const [first = "", ...others] = problems;
  const result = { ...noResult(id, first, replay), title: "The files of the run are those that it wrote" };
  const findings = [first, ...others].map((message) => evidenceFinding(id, message));
  return { ...result, findings, ...judgeScenario(findings) };
}

function evidenceFinding(subject: string, message: string): StoredFinding {
  return { code: "assumption-evidence-changed", severity: "error", subject, message, evidence: {} };
}

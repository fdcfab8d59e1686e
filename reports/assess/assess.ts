// The readiness scorecard of a backup system: a pure function of its stored runs, judged again, and of the time.
import { resolve } from "node:path";
import { usageError } from "../../harness/base/errors.ts";
import { evidenceResultId } from "../../harness/record/checked-run.ts";
import { claimOf } from "../gate/evidence.ts";
import type { AssessedRun } from "./assessed-run.ts";
import { mapControls } from "./controls.ts";
import { criteria } from "./criteria.ts";
import { type CriterionVerdict, criterionVerdicts, type Question } from "./criterion.ts";
import { judgeCriterion, runCommand } from "./judge-criterion.ts";
import type { CriterionResult, RunOfCard, Scorecard } from "./scorecard.ts";

export type Expected = Omit<Question, "results" | "replay">;

/** Throws a `DrillError` (`usage`) where the runs are of different systems. */
export function assess(runs: readonly AssessedRun[], expected: Expected): Scorecard {
  const system = oneSystem(runs);
  const results = runs.flatMap((run) => run.scenarios.map((result) => ({ run, result, claim: claimOf(result.id) })));
  const question: Question = { ...expected, results, replay: runs[0]?.replay ?? "" };
  const all = criteria.map((criterion) => judgeCriterion(criterion, question));
  const judged = all.map(({ result }) => result);
  const missing = all.flatMap((one) => one.missing);
  const count = (wanted: CriterionVerdict): number => judged.filter(({ verdict }) => verdict === wanted).length;
  const counts = Object.fromEntries(criterionVerdicts.map((verdict) => [verdict, count(verdict)]));
  return {
    schemaVersion: 1,
    assessedAt: new Date(expected.nowMs).toISOString(),
    system,
    counts: counts as Scorecard["counts"],
    criteria: judged,
    controls: mapControls(judged),
    notCovered: notCoveredOf(runs),
    runs: runs.map((run) => runOfCard(run, namedIn(judged))),
    ...(missing.length === 0 ? {} : { runNext: runCommand(missing, question) }),
  };
}

function oneSystem(runs: readonly AssessedRun[]): string {
  const systems = Map.groupBy(runs, ({ system }) => system);
  const [first] = systems.keys();
  if (first === undefined) throw new RangeError("there is no run to assess");
  if (systems.size === 1) return first;
  const named = [...systems].map(([system, of]) => `${system} (${of.map(({ name }) => name).join(", ")})`);
  throw usageError(
    `these runs are of ${systems.size} systems: ${named.join("; ")}`,
    "A scorecard is of one system: call assess once for each, with its own runs.",
  );
}

function notCoveredOf(runs: readonly AssessedRun[]): Scorecard["notCovered"] {
  const said = runs.flatMap(({ scenarios }) =>
    scenarios.flatMap(({ id, notCovered }) => notCovered.map((sentence) => ({ sentence, id: claimOf(id) }))),
  );
  const notRun = runs.flatMap((run) =>
    run.notRun.map(({ id, missing }) => ({ sentence: `not run, for systems with ${missing.join(" and ")}`, id })),
  );
  return [...Map.groupBy(said.concat(notRun), ({ sentence }) => sentence)].map(([sentence, by]) => ({
    sentence,
    scenarios: [...new Set(by.map(({ id }) => id))],
  }));
}

/** Scenarios that a criterion which is not met already names. */
function namedIn(judged: readonly CriterionResult[]): ReadonlySet<string> {
  const records = judged.filter(({ verdict }) => verdict === "not met").flatMap(({ evidence }) => evidence);
  return new Set(records.map(({ run, scenario }) => `${run} ${scenario}`));
}

function runOfCard(run: AssessedRun, named: ReadonlySet<string>): RunOfCard {
  const { name, path, startedAtMs, seed, engines, tool, scenarios, sealSha256, replay } = run;
  const own = scenarios.filter(({ id }) => id !== evidenceResultId);
  const builds = [...engines.values()].map(
    ({ kind, falkordb, redis }) => `${kind} FalkorDB ${falkordb} on Redis ${redis}`,
  );
  return {
    name,
    path: resolve(path),
    startedAt: new Date(startedAtMs).toISOString(),
    seed,
    engines: [...new Set(builds)].toSorted(),
    tool,
    passed: own.filter(({ verdict }) => verdict === "pass").length,
    results: own.length,
    sealSha256,
    problems: [...problemsOf(run), ...failuresOf(own.filter(({ id }) => !named.has(`${name} ${id}`)))],
    replay,
  };
}

/** A failure that no criterion is about must not be overlooked beside those that are met. */
function failuresOf(results: AssessedRun["scenarios"]): readonly string[] {
  return results.flatMap(({ id, verdict, findings }) => {
    const first = findings.find(({ severity }) => severity === "error");
    return verdict === "fail" ? [`${id} failed: ${first?.message ?? "it does not say why"}`] : [];
  });
}

const doubts: ReadonlySet<string> = new Set(["assumption-evidence-changed", "assumption-no-result"]);

/** One sentence for each reason not to believe a part of the run. */
function problemsOf({ scenarios }: AssessedRun): readonly string[] {
  const found = scenarios.flatMap(({ findings }) => findings.filter(({ code }) => doubts.has(code)));
  return [
    ...new Set(
      found.map(({ subject, message }) => (subject === evidenceResultId ? message : `${subject}: ${message}`)),
    ),
  ];
}

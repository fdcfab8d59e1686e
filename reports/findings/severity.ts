// What a reader should see first: wrong data before slow recovery, before missed objectives, before what is not decided.
import type { ExitReason } from "../../harness/base/errors.ts";
import type { ScenarioResult, StoredFinding } from "../../harness/record/result.ts";
import { damageOf } from "./damage.ts";
import { counted, type FindingGroup, findingGroups } from "./finding-groups.ts";

const order: readonly ExitReason[] = [
  "dataWrong",
  "notRecovered",
  "objectiveMissed",
  "internal",
  "inconclusive",
  "environment",
  "usage",
  "interrupted",
  "pass",
];

/** Worst first; equals keep their order. */
export function worstFirst<T extends Pick<ScenarioResult, "exit">>(scenarios: readonly T[]): T[] {
  return scenarios.toSorted((a, b) => order.indexOf(a.exit) - order.indexOf(b.exit));
}

/** Number of scenarios shown with all details; the others are only rows of the table. */
const detailMax = 300;

export function inDetail<T extends Pick<ScenarioResult, "exit">>(scenarios: readonly T[]): T[] {
  return worstFirst(scenarios).slice(0, detailMax);
}

/** Those that name one entity with its properties first: a person can look at it; a count says only that there is one. */
function errorsOf({ findings }: Pick<ScenarioResult, "findings">): readonly StoredFinding[] {
  const errors = findings.filter(({ severity }) => severity === "error");
  return errors.toSorted((a, b) => vagueness(a) - vagueness(b));
}

/** What explains a failure first: errors in the order of `errorsOf`, then warnings, then notes. */
export function findingsOf(scenario: Pick<ScenarioResult, "findings">): readonly StoredFinding[] {
  const of = (wanted: StoredFinding["severity"]): readonly StoredFinding[] =>
    scenario.findings.filter(({ severity }) => severity === wanted);
  return [...errorsOf(scenario), ...of("warning"), ...of("info")];
}

function vagueness({ evidence: { properties } }: StoredFinding): number {
  if (!Array.isArray(properties)) return 2;
  return properties.length > 0 ? 0 : 1;
}

/** One sentence on why a scenario is not a pass: the size of the damage, else the first cause; undefined for a pass. */
export function reasonForVerdict(scenario: ScenarioResult): string | undefined {
  if (scenario.verdict === "pass") return undefined;
  const damage = damageOf(scenario);
  const groups = findingGroups([scenario]).filter(({ severity }) => severity === "error");
  const [first, ...more] =
    damage === undefined ? groups : groups.filter(({ code }) => damage.counts[code] === undefined);
  if (damage !== undefined) return first === undefined ? damage.sentence : `${damage.sentence}; ${first.title}`;
  if (first === undefined) return exitWords[scenario.exit];
  const cause = withExample(first);
  return more.length === 0 ? cause : `${cause} (and ${counted(more.length, "more cause")})`;
}

/** A title that counts several findings does not say where to look; one of them does. */
function withExample({ title, count, example }: FindingGroup): string {
  return count === 1 || title.includes(example.message) ? title : `${title}, e.g. ${example.message}`;
}

/** What an exit reason means, as the end of "the scenario ...". */
export const exitWords: Readonly<Record<ExitReason, string>> = {
  pass: "passed",
  dataWrong: "data wrong",
  notRecovered: "not recovered, or too slow",
  objectiveMissed: "objective missed",
  inconclusive: "nothing proven",
  internal: "internal error",
  environment: "environment not available",
  usage: "usage error",
  interrupted: "interrupted",
};

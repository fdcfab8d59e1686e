// The scorecard in the words that its printers share.
import { counted } from "../findings/finding-groups.ts";
import { criterionGroups, type CriterionGroup, criterionVerdicts } from "./criterion.ts";
import type { CriterionResult, DrillRecord, Scorecard } from "./scorecard.ts";

/** "7 met, 1 not met, 9 not covered, 1 not falsifiable" */
export function countsText({ counts }: Scorecard): string {
  return criterionVerdicts.map((verdict) => `${counts[verdict]} ${verdict}`).join(", ");
}

export const verdictMeanings: Readonly<Record<CriterionResult["verdict"], string>> = {
  met: "a drill tried it, could have failed, and passed",
  "not met": "a drill showed the opposite",
  "not covered": "nothing in these runs decides it",
  "not falsifiable": "a drill ran that could not have failed",
};

/** Criteria by group, in the order of the groups; within one, what is not met comes first. */
export function groupsOf({ criteria }: Scorecard): readonly (readonly [string, readonly CriterionResult[]])[] {
  const order = ["not met", "not falsifiable", "not covered", "met"];
  return (Object.keys(criterionGroups) as CriterionGroup[]).map((group) => [
    criterionGroups[group],
    criteria
      .filter((criterion) => criterion.group === group)
      .toSorted((a, b) => order.indexOf(a.verdict) - order.indexOf(b.verdict)),
  ]);
}

/** "3 runs, 2026-11-29 to 2026-11-30" */
export function runsText({ runs }: Scorecard): string {
  const days = [...new Set(runs.map(({ startedAt }) => startedAt.slice(0, 10)).toSorted())];
  const [first, last] = [days[0], days.at(-1)];
  return `${counted(runs.length, "run")}, ${first === last ? first : `${first} to ${last}`}`;
}

export function enginesText({ runs }: Scorecard): string {
  return [...new Set(runs.flatMap(({ engines }) => engines))].join(", ");
}

export function recordName({ run, scenario }: Pick<DrillRecord, "run" | "scenario">): string {
  return `${run}/${scenario}`;
}

/** "5 of 7 criteria met" */
export function controlText(criteria: readonly string[], card: Scorecard): string {
  const met = card.criteria.filter(({ id, verdict }) => verdict === "met" && criteria.includes(id)).length;
  return `${met} of ${counted(criteria.length, "criterion").replace("criterions", "criteria")} met`;
}

/** How the runs behind the card are signed and checked by somebody else, offline. */
export function checkCommands({ runs }: Scorecard): readonly string[] {
  return [
    `falkordrill gate ${runs.map(({ path }) => path).join(" ")} --evidence evidence --sign-key signer.secret.asc`,
    "falkordrill gate verify evidence --key signer.public.asc",
  ];
}

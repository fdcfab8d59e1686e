// The one model that every format renders: the scenarios of all runs, worst first, and the figures that people ask for.
import { formatCount } from "../../harness/base/units.ts";
import type { DrillResult, Verdict } from "../../harness/record/result.ts";
import { type MergedScenario, mergeRuns, type Wanted } from "./merge.ts";
import { worstDamage } from "../findings/damage.ts";
import { type FindingGroup, findingGroups } from "../findings/finding-groups.ts";
import { type Headline, type Objectives, objectivesOf, rpoHeadline, rtoHeadline } from "../figures/headlines.ts";
import { exitWords, inDetail, worstFirst } from "../findings/severity.ts";
import type { StoredRun } from "./stored-run.ts";

export interface ReportModel {
  readonly runs: readonly StoredRun[];
  /** The runs merged, in the order in which they were given; this is what --format json prints. */
  readonly result: DrillResult;
  /** Worst first. */
  readonly scenarios: readonly MergedScenario[];
  /** Those of `scenarios` that are shown with everything; the others have a row in the table. */
  readonly detailed: readonly MergedScenario[];
  readonly counts: Readonly<Record<Verdict, number>>;
  /** What went wrong in all scenarios together, worst first. */
  readonly groups: readonly FindingGroup[];
  readonly damage: ReturnType<typeof worstDamage>;
  readonly rto: Headline;
  readonly rpo: Headline;
  readonly seeds: readonly number[];
  /** Earlier runs of the same drill, oldest first. */
  readonly earlier: readonly EarlierRun[];
  /** What a gate decided on these runs; undefined where none was asked. */
  readonly gate: GateDecision | undefined;
  /** The scenario whose recovery is drawn first: one with raw limits, of the largest graph. */
  readonly main: MergedScenario | undefined;
}

export interface GateDecision {
  readonly decision: string;
  /** "12 of 14 rules met", with what decided. */
  readonly why: string;
}

/** What a report shows in addition to the runs themselves. */
export interface Beside {
  readonly earlier?: readonly EarlierRun[];
  readonly gate?: GateDecision | undefined;
}

/** `objectives`: in place of those with which the first run was started. */
export function reportModel(
  runs: readonly StoredRun[],
  objectives: Objectives = runs[0] === undefined ? {} : objectivesOf(runs[0].record),
  wants: Wanted = "whole",
  { earlier = [], gate }: Beside = {},
): ReportModel {
  const { result, scenarios: merged } = mergeRuns(runs, wants);
  const scenarios = worstFirst(merged);
  const count = (verdict: Verdict): number => scenarios.filter((scenario) => scenario.verdict === verdict).length;
  return {
    runs,
    result,
    scenarios,
    detailed: inDetail(scenarios),
    counts: { pass: count("pass"), fail: count("fail"), inconclusive: count("inconclusive") },
    groups: findingGroups(scenarios),
    damage: worstDamage(scenarios),
    rto: rtoHeadline(scenarios, objectives),
    rpo: rpoHeadline(scenarios, objectives),
    seeds: [...new Set(runs.map((run) => run.record.seed))],
    earlier,
    gate,
    main: mainOf(scenarios),
  };
}

function mainOf(scenarios: readonly MergedScenario[]): MergedScenario | undefined {
  const score = ({ metrics }: MergedScenario): number =>
    (metrics["rawLoadMs"] === undefined ? 0 : 1e12) + (metrics["nodes"] ?? 0);
  const recovered = scenarios.filter((scenario) => scenario.metrics["firstAnswerMs"] !== undefined);
  return recovered.toSorted((a, b) => score(b) - score(a))[0];
}

/** The verdict in one plain sentence. */
export function verdictSentence({ result, scenarios, counts }: ReportModel): string {
  const total = scenarios.length;
  const all = total === 1 ? "The scenario" : `All ${formatCount(total)} scenarios`;
  if (total === 0) return "No scenario ran, so nothing was proven.";
  if (result.verdict === "pass") return `${all} passed.`;
  const first = scenarios[0];
  const alike = scenarios.filter(({ exit }) => exit === first?.exit).length - 1;
  const others = alike === 0 ? "" : ` and ${formatCount(alike)} more`;
  const why = first === undefined ? "" : `: ${exitWords[first.exit]} in ${first.id}${others}`;
  const parts = [
    counts.fail > 0 ? `${formatCount(counts.fail)} of ${formatCount(total)} failed` : undefined,
    counts.inconclusive > 0 ? `${formatCount(counts.inconclusive)} of ${formatCount(total)} inconclusive` : undefined,
  ].filter((part) => part !== undefined);
  return `${parts.join(", ")}${why}.`;
}

/** What is kept of an earlier run of the same scenarios, size and system. */
export interface EarlierRun {
  readonly startedAt: string;
  readonly commit: string | undefined;
  readonly rtoMs: number | undefined;
  readonly rpoWrites: number | undefined;
  readonly verdicts: ReadonlyMap<string, Verdict>;
}

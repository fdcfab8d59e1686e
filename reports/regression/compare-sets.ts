// Two sets of runs that were measured at other times. Nothing can be measured again here, so what seems slower is confirmed
// by the runs themselves: every second run of both sets has to show it, and the others too.
import { type ExitReason, exitCodes } from "../../harness/base/errors.ts";
import { bootstrapSets } from "../statistics/bootstrap.ts";
import { smallestDetectable } from "../statistics/detectable.ts";
import { type ExactJudgement, judgeExact } from "./judge-exact.ts";
import type { Change } from "./judge-rounds.ts";
import { isJudged, type MeasuredFigure, type MeasuredRun } from "./measured-run.ts";
import { exitOfChanges, type VerdictChange, verdictChanges } from "./verdict-changes.ts";

/** Fewer runs on a side have no interval at all. */
export const runsMin = 5;

interface SetJudgement {
  /** `suspected`: slower over all runs, but there are too few to confirm it by halves. */
  readonly says: "regression" | "suspected" | "within" | "faster" | "unclear" | "too-few";
  readonly base: number;
  readonly head: number;
  readonly change: Change;
  /** The smallest ratio that would have been called slower with a probability of 80 %. */
  readonly detectable: number;
}

export interface SetComparison {
  readonly type: "comparison";
  readonly allowed: number;
  readonly runs: { readonly base: number; readonly head: number };
  readonly times: readonly (SetJudgement & { readonly name: string })[];
  readonly exact: readonly (ExactJudgement & { readonly name: string; readonly unit: string })[];
  /** Scenarios that end otherwise in head, worst first. */
  readonly verdicts: readonly VerdictChange[];
  readonly headlines: readonly HeadlineChange[];
  /** Figures that only one side measured: not compared, and not counted as zero. */
  readonly oneSided: readonly { readonly name: string; readonly only: "base" | "head" }[];
  readonly verdict: "pass" | "fail" | "inconclusive";
  readonly exit: ExitReason;
  readonly exitCode: number;
}

export interface SetLimits {
  readonly allowed: number;
  readonly seed: number;
}

const tail = 0.025;

export function compareSets(
  base: readonly MeasuredRun[],
  head: readonly MeasuredRun[],
  limits: SetLimits,
): SetComparison {
  const [baseFigures, headFigures] = [byName(base), byName(head)];
  const times: SetComparison["times"][number][] = [];
  const exact: SetComparison["exact"][number][] = [];
  for (const [name, own] of headFigures) {
    const others = baseFigures.get(name);
    const [figure] = own;
    if (others === undefined || figure === undefined || !isJudged(figure)) continue;
    if (figure.exactWithin === undefined)
      times.push(Object.assign(judgeSets(costs(others), costs(own), limits), { name }));
    else {
      const { better, exactWithin: within, unit } = figure;
      exact.push(Object.assign(judgeExact(valuesOf(others), valuesOf(own), { within, better }), { name, unit }));
    }
  }
  const oneSided = [
    ...missing(baseFigures, headFigures).map((name) => ({ name, only: "base" as const })),
    ...missing(headFigures, baseFigures).map((name) => ({ name, only: "head" as const })),
  ];
  const verdicts = verdictChanges(base, head);
  const figuresExit = exitOf([...times, ...exact].map(({ says }) => says));
  const exit = lower(exitOfChanges(verdicts), figuresExit);
  return {
    type: "comparison",
    allowed: limits.allowed,
    runs: { base: base.length, head: head.length },
    verdicts,
    headlines: headlineChanges(baseFigures, headFigures),
    times,
    exact,
    oneSided,
    verdict: exit === "pass" ? "pass" : exit === "inconclusive" ? "inconclusive" : "fail",
    exit,
    exitCode: exitCodes[exit],
  };
}

function judgeSets(base: readonly number[], head: readonly number[], limits: SetLimits): SetJudgement {
  const whole = measure(base, head, limits);
  if (whole.says !== "slower") return { ...whole.judgement, says: whole.says };
  const halves = [0, 1].map((half) => measure(everySecond(base, half), everySecond(head, half), limits).says);
  if (halves.every((says) => says === "slower")) return { ...whole.judgement, says: "regression" };
  return { ...whole.judgement, says: halves.includes("too-few") ? "suspected" : "unclear" };
}

function measure(
  base: readonly number[],
  head: readonly number[],
  { allowed, seed }: SetLimits,
): { says: "slower" | "within" | "faster" | "unclear" | "too-few"; judgement: Omit<SetJudgement, "says"> } {
  const limit = Math.log1p(allowed);
  const runs = Math.min(base.length, head.length);
  const found = bootstrapSets(base.map(Math.log), head.map(Math.log), seed);
  const { low, high } = found.interval(tail);
  const judgement = {
    base: middle(base),
    head: middle(head),
    change: { estimate: Math.exp(found.estimate), low: Math.exp(low), high: Math.exp(high) },
    detectable: Math.exp(
      smallestDetectable({ standardError: found.standardError, rounds: runs, allowed: limit, tail }),
    ),
  };
  if (runs < runsMin) return { says: "too-few", judgement };
  if (low > limit) return { says: "slower", judgement };
  if (high < -limit) return { says: "faster", judgement };
  return { says: high < limit ? "within" : "unclear", judgement };
}

export interface HeadlineChange {
  readonly name: string;
  readonly unit: string;
  /** The worst of the runs and scenarios that both sides measured. */
  readonly base: number;
  readonly head: number;
}

/** Metrics at the top of a report, in that order. */
const headlineMetrics = ["rtoMs", "rpoMs", "writePauseMs", "storedBytes"];

type Figures = ReadonlyMap<string, readonly MeasuredFigure[]>;

function headlineChanges(base: Figures, head: Figures): readonly HeadlineChange[] {
  return headlineMetrics.flatMap((metric) => {
    const names = [...head.keys()].filter((name) => name.endsWith(`: ${metric}`) && base.has(name));
    const worst = (figures: Figures): number => Math.max(...names.flatMap((name) => valuesOf(figures.get(name) ?? [])));
    const unit = head.get(names[0] ?? "")?.[0]?.unit;
    return unit === undefined ? [] : [{ name: metric, unit, base: worst(base), head: worst(head) }];
  });
}

/** The exit reason with the lower exit code, as everywhere. */
function lower(one: ExitReason, other: ExitReason): ExitReason {
  if (one === "pass" || other === "pass") return one === "pass" ? other : one;
  return exitCodes[one] <= exitCodes[other] ? one : other;
}

const open: ReadonlySet<string> = new Set(["suspected", "unclear", "too-few", "unsteady"]);

function exitOf(said: readonly string[]): ExitReason {
  if (said.some((says) => says === "regression" || says === "worse")) return "objectiveMissed";
  return said.length === 0 || said.some((says) => open.has(says)) ? "inconclusive" : "pass";
}

function byName(runs: readonly MeasuredRun[]): Map<string, MeasuredFigure[]> {
  const found = new Map<string, MeasuredFigure[]>();
  for (const figure of runs.flatMap((run) => run.figures)) {
    const known = found.get(figure.name);
    if (known === undefined) found.set(figure.name, [figure]);
    else known.push(figure);
  }
  return found;
}

function missing(from: ReadonlyMap<string, unknown>, other: ReadonlyMap<string, unknown>): string[] {
  return [...from.keys()].filter((name) => !other.has(name));
}

function valuesOf(figures: readonly MeasuredFigure[]): number[] {
  return figures.map(({ value }) => value);
}

/** So that less is better; a value that is not positive has no ratio. */
function costs(figures: readonly MeasuredFigure[]): number[] {
  return figures
    .map(({ value, better }) => (better === "less" ? value : 1 / value))
    .filter((value) => Number.isFinite(value) && value > 0);
}

function everySecond(values: readonly number[], from: number): number[] {
  return values.filter((_, index) => index % 2 === from);
}

function middle(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

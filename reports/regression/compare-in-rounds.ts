// A comparison that measures only as long as it has to. First stage: rounds until every figure is clear, or there are no
// more. Second stage: what seems slower is measured again in fresh rounds; only what is slower there too is a regression.
import { confirmationTail, planLooks } from "../statistics/sequential.ts";
import { judgeRounds, type Round, type RoundsJudgement } from "./judge-rounds.ts";

export interface ComparisonPlan {
  readonly seed: number;
  /** The share by which head may be slower. */
  readonly allowed: number;
  readonly roundsMin: number;
  readonly roundsMax: number;
  /** Error probability of the first stage: calling one figure slower, or within the limit, when it is not. */
  readonly firstError: number;
  /** Probability of a false regression among all figures. */
  readonly falseAlarm: number;
}

export const defaultPlan: Omit<ComparisonPlan, "seed"> = {
  allowed: 0.05,
  roundsMin: 8,
  roundsMax: 27,
  firstError: 0.05,
  falseAlarm: 0.01,
};

type ComparisonVerdict = "regression" | "not-confirmed" | Exclude<RoundsJudgement["says"], "slower">;

export interface Comparison {
  readonly name: string;
  readonly verdict: ComparisonVerdict;
  readonly first: RoundsJudgement;
  /** Only where the first stage said slower. */
  readonly second?: RoundsJudgement;
}

/** Measures one round: each figure by its name. A figure that is not in every round is not compared. */
export type MeasureRound = (stage: 1 | 2, round: number) => Promise<ReadonlyMap<string, Round>>;

export async function compareInRounds(measure: MeasureRound, plan: ComparisonPlan): Promise<readonly Comparison[]> {
  const first = await stage((round) => measure(1, round), plan, plan.firstError);
  const suspects = new Set([...first].filter(([, { says }]) => says === "slower").map(([name]) => name));
  const error = confirmationTail(plan.firstError, first.size, plan.falseAlarm);
  const second = suspects.size === 0 ? undefined : await stage((round) => measure(2, round), plan, error, suspects);
  return [...first].map(([name, judgement]) => concluded(name, judgement, second?.get(name)));
}

type Judgements = ReadonlyMap<string, RoundsJudgement>;
type Measured = ReadonlyMap<string, Round>;

/** Rounds until everything (or everything in `only`) is clear, which costs at most `error` for each figure. */
async function stage(
  measure: (round: number) => Promise<Measured>,
  plan: ComparisonPlan,
  error: number,
  only?: ReadonlySet<string>,
): Promise<Judgements> {
  const rounds: Measured[] = [];
  let judgements: Judgements = new Map();
  for (const look of planLooks(plan.roundsMin, plan.roundsMax, error)) {
    while (rounds.length < look.rounds) rounds.push(await measure(rounds.length));
    // What was clear at an earlier look has spent its share and stays as it was found.
    const before = judgements;
    judgements = judgeAll(rounds, { ...plan, tail: look.tail }, only, (name) => clear(before.get(name)));
    if ([...judgements.values()].every((judgement) => clear(judgement) !== undefined)) break;
  }
  return judgements;
}

function judgeAll(
  rounds: readonly Measured[],
  limit: { allowed: number; tail: number; seed: number },
  only: ReadonlySet<string> | undefined,
  decided: (name: string) => RoundsJudgement | undefined,
): Judgements {
  const wanted = [...(rounds[0]?.keys() ?? [])].filter((name) => only?.has(name) !== false);
  const names = wanted.filter((name) => rounds.every((round) => round.has(name)));
  return new Map(
    names.map((name) => {
      const own = rounds.map((round) => round.get(name)).filter((round) => round !== undefined);
      return [name, decided(name) ?? judgeRounds(own, limit)];
    }),
  );
}

function clear(judgement: RoundsJudgement | undefined): RoundsJudgement | undefined {
  return judgement?.says === "unclear" || judgement?.says === "noisy" ? undefined : judgement;
}

function concluded(name: string, first: RoundsJudgement, second: RoundsJudgement | undefined): Comparison {
  if (first.says !== "slower") return { name, verdict: first.says, first };
  if (second === undefined) return { name, verdict: "not-confirmed", first };
  if (second.says === "slower") return { name, verdict: "regression", first, second };
  // A fresh measurement that is clear overrules the suspicion; one that is not leaves it open.
  return { name, verdict: clear(second) === undefined ? "not-confirmed" : second.says, first, second };
}

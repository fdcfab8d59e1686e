// What became of each scenario between two sets of runs: the first result to read, before any figure.
import type { ExitReason } from "../../harness/base/errors.ts";
import type { Verdict } from "../../harness/record/result.ts";
import { worstFirst } from "../findings/severity.ts";
import type { MeasuredRun } from "./measured-run.ts";

export interface VerdictChange {
  readonly scenario: string;
  readonly from: Verdict | "missing";
  readonly to: Verdict | "missing";
  /** How head ended; what does not pass any more counts like a failing run. */
  readonly exit: ExitReason;
}

interface Ended {
  readonly verdict: Verdict;
  readonly exit: ExitReason;
}

/** Changes, worst first; empty where the runs have no verdicts, as those of benchmarks. */
export function verdictChanges(base: readonly MeasuredRun[], head: readonly MeasuredRun[]): readonly VerdictChange[] {
  const [before, after] = [worstOf(base), worstOf(head)];
  const changes = [...new Set([...before.keys(), ...after.keys()])].map((scenario): VerdictChange => ({
    scenario,
    from: before.get(scenario)?.verdict ?? "missing",
    to: after.get(scenario)?.verdict ?? "missing",
    exit: after.get(scenario)?.exit ?? "inconclusive",
  }));
  return worstFirst(changes.filter(({ from, to }) => from !== to));
}

/** The worst outcome of several runs: a scenario that failed once has failed. */
function worstOf(runs: readonly MeasuredRun[]): ReadonlyMap<string, Ended> {
  const all = runs.flatMap(({ scenarios = [] }) => scenarios);
  return new Map(
    [...Map.groupBy(all, ({ id }) => id)].flatMap(([id, ended]) => {
      const [worst] = worstFirst(ended);
      return worst === undefined ? [] : [[id, worst] as const];
    }),
  );
}

/** What a change of the verdicts means for the comparison: worse is a failure, less is inconclusive. */
export function exitOfChanges(changes: readonly VerdictChange[]): ExitReason {
  const worse = changes.find(
    ({ from, to }) => from !== "fail" && (to === "fail" || (from === "pass" && to !== "pass")),
  );
  return worse?.exit ?? "pass";
}

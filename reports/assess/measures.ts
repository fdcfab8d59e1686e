// Criteria that need a figure as well as a pass: sizes, times, shares, ages, repetitions.
import { formatCount, formatDuration } from "../../harness/base/units.ts";
import { rpoHeadline, rtoHeadline } from "../figures/headlines.ts";
import type { Experiment, Measured, Question, RunResult } from "./criterion.ts";

type Measure = NonNullable<Experiment["measure"]>;

/** How much less an increment takes than the full backup that it is based on. */
export function incrementSaving(shareMin: number): Measure {
  return ({ result }) => {
    const { incrementBytes, storedBytes = 0 } = result.metrics as Partial<Record<string, number>>;
    if (incrementBytes === undefined || storedBytes === 0)
      return { verdict: "not covered", note: "passed, and did not measure the size of its increments" };
    const share = 1 - incrementBytes / storedBytes;
    const note = `passed with an increment ${percent(share)} smaller than its full backup; asked for: ${percent(shareMin)}`;
    return { verdict: share >= shareMin ? "met" : "not met", note };
  };
}

/** Recovery time and loss against the objectives that were given to `assess`, or else to the run. */
export function withinObjectives({ run, result }: RunResult, { rtoMsMax, rpoMsMax }: Question): Measured {
  const limits = [
    { name: "RTO", value: result.metrics["rtoMs"], max: rtoMsMax ?? run.objectives.rtoMs },
    { name: "RPO", value: result.metrics["rpoMs"], max: rpoMsMax ?? run.objectives.rpoMs },
  ].flatMap(({ name, value, max }) => (value === undefined || max === undefined ? [] : [{ name, value, max }]));
  if (limits.length === 0)
    return {
      verdict: "not falsifiable",
      note: "passed without an objective, so no time could have missed one",
      next: "Say what recovery may take and lose: --rto and --rpo of assess or run, or objectives in the configuration.",
    };
  const isMissed = limits.some(({ value, max }) => value > max);
  const texts = limits.map(
    ({ name, value, max }) => `${name} ${formatDuration(value)} of at most ${formatDuration(max)}`,
  );
  return { verdict: isMissed ? "not met" : "met", note: `measured ${texts.join(", ")}` };
}

/** The figures of the summary, over all runs of the card. */
export function worstRecovery({ results, rtoMsMax, rpoMsMax }: Question): string {
  const scenarios = results.map(({ result }) => result);
  const [first] = results;
  const objectives = { rtoMs: rtoMsMax ?? first?.run.objectives.rtoMs, rpoMs: rpoMsMax ?? first?.run.objectives.rpoMs };
  const texts = [
    { name: "RTO", figure: rtoHeadline(scenarios, objectives) },
    { name: "RPO", figure: rpoHeadline(scenarios, objectives) },
  ].flatMap(({ name, figure: { text, scenario, rank, objective } }) => {
    const where = [rank, scenario].filter((part) => part !== undefined && part !== "").join(", ");
    return objective === undefined || scenario === undefined
      ? []
      : [`${name} ${text} of at most ${objective} (${where})`];
  });
  return `measured ${texts.join("; ")}`;
}

export function recoveryTime({ result }: RunResult): Measured {
  const { rtoMs } = result.metrics as Partial<Record<string, number>>;
  if (rtoMs === undefined) return { verdict: "not covered", note: "passed without measuring how long recovery takes" };
  return { verdict: "met", note: `passed: first correct answer ${formatDuration(rtoMs)} after the disaster` };
}

export function lately({ run }: RunResult, { nowMs, proofAgeMsMax }: Question): Measured {
  const ageMs = nowMs - run.startedAtMs;
  if (ageMs < 0) return { verdict: "not covered", note: "passed at a time that lies in the future: check the clocks" };
  const note = `passed ${ageText(ageMs)} ago; asked for: at most ${ageText(proofAgeMsMax)}`;
  return { verdict: ageMs <= proofAgeMsMax ? "met" : "not met", note };
}

/** The same claim passed in several of the runs. */
export function repeated({ claim }: RunResult, { results }: Question): Measured {
  const passed = results.filter((each) => each.claim === claim && each.result.verdict === "pass");
  const starts = new Set(passed.map(({ run }) => run.startedAtMs));
  if (starts.size > 1) return { verdict: "met", note: `passed in ${starts.size} runs` };
  return { verdict: "not covered", note: "passed in one run only, which is no pipeline" };
}

function ageText(ms: number): string {
  const hours = ms / 3_600_000;
  if (hours >= 48) return `${formatCount(Math.round(hours / 24))} days`;
  return hours >= 2 ? `${Math.round(hours)} hours` : formatDuration(ms);
}

function percent(share: number): string {
  return `${(share * 100).toFixed(0)}%`;
}

// The verdict of one criterion: a pure function of the results of stored runs. It is met only by results that passed,
// looked at something of the kind, and could have failed.
import { matches } from "../gate/evidence.ts";
import {
  capabilityClaims,
  type Criterion,
  type CriterionVerdict,
  type Experiment,
  type Question,
} from "./criterion.ts";
import { type JudgedResult, judgeResult } from "./judge-result.ts";
import type { CriterionResult, DrillRecord } from "./scorecard.ts";

/** Results that are listed for a criterion; the others are counted. */
const evidenceMax = 6;

/** The first of these that an experiment has decides the criterion. */
const ofExperiments: readonly CriterionVerdict[] = ["not met", "not falsifiable", "not covered", "met"];
/** The first of these that a result has decides the experiment: any failure, or else any proof. */
const ofResults: readonly CriterionVerdict[] = ["not met", "met", "not falsifiable", "not covered"];

interface JudgedCriterion {
  readonly result: CriterionResult;
  /** Scenarios in none of the runs that would decide more of it. */
  readonly missing: readonly string[];
}

export function judgeCriterion(criterion: Criterion, question: Question): JudgedCriterion {
  const { id, group, title, risk, remedy } = criterion;
  const tried = criterion.experiments
    .filter(({ isOptional, needs }) => isOptional !== true || needs === undefined || isClaimed(needs, question))
    .map((experiment) => judgeExperiment(experiment, question));
  const verdict = ofExperiments.find((each) => tried.some((one) => one.verdict === each)) ?? "not covered";
  const deciding = tried.filter((one) => one.verdict === verdict);
  const records = uniqueRecords(deciding.flatMap((one) => one.records));
  const missing = tried.flatMap((one) => one.missing ?? []);
  const unrun = missing.length === 0 ? undefined : `Run what is missing: ${runCommand(missing, question)}`;
  const next = verdict === "not met" ? remedy : (unrun ?? deciding[0]?.next ?? remedy);
  return {
    result: {
      id,
      group,
      title,
      verdict,
      why: whyOf(verdict, tried),
      risk,
      ...(verdict === "met" ? {} : { next }),
      evidence: records.slice(0, evidenceMax),
      moreEvidence: Math.max(0, records.length - evidenceMax),
    },
    missing,
  };
}

/** The command that runs scenarios with the system of these runs. */
export function runCommand(scenarios: readonly string[], { replay }: Question): string {
  const flags = replay.match(/ --(?:config|system) (?:'(?:[^']|'\\'')*'|\S+)/g) ?? [];
  return `falkordrill run ${[...new Set(scenarios)].join(" ")}${flags.join("")}`;
}

interface Tried {
  readonly experiment: Experiment;
  readonly verdict: CriterionVerdict;
  readonly why: string;
  /** What to do about an experiment that decided nothing; the remedy of the criterion where it is undefined. */
  readonly next?: string | undefined;
  /** A scenario that would decide it and is in none of the runs. */
  readonly missing?: string | undefined;
  readonly records: readonly DrillRecord[];
}

function judgeExperiment(experiment: Experiment, question: Question): Tried {
  const { scenarios, needs, newestOnly } = experiment;
  const unseen = { experiment, verdict: "not covered", records: [] } as const;
  if (scenarios.length === 0) return { ...unseen, why: "no scenario of this version tries it" };
  const unclaimed =
    needs === undefined || isClaimed(needs, question)
      ? undefined
      : { ...unseen, why: `the system does not say that it ${capabilityClaims[needs]}` };
  // Where the drill itself takes the pause away, it tries the drill and not the system.
  const mine = question.results.filter(
    ({ claim, result }) => scenarios.some((each) => matches(each, claim)) && result.coordination !== "removed",
  );
  const all = mine.map((one) => judgeResult(experiment, one, question));
  const judged = newestOnly === true ? newest(all) : all;
  const verdict = ofResults.find((each) => judged.some(({ record }) => record.says === each)) ?? "not covered";
  // What happened without a claim of the system shows nothing for it; it may well show something against it.
  if (unclaimed !== undefined && verdict !== "not met") return unclaimed;
  if (mine.length === 0) {
    const ids = scenarios.filter((each) => !each.includes("*"));
    return { ...unseen, why: `none of these runs has ${ids.join(" or ")}`, missing: ids[0] };
  }
  const deciding = judged.filter(({ record }) => record.says === verdict);
  const [first] = deciding;
  const isMeasured = first?.record.verdict === "pass" && (verdict === "met" || verdict === "not met");
  const overall = isMeasured ? experiment.overall?.(question) : undefined;
  const why = overall ?? (first === undefined ? "" : `${first.record.scenario} ${first.record.note}`);
  return { experiment, verdict, why, next: first?.next, records: deciding.map(({ record }) => record) };
}

/** The results of the newest run that decided; all results where no run decided. */
function newest(judged: readonly JudgedResult[]): readonly JudgedResult[] {
  const passed = judged.filter(({ record }) => record.says === "met" || record.says === "not met");
  const last = Math.max(...passed.map(({ startedAtMs }) => startedAtMs));
  return passed.length === 0 ? judged : passed.filter(({ startedAtMs }) => startedAtMs === last);
}

/** Whether the system claims the capability, or nothing is known of its capabilities. */
function isClaimed(capability: string, { results }: Question): boolean {
  const known = results.flatMap(({ run }) => run.capabilities ?? []);
  return known.length === 0 || known.some((capabilities) => capabilities.has(capability));
}

function whyOf(verdict: CriterionVerdict, tried: readonly Tried[]): string {
  // One result often decides several experiments in the same way.
  const alike = Map.groupBy(
    tried.filter((one) => one.verdict === verdict),
    ({ why }) => why,
  );
  const sentences = [...alike].map(([why, of]) => capital(tried.length > 1 ? `${triesOf(of)}: ${why}.` : `${why}.`));
  const met = tried.filter((one) => one.verdict === "met");
  if (verdict === "met" || verdict === "not met" || met.length === 0) return sentences.join(" ");
  return `${sentences.join(" ")} Shown: ${triesOf(met)}.`;
}

function triesOf(tried: readonly Tried[]): string {
  return tried.map(({ experiment }) => experiment.tries).join("; ");
}

/** Ids of scenarios keep their case. */
function capital(text: string): string {
  return /^[\w-]+\//.test(text) ? text : `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}

function uniqueRecords(records: readonly DrillRecord[]): readonly DrillRecord[] {
  return [...new Map(records.map((record) => [`${record.run}\n${record.scenario}\n${record.note}`, record])).values()];
}

// What one stored result says of a criterion, by one of its experiments.
import { formatCount } from "../../harness/base/units.ts";
import { evidenceResultId } from "../../harness/record/checked-run.ts";
import type { StoredFinding } from "../../harness/record/result.ts";
import { witnessLabel } from "../figures/metrics.ts";
import { damageOf } from "../findings/damage.ts";
import { findingGroups } from "../findings/finding-groups.ts";
import { reasonForVerdict } from "../findings/severity.ts";
import {
  type CriterionVerdict,
  type Experiment,
  type FindingTopic,
  type Question,
  type RunResult,
  topicOf,
} from "./criterion.ts";
import type { DrillRecord } from "./scorecard.ts";

export interface JudgedResult {
  readonly record: DrillRecord;
  readonly startedAtMs: number;
  /** What to do where it decides nothing. */
  readonly next?: string | undefined;
}

interface Judged {
  readonly says: CriterionVerdict;
  readonly note: string;
  readonly finding?: StoredFinding | undefined;
  readonly next?: string | undefined;
}

export function judgeResult(experiment: Experiment, one: RunResult, question: Question): JudgedResult {
  const { run, result } = one;
  const { says, note, finding, next } = judge(experiment, one, question);
  const { code = "", subject = "", message = "" } = finding ?? {};
  return {
    record: {
      run: run.name,
      scenario: result.id,
      verdict: result.verdict,
      says,
      note,
      ...(finding === undefined ? {} : { finding: { code, subject, message } }),
      repeat: result.replay,
    },
    startedAtMs: run.startedAtMs,
    next,
  };
}

function judge(experiment: Experiment, one: RunResult, question: Question): Judged {
  const { run, result } = one;
  const { minNodes = 0 } = experiment;
  const nodes = Math.min(result.metrics["nodes"] ?? 0, result.witnesses["nodesCompared"] ?? 0);
  if (nodes < minNodes)
    return {
      says: "not covered",
      note: `compared ${formatCount(nodes)} nodes, and ${formatCount(minNodes)} are asked for`,
    };
  if (result.verdict === "fail") return judgeFailure(experiment, one);
  if (run.scenarios.some(({ id }) => id === evidenceResultId))
    return {
      says: "not covered",
      note: "is not believed: files of its run are not those that the run wrote",
      next: `Give the run directory as the run left it, or run it again: ${result.replay}`,
    };
  if (result.verdict === "inconclusive") return judgeInconclusive(one);
  const missing = unseenOf(experiment, one);
  if (missing.length === 0) {
    const { verdict, ...measured } = experiment.measure?.(one, question) ?? { verdict: "met" as const };
    return { says: verdict, note: `passed: ${seenIn(experiment, one)}`, ...measured };
  }
  // A scenario that saw nothing at all and says why was not blind: the system or the machine cannot do it.
  const sawNothing = Object.values(result.witnesses).every((value) => value === 0);
  if (sawNothing && result.notCovered.length > 0)
    return { says: "not covered", note: `did not cover it: ${result.notCovered.join("; ")}` };
  return {
    says: "not falsifiable",
    note: `passed and could not have failed: ${missing.map((name) => `${witnessLabel(name)} 0`).join(", ")}`,
    next: `Give the drill something that can be lost, such as writers and a larger graph: ${result.replay}`,
  };
}

function judgeInconclusive({ result }: RunResult): Judged {
  const errors = result.findings.filter(({ severity }) => severity === "error");
  const isBlind = errors.length > 0 && errors.every(({ code }) => code === "no-witness");
  return {
    says: isBlind ? "not falsifiable" : "not covered",
    note: `was inconclusive: ${reasonForVerdict(result) ?? "nothing was proven"}`,
    finding: errors[0],
    next: `Find out why, and run it again: ${result.replay}`,
  };
}

function judgeFailure({ refutedBy = whatComesBack }: Experiment, { result }: RunResult): Judged {
  const topics = new Set(result.findings.filter(({ severity }) => severity === "error").map(topicOf));
  const refutes = (finding: StoredFinding): boolean => {
    const topic = topicOf(finding);
    // Writes that are missing with everything else say nothing about how they were held.
    const isConfounded = topic === "writes" && topics.has("content") && !refutedBy.includes("content");
    return topic !== undefined && refutedBy.includes(topic) && !isConfounded;
  };
  const groups = findingGroups([result]).filter(({ severity }) => severity === "error");
  const refuting = groups.filter(({ example }) => refutes(example));
  const group = refuting.find(({ code }) => namesLoss.test(code)) ?? refuting[0];
  // It may be folded under a finding of another topic, from which it seems to follow.
  const finding = group?.example ?? result.findings.find((each) => each.severity === "error" && refutes(each));
  if (finding !== undefined) {
    const damage = topicOf(finding) === "content" ? damageOf(result)?.sentence : undefined;
    return { says: "not met", note: `failed: ${damage ?? group?.title ?? finding.message}`, finding };
  }
  return {
    says: "not covered",
    note: `failed for another reason, and so proves nothing here: ${groups[0]?.code ?? "see its findings"}`,
    next: `Repair that first, and run it again: ${result.replay}`,
  };
}

/** Codes of what is gone or changed: where to look first. */
const namesLoss = /-(?:missing|lost|changed|count-differs)$/;

const whatComesBack: readonly FindingTopic[] = ["content", "writes", "recovery", "target", "failure"];

/** The witnesses that the experiment asks for and the result lacks. */
function unseenOf({ witnesses, anyWitness = [] }: Experiment, { result }: RunResult): readonly string[] {
  const isZero = (name: string): boolean => !((result.witnesses[name] ?? 0) > 0);
  return [...witnesses.filter(isZero), ...(anyWitness.every(isZero) ? anyWitness : [])];
}

/** "nodes compared 1,065, writes acknowledged before the cut 14" */
function seenIn({ witnesses, anyWitness = [] }: Experiment, { result }: RunResult): string {
  const seen = [...witnesses, ...anyWitness].filter((name) => (result.witnesses[name] ?? 0) > 0);
  return seen.map((name) => `${witnessLabel(name)} ${formatCount(result.witnesses[name] ?? 0)}`).join(", ");
}

// Planted canaries: damage done on purpose to two small graphs that the drill makes on the restored server, read and
// judged like everything else. A check that overlooks its canary proves nothing by finding nothing.
import { z } from "zod";
import type { FindingCode } from "../base/findings/finding-codes.ts";
import type { Finding, Judgement } from "../check/check.ts";
import { momentEvidenceSchema } from "../check/history/evidence-schema.ts";
import { judgeMoment, type MomentEvidence } from "../check/history/moments.ts";
import { judgeAll } from "../check/judge.ts";
import { expectationSchema, observationSchema } from "../check/observation-schema.ts";
import type { Expectation, Observation } from "../check/observation.ts";
import { writeRecordFields, writesEvidenceSchema } from "../workload/history/evidence-schema.ts";
import type { WriteRecord } from "../workload/history/history.ts";
import { judgeWrites, type WritesEvidence } from "../workload/history/judge-writes.ts";

export const canariesSubject = "target-canaries";

const canaryNames = [
  "flipped-property",
  "missing-edge",
  "missing-index",
  "stale-source",
  "lost-write",
  "flipped-balance",
  "lost-transfer",
] as const;
type CanaryName = (typeof canaryNames)[number];

/** The finding that each canary must lead to. */
export type PlantedCanaries = Readonly<Record<CanaryName, Pick<Finding, "code" | "subject">>>;

/** Plain JSON, stored with a run. */
export interface CanaryEvidence {
  readonly planted: PlantedCanaries;
  /** What the graph of episodes holds, and what it would hold after the withheld write. */
  readonly expectation: Expectation;
  readonly laterExpectation: Expectation;
  readonly clean: Observation;
  readonly damaged: Observation;
  /** Writes that were made, and those that count as acknowledged and were not. */
  readonly history: readonly WriteRecord[];
  readonly withheld: readonly WriteRecord[];
  readonly writes: WritesEvidence;
  readonly moment: MomentEvidence;
  readonly damagedMoment: MomentEvidence;
}

const writeRecordSchema: z.ZodType<WriteRecord> = z.object(writeRecordFields);

const planted = z.object({ code: z.string() as unknown as z.ZodType<FindingCode>, subject: z.string() });

export const canaryEvidenceSchema: z.ZodType<CanaryEvidence> = z.object({
  planted: z.record(z.enum(canaryNames), planted),
  expectation: expectationSchema,
  laterExpectation: expectationSchema,
  clean: observationSchema,
  damaged: observationSchema,
  history: z.array(writeRecordSchema),
  withheld: z.array(writeRecordSchema),
  writes: writesEvidenceSchema,
  moment: momentEvidenceSchema,
  damagedMoment: momentEvidenceSchema,
});

export interface Judges {
  readonly content: (expectation: Expectation, observation: Observation) => Judgement;
  readonly writes: (history: readonly WriteRecord[], evidence: WritesEvidence) => Judgement;
  readonly moment: (history: readonly WriteRecord[], evidence: MomentEvidence) => Judgement;
}
/** The judges of every drill. */
export const drillJudges: Judges = { content: judgeAll, writes: judgeWrites, moment: judgeMoment };

export function judgeCanaries(evidence: CanaryEvidence, judges: Judges = drillJudges): Judgement {
  const { planted: wanted, expectation, laterExpectation, clean, damaged, history, withheld } = evidence;
  const all = [...history, ...withheld];
  const silent = [
    judges.content(expectation, clean),
    judges.writes(history, evidence.writes),
    judges.moment(history, evidence.moment),
  ];
  const damage = judges.content(expectation, damaged);
  const lost = { writes: judges.writes(all, evidence.writes), moment: judges.moment(all, evidence.moment) };
  const judged: Readonly<Record<CanaryName, Judgement>> = {
    "flipped-property": damage,
    "missing-edge": damage,
    "missing-index": damage,
    "stale-source": judges.content(laterExpectation, clean),
    "lost-write": lost.writes,
    "flipped-balance": judges.moment(history, evidence.damagedMoment),
    "lost-transfer": lost.moment,
  };
  const missed = canaryNames.filter((name) => !isNamed(judged[name], wanted[name]));
  const alarms = silent.flatMap(({ findings }) => findings).filter(({ severity }) => severity === "error");
  return {
    findings: [
      ...missed.map((name) => missedFinding(name, wanted[name])),
      ...(alarms[0] === undefined ? [] : [falseAlarm(alarms[0], alarms)]),
    ],
    witnesses: { canariesPlanted: canaryNames.length, canariesCaught: canaryNames.length - missed.length },
  };
}

function isNamed({ findings }: Judgement, wanted: Pick<Finding, "code" | "subject">): boolean {
  return findings.some(
    ({ code, subject, severity }) => severity === "error" && code === wanted.code && subject === wanted.subject,
  );
}

function missedFinding(name: CanaryName, wanted: Pick<Finding, "code" | "subject">): Finding {
  return {
    code: "canary-missed",
    severity: "error",
    subject: name,
    message: `the checks of this run overlooked a planted ${name.replace("-", " ")}: no ${wanted.code} of ${wanted.subject}`,
    evidence: { ...wanted },
  };
}

function falseAlarm(first: Finding, all: readonly Finding[]): Finding {
  return {
    code: "canary-false-alarm",
    severity: "error",
    subject: first.subject,
    message: `the checks of this run found fault with a graph in which nothing is wrong: ${first.message}`,
    evidence: { findings: all.slice(0, 10) },
  };
}

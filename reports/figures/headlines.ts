// The two figures that people ask for first. They represent a regular recovery, so they come from runs whose
// backup held writes; a scenario that leaves the pause away on purpose says nothing about the system's RPO.
import { z } from "zod";
import { formatCount, formatDuration } from "../../harness/base/units.ts";
import type { ScenarioResult } from "../../harness/record/result.ts";
import type { RunRecord } from "../../harness/record/run-directory.ts";

/** Recovery objectives, shown next to the measured values. The gate judges, a report only shows. */
export interface Objectives {
  readonly rtoMs?: number | undefined;
  readonly rpoMs?: number | undefined;
  readonly rpoWrites?: number | undefined;
}

type RunObjectives = Omit<Objectives, "rpoWrites">;
const objectivesSchema: z.ZodType<RunObjectives> = z.object({
  rtoMs: z.number().optional(),
  rpoMs: z.number().optional(),
});

/** Those with which a run was started. */
export function objectivesOf({ options }: Pick<RunRecord, "options">): RunObjectives {
  return objectivesSchema.safeParse(options["objectives"]).data ?? {};
}

/** `not judged`: nothing was measured, or data is wrong or not back, and no time makes that a recovery. */
export type ObjectiveVerdict = "met" | "missed" | "not judged";

/** The worst value over the scenarios that measured it. */
export interface Headline {
  /** RTO in ms, RPO in acknowledged writes. */
  readonly value: number | undefined;
  /** "368 ms"; "3.57 s (129 writes)"; "not measured". */
  readonly text: string;
  /** A sentence that explains the figure. */
  readonly explained: string;
  /** "worst of 9"; empty where there is one. */
  readonly rank: string;
  readonly scenario: string | undefined;
  readonly measuredBy: number;
  readonly objective: string | undefined;
  /** Undefined without an objective. */
  readonly judged: ObjectiveVerdict | undefined;
}

export type Measured = Pick<ScenarioResult, "id" | "metrics" | "coordination" | "exit">;

export function rtoHeadline(scenarios: readonly Measured[], objectives: Objectives): Headline {
  return headline(scenarios, {
    metric: "rtoMs",
    sortBy: "rtoMs",
    limits: [{ metric: "rtoMs", max: objectives.rtoMs, format: formatDuration }],
    text: ({ metrics }) => formatDuration(metrics["rtoMs"] ?? 0),
    explain: () => "from the disaster to the first correct answer",
  });
}

export function rpoHeadline(scenarios: readonly Measured[], objectives: Objectives): Headline {
  return headline(scenarios, {
    metric: "rpoWrites",
    sortBy: "rpoMs",
    limits: [
      { metric: "rpoMs", max: objectives.rpoMs, format: formatDuration },
      { metric: "rpoWrites", max: objectives.rpoWrites, format: writes },
    ],
    text: ({ metrics }) => `${formatDuration(metrics["rpoMs"] ?? 0)} (${writes(metrics["rpoWrites"] ?? 0)})`,
    explain: lossSentence,
  });
}

/** "written after the backup (expected loss): 129 in 3.57 s; lost before the cut: 0 (must be 0)". */
export function lossSentence({ metrics }: Pick<Measured, "metrics">): string {
  const { rpoWrites = 0, rpoMs = 0, lostBeforeCutWrites } = metrics as Partial<Record<string, number>>;
  const early = lostBeforeCutWrites ?? 0;
  const after = `written after the backup (expected loss): ${formatCount(rpoWrites - early)} in ${formatDuration(rpoMs)}`;
  return lostBeforeCutWrites === undefined ? after : `${after}; lost before the cut: ${formatCount(early)} (must be 0)`;
}

function writes(count: number): string {
  return count === 1 ? "1 write" : `${formatCount(count)} writes`;
}

/** Scenarios whose pause held; if there are none, as with a system that cannot hold writes, all. */
export function representative<T extends Measured>(scenarios: readonly T[]): readonly T[] {
  const held = scenarios.filter(isCoordinated);
  return held.length > 0 ? held : scenarios.filter(({ coordination }) => coordination !== "removed");
}

/** Older runs lack the field; there it follows from the pause that the system measured. */
function isCoordinated({ coordination, metrics }: Measured): boolean {
  return coordination === undefined ? metrics["systemPauseMs"] !== undefined : coordination === "held";
}

interface Limit {
  readonly metric: string;
  readonly max: number | undefined;
  readonly format: (value: number) => string;
}

interface Kind {
  readonly metric: string;
  readonly sortBy: string;
  readonly limits: readonly Limit[];
  readonly text: (scenario: Measured) => string;
  readonly explain: (scenario: Measured) => string;
}

function headline(scenarios: readonly Measured[], { metric, sortBy, limits, text, explain }: Kind): Headline {
  const measured = representative(scenarios).filter(({ metrics }) => metrics[metric] !== undefined);
  const worst = measured.toSorted(
    (a, b) => valueOf(b, sortBy) - valueOf(a, sortBy) || valueOf(b, metric) - valueOf(a, metric),
  )[0];
  const given = limits.filter(({ max }) => max !== undefined);
  const common = {
    measuredBy: measured.length,
    objective: given.length === 0 ? undefined : given.map(({ max = 0, format }) => format(max)).join(", "),
    judged: given.length === 0 ? undefined : judgeObjectives(scenarios, measured, given),
  };
  if (worst === undefined)
    return { ...common, value: undefined, text: "not measured", explained: "", rank: "", scenario: undefined };
  return {
    ...common,
    value: Math.max(...measured.map((scenario) => valueOf(scenario, metric))),
    text: text(worst),
    explained: explain(worst),
    rank: measured.length > 1 ? `worst of ${formatCount(measured.length)}` : "",
    scenario: worst.id,
  };
}

function judgeObjectives(
  scenarios: readonly Measured[],
  measured: readonly Measured[],
  limits: readonly Limit[],
): ObjectiveVerdict {
  const isMissed = measured.some((scenario) =>
    limits.some((limit) => valueOf(scenario, limit.metric) > (limit.max ?? 0)),
  );
  if (isMissed) return "missed";
  const isWrong = scenarios.some(({ exit }) => exit === "dataWrong" || exit === "notRecovered");
  return isWrong || measured.length === 0 ? "not judged" : "met";
}

function valueOf({ metrics }: Measured, name: string): number {
  return metrics[name] ?? 0;
}

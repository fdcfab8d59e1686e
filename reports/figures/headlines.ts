// The two figures that people ask for first. They represent a regular recovery, so they come from runs whose
// backup held writes; a scenario that leaves the pause away on purpose says nothing about the system's RPO.
import { formatCount, formatDuration } from "../../harness/base/units.ts";
import type { ScenarioResult } from "../../harness/record/result.ts";

/** Recovery objectives, shown next to the measured values. The gate judges, a report only shows. */
export interface Objectives {
  readonly rtoMs?: number | undefined;
  readonly rpoWrites?: number | undefined;
}

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
  /** Whether all scenarios meet the objective; undefined without one, or if nothing was measured. */
  readonly isMet: boolean | undefined;
}

export type Measured = Pick<ScenarioResult, "id" | "metrics" | "coordination">;

export function rtoHeadline(scenarios: readonly Measured[], objectives: Objectives): Headline {
  return headline(representative(scenarios), {
    metric: "rtoMs",
    sortBy: "rtoMs",
    objective: objectives.rtoMs,
    format: formatDuration,
    text: ({ metrics }) => formatDuration(metrics["rtoMs"] ?? 0),
    explain: () => "from the disaster to the first correct answer",
  });
}

export function rpoHeadline(scenarios: readonly Measured[], objectives: Objectives): Headline {
  return headline(representative(scenarios), {
    metric: "rpoWrites",
    sortBy: "rpoMs",
    objective: objectives.rpoWrites,
    format: writes,
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

interface Kind {
  readonly metric: string;
  readonly sortBy: string;
  readonly objective: number | undefined;
  readonly format: (value: number) => string;
  readonly text: (scenario: Measured) => string;
  readonly explain: (scenario: Measured) => string;
}

function headline(scenarios: readonly Measured[], kind: Kind): Headline {
  const { metric, sortBy, objective, format } = kind;
  const measured = scenarios.filter(({ metrics }) => metrics[metric] !== undefined);
  const valueOf = ({ metrics }: Measured, name: string): number => metrics[name] ?? 0;
  const worst = measured.toSorted(
    (a, b) => valueOf(b, sortBy) - valueOf(a, sortBy) || valueOf(b, metric) - valueOf(a, metric),
  )[0];
  const limit = objective === undefined ? undefined : format(objective);
  const common = { measuredBy: measured.length, objective: limit };
  if (worst === undefined)
    return {
      ...common,
      value: undefined,
      text: "not measured",
      explained: "",
      rank: "",
      scenario: undefined,
      isMet: undefined,
    };
  return {
    ...common,
    value: Math.max(...measured.map((scenario) => valueOf(scenario, metric))),
    text: kind.text(worst),
    explained: kind.explain(worst),
    rank: measured.length > 1 ? `worst of ${formatCount(measured.length)}` : "",
    scenario: worst.id,
    isMet: objective === undefined ? undefined : measured.every((scenario) => valueOf(scenario, metric) <= objective),
  };
}

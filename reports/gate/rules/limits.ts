// An objective as a limit on one metric: how it is read from a result, and how much room is left.
import { formatCount, formatDuration } from "../../../harness/base/units.ts";
import { countOf, durationMs, shareOf, type Where } from "../values.ts";

interface MetricBound {
  readonly atMost?: number | undefined;
  readonly atLeast?: number | undefined;
}

type Metrics = Readonly<Record<string, number>>;

export interface Limit {
  /** The name in result.json, or what it is computed from. */
  readonly name: string;
  readonly objective: string;
  /** Undefined where it was not measured. */
  readonly read: (metrics: Metrics) => number | undefined;
  readonly format: (value: number) => string;
  /** Room left as a share of the objective; below zero it is missed. */
  readonly margin: (value: number) => number;
}

export function limitsOf(section: Omit<ObjectiveSection, "scenarios">): readonly Limit[] {
  const { rto, rpoWrites, rpoSpan, writePause, storageSaving, metrics } = section;
  return [
    time("rtoMs", rto),
    rpoWrites === undefined ? undefined : atMost("rpoWrites", countOf(rpoWrites), formatCount),
    time("rpoMs", rpoSpan),
    time("writePauseMs", writePause),
    storageSaving === undefined ? undefined : saving(shareOf(storageSaving)),
    ...Object.entries(metrics ?? {}).map(([name, bound]) => ofBound(name, bound)),
  ].filter((limit) => limit !== undefined);
}

function time(name: string, text: string | undefined): Limit | undefined {
  return text === undefined ? undefined : atMost(name, durationMs(text), formatDuration);
}

function ofBound(name: string, bound: MetricBound): Limit | undefined {
  if (bound.atMost !== undefined) return atMost(name, bound.atMost, formatCount);
  return bound.atLeast === undefined ? undefined : atLeast(name, bound.atLeast, formatCount);
}

function saving(share: number): Limit {
  const percent = (value: number): string => `${(value * 100).toFixed(1)}%`;
  return {
    ...atLeast("storageSaving", share, percent),
    // Relative to the dump that the engine's own SAVE makes in the same run.
    read: ({ storedBytes, rawBytes }) =>
      storedBytes === undefined || rawBytes === undefined || rawBytes === 0 ? undefined : 1 - storedBytes / rawBytes,
  };
}

function atMost(name: string, limit: number, format: (value: number) => string): Limit {
  const margin = (value: number): number => room(limit - value, limit);
  return { name, objective: `at most ${format(limit)}`, read: (metrics) => metrics[name], format, margin };
}

function atLeast(name: string, limit: number, format: (value: number) => string): Limit {
  const margin = (value: number): number => room(value - limit, limit);
  return { name, objective: `at least ${format(limit)}`, read: (metrics) => metrics[name], format, margin };
}

/** An objective of zero has no share to measure by: it is met exactly or not. */
function room(difference: number, limit: number): number {
  return limit === 0 ? difference : difference / limit;
}

export interface ObjectiveSection extends Where {
  readonly rto?: string | undefined;
  readonly rpoWrites?: string | number | undefined;
  readonly rpoSpan?: string | undefined;
  readonly writePause?: string | undefined;
  readonly storageSaving?: string | undefined;
  readonly metrics?: Readonly<Record<string, MetricBound>> | undefined;
}

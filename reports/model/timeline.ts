// The recovery of one scenario, the last where it had several, as rows: each phase with its start, its length, and its ratio to the raw limit.
import type { ScenarioResult } from "../../harness/record/result.ts";
import { lastOperation } from "./operations.ts";

export interface TimelineRow {
  readonly name: string;
  readonly startMs: number;
  readonly ms: number;
  readonly bytes: number | undefined;
  /** Length relative to the engine's own plain load of the same graph; undefined when that was not measured. */
  readonly ofRawLoad: number | undefined;
}

export function restoreTimeline(scenario: ScenarioResult): readonly TimelineRow[] {
  const rawLoadMs = scenario.metrics["rawLoadMs"];
  return lastOperation("restore", scenario.phases)
    .phases.toSorted((a, b) => a.startMs + a.ms - (b.startMs + b.ms))
    .map((phase) => ({
      name: phase.name.slice("restore/".length),
      startMs: phase.startMs,
      ms: phase.ms,
      bytes: phase.bytes,
      ofRawLoad: rawLoadMs === undefined || rawLoadMs === 0 ? undefined : phase.ms / rawLoadMs,
    }));
}

/** A bar on a scale of `width` characters that shows when a phase ran between 0 and `endMs`. */
export function bar(row: Pick<TimelineRow, "startMs" | "ms">, endMs: number, width: number): string {
  if (endMs <= 0) return "".padEnd(width);
  const from = Math.min(width - 1, Math.floor((row.startMs / endMs) * width));
  const to = Math.min(width, Math.max(from + 1, Math.round(((row.startMs + row.ms) / endMs) * width)));
  return `${" ".repeat(from)}${"█".repeat(to - from)}`.padEnd(width);
}

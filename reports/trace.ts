// The run as a Chrome trace, which https://ui.perfetto.dev and chrome://tracing open: a process a scenario, a track for
// each kind of phase, instants of the timeline, and counters of memory and of writes.
import type { MergedScenario } from "./merge.ts";
import type { ReportModel } from "./model.ts";

interface TraceEvent {
  readonly name: string;
  readonly ph: "X" | "i" | "C" | "M";
  readonly pid: number;
  readonly tid: number;
  /** Microseconds. */
  readonly ts?: number;
  readonly dur?: number;
  readonly s?: "p";
  readonly args?: Readonly<Record<string, unknown>>;
}

export function trace({ scenarios }: ReportModel): string {
  const traceEvents = scenarios.flatMap((scenario, at) => eventsOf(scenario, at + 1));
  return `${JSON.stringify({ displayTimeUnit: "ms", traceEvents })}\n`;
}

/** Phases count from the start of their operation; the timeline says when that was. */
const operations: Readonly<Record<string, string>> = { backup: "backup-started", restore: "restore-started" };

function eventsOf(scenario: MergedScenario, pid: number): TraceEvent[] {
  const { marks, memory, activity } = scenario.trace;
  const startOf = (operation: string): number =>
    marks.find(({ mark }) => mark === operations[operation])?.atMs ?? marks[0]?.atMs ?? 0;
  const tracks = [...new Set(scenario.phases.map(({ name }) => name))];
  const named = (tid: number, kind: "process_name" | "thread_name", name: string): TraceEvent => {
    return { name: kind, ph: "M", pid, tid, args: { name } };
  };
  return [
    named(0, "process_name", `${scenario.id} (${scenario.verdict})`),
    ...tracks.map((track, at) => named(at + 1, "thread_name", track)),
    ...scenario.phases.map(({ name, startMs, ms, bytes }): TraceEvent => {
      const [operation = ""] = name.split("/");
      const ts = (startOf(operation) + startMs) * 1000;
      const args = bytes === undefined ? {} : { bytes };
      return { name, ph: "X", pid, tid: tracks.indexOf(name) + 1, ts, dur: ms * 1000, args };
    }),
    ...marks.map(({ mark, atMs, label }): TraceEvent => {
      return { name: mark, ph: "i", pid, tid: 0, ts: atMs * 1000, s: "p", args: label === undefined ? {} : { label } };
    }),
    ...memory.map(({ atMs, rssBytes }): TraceEvent => {
      return { name: "memory (bytes)", ph: "C", pid, tid: 0, ts: atMs * 1000, args: rssBytes };
    }),
    ...(activity?.intervals ?? []).map(({ acked, refused }, at): TraceEvent => {
      const ts = ((activity?.fromMs ?? 0) + at * (activity?.intervalMs ?? 0)) * 1000;
      return { name: "writes", ph: "C", pid, tid: 0, ts, args: { acked, refused } };
    }),
  ];
}

// The run as a Chrome trace, which https://ui.perfetto.dev and chrome://tracing open: a process a scenario, a track for
// each kind of phase, instants of the timeline, and counters of memory and of writes. `reports/testing/trace-events.ts` is the strict
// reader that it is held to.
import type { StoredPhase } from "../../harness/record/result.ts";
import type { MergedScenario } from "../model/merge.ts";
import type { ReportModel } from "../model/model.ts";
import { type OperationKind, operationsOf } from "../model/operations.ts";

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

/** Thread id of the process itself; Perfetto treats thread 0 as the machine's idle thread. */
const ownTid = 1;

const kinds: readonly OperationKind[] = ["backup", "restore"];

function eventsOf(scenario: MergedScenario, pid: number): TraceEvent[] {
  const { marks, memory, activity } = scenario.trace;
  const slices = slicesOf(scenario, pid);
  const tracks = new Map(slices.map(({ name, tid }) => [tid, name]));
  const named = (tid: number, kind: "process_name" | "thread_name", name: string): TraceEvent => {
    return { name: kind, ph: "M", pid, tid, args: { name } };
  };
  return [
    named(ownTid, "process_name", `${scenario.id} (${scenario.verdict})`),
    ...[...tracks].map(([tid, track]) => named(tid, "thread_name", track)),
    ...slices,
    ...marks.map(({ mark, atMs, label }): TraceEvent => {
      const args = label === undefined ? {} : { label };
      return { name: mark, ph: "i", pid, tid: ownTid, ts: atMs * 1000, s: "p", args };
    }),
    ...memory.map(({ atMs, rssBytes }): TraceEvent => {
      return { name: "memory (bytes)", ph: "C", pid, tid: ownTid, ts: atMs * 1000, args: rssBytes };
    }),
    ...(activity?.intervals ?? []).map(({ acked, refused }, at): TraceEvent => {
      const ts = ((activity?.fromMs ?? 0) + at * (activity?.intervalMs ?? 0)) * 1000;
      return { name: "writes", ph: "C", pid, tid: ownTid, ts, args: { acked, refused } };
    }),
  ];
}

/** A track for each kind of phase. The timeline says when each backup and each restore began. */
function slicesOf({ phases, trace: { marks } }: MergedScenario, pid: number): TraceEvent[] {
  const tracks = [...new Set(phases.map(({ name }) => name))];
  return kinds.flatMap((kind) => {
    const starts = marks.filter(({ mark }) => mark === `${kind}-started`);
    return operationsOf(kind, phases).flatMap((operation, index) => {
      const startMs = (starts[index] ?? starts.at(-1) ?? marks[0])?.atMs ?? 0;
      return operation.map(({ name, startMs: afterMs, ms, bytes }): TraceEvent => {
        const tid = ownTid + 1 + tracks.indexOf(name);
        const args = { ...(bytes === undefined ? {} : { bytes }), ...(name === proof ? proofParts(phases) : {}) };
        return { name, ph: "X", pid, tid, ts: (startMs + afterMs) * 1000, dur: ms * 1000, args };
      });
    });
  });
}

const proof = "restore/full proof";

/** Duration of each part of the proof: a sum over all graphs, so it cannot be drawn as a slice. */
function proofParts(phases: readonly StoredPhase[]): Record<string, number> {
  const parts = phases.filter(({ name }) => name.startsWith("proof/"));
  return Object.fromEntries(parts.map(({ name, ms }) => [`${name.slice("proof/".length)} (ms)`, ms]));
}

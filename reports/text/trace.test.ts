// The UI of Perfetto is on the web, so the trace is held to its format by a strict reader instead.
import { describe, expect, it } from "vitest";
import { traceProblems } from "../testing/trace-events.ts";
import { reportModel } from "../model/model.ts";
import { manyScenarios, sampleRun, stored } from "../testing/sample-run.ts";
import { trace } from "./trace.ts";

const text = trace(reportModel([stored(), stored(sampleRun, "runs/2")]));

describe("the trace", () => {
  it("is what the Trace Event Format asks for", () => {
    expect(traceProblems(text)).toEqual([]);
    expect(traceProblems(trace(reportModel([stored(manyScenarios(1000, 7))])))).toEqual([]);
  });

  it("places phases on the clock of the history, together with instants and counters", () => {
    const { traceEvents } = JSON.parse(text) as { traceEvents: Record<string, unknown>[] };
    const load = traceEvents.find(({ name, ph }) => name === "restore/load" && ph === "X");
    expect(load).toMatchObject({ ts: (5100 + 200) * 1000, dur: 600_000, args: { bytes: 5_000_000 } });
    expect(traceEvents.some(({ name, ph }) => name === "disaster" && ph === "i")).toBe(true);
    expect(traceEvents.filter(({ ph }) => ph === "C").length).toBeGreaterThan(40);
  });

  it("places each restore of a scenario, and each backup, where it began", () => {
    const [scenario] = sampleRun.scenarios;
    if (scenario === undefined) throw new Error("the sample has a scenario");
    const run = stored({
      ...sampleRun,
      scenarios: [{ ...scenario, phases: [...scenario.phases, ...scenario.phases] }],
    });
    const marks = run.traces.get(scenario.id)?.marks ?? [];
    const again = marks.map((mark) => ({ ...mark, atMs: mark.atMs + 10_000 }));
    const both = {
      ...run,
      traces: new Map([...run.traces].map(([id, one]) => [id, { ...one, marks: [...marks, ...again] }])),
    };
    const made = trace(reportModel([both]));
    expect(traceProblems(made)).toEqual([]);
    const { traceEvents } = JSON.parse(made) as { traceEvents: { name: string; ph: string; ts: number }[] };
    const loads = traceEvents
      .filter(({ name, ph }) => name === "restore/load" && ph === "X")
      .map(({ ts }) => ts / 1000);
    expect(loads).toEqual([5300, 15_300]);
  });
});

describe("the reader of traces", () => {
  const wrong = (change: (events: Record<string, unknown>[]) => unknown): readonly string[] => {
    const whole = JSON.parse(text) as { traceEvents: Record<string, unknown>[] };
    change(whole.traceEvents);
    return traceProblems(JSON.stringify(whole));
  };
  const first = (events: Record<string, unknown>[], ph: string): Record<string, unknown> =>
    events.find((event) => event["ph"] === ph) ?? {};

  it.each<[string, (events: Record<string, unknown>[]) => unknown, string]>([
    ["a slice without its length", (events) => delete first(events, "X")["dur"], "dur: Invalid input"],
    ["a slice before all time", (events) => (first(events, "X")["ts"] = -1), "ts: Too small"],
    ["an instant of no scope", (events) => delete first(events, "i")["s"], "s: Invalid option"],
    [
      "a counter that is text",
      (events) => (first(events, "C")["args"] = { harness: "1" }),
      "args.harness: Invalid input",
    ],
    ["a counter of nothing", (events) => (first(events, "C")["args"] = {}), "a counter of nothing"],
    ["the thread that is idle", (events) => (first(events, "i")["tid"] = 0), "tid: Too small"],
    ["an unknown field", (events) => (first(events, "X")["durr"] = 1), 'Unrecognized key: "durr"'],
    ["an unknown kind", (events) => (first(events, "X")["ph"] = "Y"), "ph: Invalid"],
    [
      "a process without a name",
      (events) => events.splice(events.indexOf(first(events, "M")), 1),
      "process 1 has no name",
    ],
    ["a process with two", (events) => events.push(first(events, "M")), "process 1 has two names"],
    [
      "slices that overlap",
      (events) => {
        const slice = first(events, "X");
        events.push({ ...slice, ts: Number(slice["ts"]) + Number(slice["dur"]) / 2 });
      },
      "overlaps the slice before it",
    ],
  ])("finds %s", (_, change, problem) => {
    expect(wrong(change).join("\n")).toContain(problem);
  });
});

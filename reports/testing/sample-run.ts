// Runs as the tests of the reports read them: a small one with a pass, a failure and one inconclusive, and large ones.
import type { DrillResult, ScenarioResult, TimelineMark } from "../../harness/record/result.ts";
import type { RunRecord } from "../../harness/record/run-directory.ts";
import { ActivityBuilder } from "../model/activity.ts";
import type { StoredRun, Trace } from "../model/stored-run.ts";
import type { TerminalOptions } from "../text/terminal.ts";

const passed: ScenarioResult = {
  id: "cycle/full",
  title: "A backup restores to the last property",
  verdict: "pass",
  exit: "pass",
  durationMs: 12_345,
  findings: [],
  witnesses: { nodesCompared: 10_000 },
  metrics: {
    nodes: 10_000,
    edges: 20_000,
    rtoMs: 900,
    firstAnswerMs: 800,
    operationalMs: 1500,
    rpoWrites: 3,
    rpoMs: 250,
    rawLoadMs: 2000,
    rawSaveMs: 400,
    backupMs: 300,
    rawBytes: 2_000_000,
    storedBytes: 700_000,
    harnessPeakRssBytes: 250 * 2 ** 20,
  },
  phases: [
    { name: "backup/stream", startMs: 0, ms: 250, bytes: 5_000_000 },
    { name: "restore/provision", startMs: 0, ms: 200 },
    { name: "restore/load", startMs: 200, ms: 600, bytes: 5_000_000 },
  ],
  notCovered: [],
  replay: "falkordrill run cycle/full --seed 1",
};

const failed: ScenarioResult = {
  ...passed,
  id: "cycle/wire",
  verdict: "fail",
  exit: "dataWrong",
  metrics: {},
  phases: [],
  findings: [
    {
      code: "property-differs",
      severity: "error",
      subject: "main/Entity/1/summary",
      message: 'summary is "<b>x</b>\u0001" and must be "y"',
      evidence: {
        kind: "changed",
        properties: [
          {
            name: "summary",
            expected: { type: "String", text: "a summary of y" },
            actual: { type: "String", text: "a summary of <b>x</b>" },
          },
        ],
      },
      hint: "Compare the two values.",
    },
  ],
  notCovered: ["prune: the system has no such command"],
};

const inconclusive: ScenarioResult = {
  ...passed,
  id: "cycle/nothing",
  verdict: "inconclusive",
  exit: "inconclusive",
  metrics: {},
  phases: [],
  findings: [
    { code: "no-witness", severity: "error", subject: "cycle/nothing", message: "nothing was checked", evidence: {} },
  ],
};

export const sampleRun: DrillResult = {
  schemaVersion: 1,
  verdict: "fail",
  seed: 1,
  exitCode: 10,
  replay: "falkordrill run --seed 1",
  scenarios: [passed, failed, inconclusive],
};

/** Text that a graph could hold, and that must come out of every report as text. */
export const hostile = `"><script>alert(1)</script><img src=x onerror=alert(2)>&'\`|@everyone #1 ]](x) \u202E\u0007`;

const record: RunRecord = {
  schemaVersion: 1,
  seed: 1,
  replay: sampleRun.replay,
  startedAt: "2026-01-02T03:04:05.678Z",
  version: "0.1.0",
  commit: "c".repeat(40),
  options: { profile: "pr", nodes: 10_000, dims: 16 },
  machine: { platform: "linux", cpus: 2, cpu: "a processor", memoryBytes: 8 * 2 ** 30, node: "v24.0.0" },
  system: "reference",
};

/** How a terminal without colours shows it. */
export const plainTerminal: TerminalOptions = {
  paint: (_style, text) => text,
  paste: (text) => text,
  directories: ["runs/1"],
  columns: 100,
};

/** A run as the reader gives it. `change` is laid over the record. */
export function stored(
  result: DrillResult = sampleRun,
  directory: string = "runs/1",
  change: Partial<RunRecord> = {},
): StoredRun {
  const traces = new Map(result.scenarios.slice(0, 50).map(({ id }) => [id, sampleTrace(id)]));
  return { directory, record: { ...record, ...change }, result, traces };
}

function sampleTrace(scenario: string): Trace {
  const mark = (name: string, atMs: number, label?: string): TimelineMark => {
    return { scenario, mark: name, atMs, ...(label === undefined ? {} : { label }) };
  };
  const writers = new ActivityBuilder();
  for (let sequence = 0; sequence < 400; sequence += 1) {
    const invokedMs = 1000 + sequence * 10;
    const outcome = sequence >= 120 && sequence < 130 ? "refused" : "ok";
    const ids = { scenario, writer: "writer-0", sequence, attempt: 0, kind: "episode", graph: "g", uuid: "u" };
    writers.add({ ...ids, invokedMs, completedMs: invokedMs + 3 + (sequence % 7), outcome });
  }
  return {
    marks: [
      mark("backup-started", 2000),
      mark("writes-paused", 2200),
      mark("writes-resumed", 2300),
      mark("backup-ended", 3000),
      mark("disaster", 5000, hostile),
      mark("restore-started", 5100),
      mark("first-answer", 5900),
    ],
    faults: [{ scenario, fault: "kill-and-wipe", fired: true, detail: { note: hostile } }],
    memory: Array.from({ length: 40 }, (_, at) => {
      const source: Record<string, number> = at < 30 ? { source: 90e6 } : { target: 60e6 + at * 1e6 };
      return { scenario, atMs: 1000 + at * 150, rssBytes: { harness: 2e8 + at * 1e6, ...source } };
    }),
    restorePoints: [
      { id: "b1", cutAt: "2026-01-01T00:00:00Z", storedBytes: 700_000 },
      { id: "b2", cutAt: "2026-01-01T01:00:00Z", storedBytes: 40_000, parent: "b1" },
    ],
    activity: writers.build(),
    engine: { kind: "embedded", redis: "8.2.3", module: 41603, encver: 18 },
    system: { capabilities: ["full-backup", "coordinated", "encrypted"] },
  };
}

/** A run of `count` scenarios, every `failing`-th of which failed. */
export function manyScenarios(count: number, failing: number): DrillResult {
  const scenarios = Array.from({ length: count }, (_, at): ScenarioResult => {
    const scenario = at % failing === 0 ? failed : passed;
    return { ...scenario, id: `${at % 2 === 0 ? "cycle" : "concurrent"}/claim-${at}` };
  });
  return { ...sampleRun, scenarios };
}

// A small run, as the tests of the reports read it: one pass, one failure, one inconclusive.
import type { DrillResult, ScenarioResult } from "../harness/drill/result.ts";

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
      evidence: { expected: "y", actual: "<b>x</b>" },
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

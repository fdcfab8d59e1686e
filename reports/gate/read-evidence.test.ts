import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { decide } from "./decide.ts";
import { sampleScenario } from "./testing/sample-evidence.ts";
import { sampleRun } from "../testing/sample-run.ts";
import { RunDirectory, type RunRecord } from "../../harness/record/run-directory.ts";
import { readRunEvidence } from "./read-evidence.ts";

const root = mkdtempSync(join(tmpdir(), "falkordrill-run-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const record: RunRecord = {
  schemaVersion: 1,
  seed: 1,
  replay: "falkordrill run --seed 1",
  startedAt: "2026-06-02T11:00:00.000Z",
  version: "0.1.0",
  options: {},
  machine: {},
  system: "reference",
};

async function stored(name: string, planned: readonly string[]): Promise<RunDirectory> {
  const directory = RunDirectory.create(join(root, name));
  directory.writeRun({ ...record, planned });
  directory.writeResult({ ...sampleRun, verdict: "pass", exitCode: 0, scenarios: [sampleScenario({ judged: [] })] });
  directory.writeObservation("cycle/full", "engine", { kind: "embedded", redis: "8.2.3", module: 41603, encver: 18 });
  directory.writeObservation("cycle/full", "expectation", { graphs: [] });
  await directory.seal();
  return directory;
}

describe("a run as evidence", () => {
  it("names the engine and what the seed says that the graph holds", async () => {
    const evidence = await readRunEvidence((await stored("whole", ["cycle/full"])).path, "whole");
    expect(evidence.engines.get("cycle/full")).toEqual({ kind: "embedded", redis: "8.2.3", falkordb: "4.16.3" });
    expect(evidence.datasets.get("cycle/full")).toMatch(/^[0-9a-f]{64}$/);
    expect(evidence.scenarios.map(({ verdict }) => verdict)).toEqual(["pass"]);
  });

  it("that was killed before its plan ended is inconclusive, though all that is there passed", async () => {
    const evidence = await readRunEvidence((await stored("torn", ["cycle/full", "cycle/wire"])).path, "torn");
    const policy = { version: 1, name: "test", coverage: [{ scenarios: "cycle/full" }] } as const;
    const decision = decide(policy, [evidence], Date.parse("2026-06-02T12:00:00Z"));
    expect(decision).toMatchObject({ decision: "inconclusive", exitCode: 13 });
    expect(decision.rules[0]).toMatchObject({ scenario: "cycle/wire", status: "unknown" });
    expect(decision.rules[0]?.message).toContain("the run ended before it left a result");
  });
});

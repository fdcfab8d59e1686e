import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { privateFolder } from "../../base/process/reaper.ts";
import { silentProgress } from "../../base/progress.ts";
import { checks, judgeAll } from "../../check/judge.ts";
import type { Engine } from "../../engine/engine.ts";
import { engineProvider } from "../../engine/engines.ts";
import { connect } from "../../falkordb/client/connection.ts";
import { canariesSubject, type CanaryEvidence, drillJudges, judgeCanaries } from "../../record/canaries.ts";
import { ScenarioRecord } from "../../record/record.ts";
import { judgeScenario } from "../../record/result.ts";
import { RunDirectory } from "../../record/run-directory.ts";
import type { Drill } from "../drill.ts";
import { resolveOptions } from "../run/options.ts";
import { plantCanaries } from "./plant-canaries.ts";

const resources = new AsyncDisposableStack();
let engine: Engine;
let directory: RunDirectory;
beforeAll(async () => {
  const folder = resources.use(await privateFolder("canaries"));
  directory = RunDirectory.create(join(folder.path, "run"));
  engine = resources.use(await engineProvider("auto").start({ name: "target" }));
});
afterAll(async () => await resources.disposeAsync());

async function planted(id: string, schema: "pre1856" | "post1856" = "post1856"): Promise<ScenarioRecord> {
  const record = new ScenarioRecord(id, directory);
  const options = { ...resolveOptions({ profile: "pr" }), schema };
  const { signal } = new AbortController();
  const drill = { id, options, seed: 3, nodes: 300, dims: 4, signal, progress: silentProgress, record, directory };
  await plantCanaries(drill as unknown as Drill, engine);
  await plantCanaries(drill as unknown as Drill, engine);
  return record;
}

it.each(["pre1856", "post1856"] as const)(
  "catches all canaries, and leaves nothing on the server (%s)",
  async (schema) => {
    await using connection = await connect(engine.endpoint);
    const { findings, witnesses, metrics, judged } = (await planted(`cycle/${schema}`, schema)).result();
    expect(findings).toEqual([]);
    expect(witnesses).toEqual({ canariesPlanted: 7, canariesCaught: 7 });
    expect(judged).toEqual([canariesSubject]);
    expect(metrics["canaryMs"]).toBeGreaterThan(0);
    expect(await connection.command("KEYS", "*")).toEqual([]);
  },
);

it.each([
  ["content", ["flipped-property", "missing-edge", "stale-source"]],
  ["indexes", ["missing-index"]],
])("misses canaries of a real server without the check of %s", async (name, missed) => {
  const record = await planted(`cycle/without-${name}`);
  const stored = directory.readObservation(record.id, canariesSubject, record.hashOf(canariesSubject));
  const others = checks.filter((check) => check.name !== name);
  const { findings } = judgeCanaries(stored as CanaryEvidence, {
    ...drillJudges,
    content: (expectation, observation) => judgeAll(expectation, observation, undefined, others),
  });
  expect(findings.map(({ subject }) => subject)).toEqual(missed);
});

it("proves nothing on a server that takes no canaries", async () => {
  await using connection = await connect(engine.endpoint);
  await connection.command("REPLICAOF", "127.0.0.1", "1");
  const { findings } = (await planted("cycle/read-only")).result();
  await connection.command("REPLICAOF", "NO", "ONE");
  expect(findings.map(({ code, message }) => [code, message])).toEqual([
    ["canary-not-planted", expect.stringContaining("READONLY")],
  ]);
  expect(judgeScenario(findings).verdict).toBe("inconclusive");
});

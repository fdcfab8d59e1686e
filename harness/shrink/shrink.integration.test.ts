// Shrinking with real engines: a defect of FalkorDB, a mutant, and scripts as a team has them. The scripts that it writes
// for FalkorDB's own defects are run with nothing but redis-cli.
import { spawn, spawnSync } from "node:child_process";
import { join } from "node:path";
import { writeFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { Double } from "../../generators/model.ts";
import { serverUrl } from "../base/endpoint.ts";
import { foreignEnvironment } from "../base/environment.ts";
import { privateFolder } from "../base/process/reaper.ts";
import { silentProgress } from "../base/progress.ts";
import type { Engine } from "../engine/engine.ts";
import { embeddedEngines } from "../engine/embedded.ts";
import type { StoredFinding } from "../record/result.ts";
import { serverControl } from "../system/command/server-control.ts";
import { connect } from "../falkordb/client/connection.ts";
import { generatedGraphs } from "./case-dataset.ts";
import { systemOf } from "./run-options.ts";
import { scriptOf } from "./script.ts";
import type { ShrinkCase } from "./shrink-case.ts";
import { type ShrunkFinding, shrinkFinding } from "./shrink.ts";
import { engineSystem, type ShrunkSystem, shrunkSystem } from "./shrunk-system.ts";
import { tryCase } from "./try-case.ts";

const engines = embeddedEngines();
const { signal } = new AbortController();
const common = { engines, seed: 5, signal };
const field = join(import.meta.dirname, "../../fixtures/field-systems/falkordrill.config.yaml");
const hasClient = spawnSync("sh", ["-c", "command -v redis-cli"]).status === 0;

function personal(nodes: number): ShrinkCase {
  const options = { seed: 5, nodes, shape: "personal", variant: "clean", dims: 4, schema: "post1856" } as const;
  return { graphs: generatedGraphs(options), operations: [], server: {} };
}

async function findingOf(whole: ShrinkCase, system: ShrunkSystem, code: string): Promise<StoredFinding> {
  const { findings } = await tryCase(whole, { ...common, system, role: "target" });
  const found = findings.find((finding) => finding.code === code);
  if (found === undefined) throw new Error(`found only ${findings.map((finding) => finding.code).join(", ")}`);
  return found;
}

async function shrinks(whole: ShrinkCase, system: ShrunkSystem, code: string): Promise<ShrunkFinding> {
  const finding = await findingOf(whole, system, code);
  return await shrinkFinding({ ...common, finding, whole, system, timeoutMs: 120_000, progress: silentProgress });
}

/** Runs the script of an engine's defect against a server of its own, and returns what its last command answered. */
async function runScript({ shrunk, finding, check, isEngine }: ShrunkFinding): Promise<string> {
  expect(isEngine).toBe(true);
  const text = scriptOf({ sentence: "s", shrunk, system: engineSystem, isEngine, code: finding.code, check });
  expect(text.trimEnd().split("\n").length).toBeLessThanOrEqual(20);
  await using folder = await privateFolder("script");
  await using engine: Engine = await engines.start({ name: "source", signal });
  await using control = await serverControl(engine, 30_000, signal);
  const restart = join(folder.path, "restart");
  await writeFile(restart, `#!/bin/sh\n${control.stop} && ${control.start}\n`, { mode: 0o700 });
  const script = join(folder.path, "repro.sh");
  await writeFile(script, text);
  const env = { ...foreignEnvironment(), SOURCE: serverUrl(engine.endpoint, { withPassword: true }), RESTART: restart };
  const { promise, resolve } = Promise.withResolvers<string>();
  const bash = spawn("bash", [script], { env, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [bash.stdout, bash.stderr]) stream.on("data", (data: Buffer) => (output += data.toString()));
  bash.on("close", (status) => resolve(`${status}\n${output}`));
  return await promise;
}

describe.skipIf(!hasClient)(`defects of the engine${hasClient ? "" : " (not run: redis-cli missing)"}`, () => {
  it("shrinks text that FalkorDB loses to one node, with a script that shows it", async () => {
    const nodes = Array.from({ length: 60 }, (_, at) => ({
      id: at,
      labels: ["W"],
      properties: { i: at, s: "abcdefghij".repeat(60).slice(0, 482 + at) },
    }));
    const whole: ShrinkCase = {
      graphs: [{ name: "lost", nodes, edges: [], indexes: [], constraints: [] }],
      operations: [{ kind: "append", graph: "lost", label: "W", property: "s", text: " (changed)" }],
      server: {},
    };
    const found = await shrinks(whole, engineSystem, "engine-wrote-otherwise");
    expect(found.after).toMatchObject({ nodes: 1, operations: 1 });
    expect(found.check).toMatchObject({ expected: "[513]" });
    expect(await runScript(found)).toMatch(/^0\n/);
  });

  it("shrinks a zero that an index has lost after a reload, with a script that shows it", async () => {
    const nodes = Array.from({ length: 6 }, (_, id) => ({
      id,
      labels: ["N"],
      properties: { v: new Double(id / 2), id },
    }));
    const index = { entity: "node", label: "N", range: ["v", "id"], fulltext: [] } as const;
    const whole: ShrinkCase = {
      graphs: [{ name: "zero", nodes, edges: [], indexes: [index], constraints: [] }],
      operations: [],
      server: {},
    };
    const found = await shrinks(whole, engineSystem, "index-zeros-lost-in-engine");
    expect(found.after).toMatchObject({ nodes: 1, edges: 0, indexes: 1 });
    expect(found.check).toMatchObject({ expected: "[[1]]", actual: "[[0]]" });
    expect(await runScript(found)).toMatch(/^0\n[\S\s]*count\(e\)\n0\n/);
  });
});

it("shrinks a mutant that loses the vectors of each graph", async () => {
  const mutant = shrunkSystem("loses-vectors", undefined, {
    mutate: (system) => ({
      ...system,
      restore: async (request) => {
        const outcome = await system.restore(request);
        await using connection = await connect(outcome.target.endpoint);
        for (const graph of await connection.graphs())
          await connection.query(graph, "MATCH (n) SET n.name_embedding = NULL");
        return outcome;
      },
    }),
  });
  const found = await shrinks(personal(60), mutant, "vector-count-differs");
  expect(found.isEngine).toBe(false);
  expect(found.after.nodes).toBeLessThanOrEqual(5);
  expect(found.identity).toBe("vector-count-differs name_embedding");
});

it.runIf(hasClient)("shrinks programs of a team that lose a graph to one without nodes", async () => {
  const system = await systemOf({ system: "wrong-file-restore", config: field }, undefined);
  const found = await shrinks(personal(60), system, "graph-missing");
  expect(found.after.graphs).toBe(1);
  expect(found.after.nodes).toBeLessThanOrEqual(5);
  const script = scriptOf({ sentence: "s", system, code: "graph-missing", ...found });
  expect(script.split("\n")).toEqual(expect.arrayContaining(["./backup.sh", "./restore.sh"]));
});

// A run directory as the gate's evidence: judged again from its observations, with what else the policy may ask for.
import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { moduleVersionText } from "../engine/versions.ts";
import type { DrillResult } from "../drill/result.ts";
import { readResult, readRun } from "../drill/run-directory.ts";
import { verifyRun } from "../drill/verify-run.ts";
import type { EngineSeen, RunEvidence } from "../../reports/gate/evidence.ts";

/** `name` is what decision and bundle call it. */
export async function readRunEvidence(path: string, name: string): Promise<RunEvidence> {
  const run = readRun(path);
  const stored = readResult(path);
  const judged = await verifyRun(path);
  const engines = new Map<string, EngineSeen>();
  const datasets = new Map<string, string>();
  const folders = await readdir(join(path, "observations"));
  for (const folder of folders.toSorted()) {
    // `cycle.full` is where the scenario cycle/full put what it saw.
    const id = folder.replace(".", "/");
    const engine = await read(join(path, "observations", folder, "engine.json"));
    if (engine !== undefined) engines.set(id, engineSeen(JSON.parse(engine.toString("utf8"))));
    const expectation = await read(join(path, "observations", folder, "expectation.json"));
    if (expectation !== undefined) datasets.set(id, createHash("sha256").update(expectation).digest("hex"));
  }
  return {
    name,
    startedAtMs: Date.parse(run.startedAt),
    seed: run.seed,
    replay: run.replay,
    tool: { version: run.version, commit: run.commit },
    system: run.system,
    scenarios: judged.scenarios,
    engines,
    datasets,
    contradictions: contradictions(stored, judged),
  };
}

/** A result that was edited, or judged by another version, is not evidence for either verdict. */
function contradictions(stored: DrillResult, judged: DrillResult): string[] {
  const said = new Map(stored.scenarios.map(({ id, verdict }) => [id, verdict]));
  return judged.scenarios.flatMap(({ id, verdict }) => {
    const before = said.get(id);
    return before === undefined || before === verdict
      ? []
      : [`${id}: result.json says ${before}, its observations say ${verdict}`];
  });
}

function engineSeen(value: unknown): EngineSeen {
  const { kind, redis, module } = value as { kind?: string; redis?: string; module?: number };
  return {
    kind: kind ?? "unknown",
    redis: redis ?? "unknown",
    falkordb: module === undefined ? "unknown" : moduleVersionText(module),
  };
}

async function read(path: string): Promise<Buffer | undefined> {
  return readFile(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
}

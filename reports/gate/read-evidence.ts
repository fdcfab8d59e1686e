// A run directory as the gate's evidence: judged again from its observations, with what else the policy may ask for.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { sha256Of } from "../../harness/base/files/sha256.ts";
import { moduleVersionText } from "../../harness/engine/versions.ts";
import { shardOf } from "../../harness/record/missing.ts";
import { observationFolder, readRun } from "../../harness/record/run-directory.ts";
import { verifyRun } from "../../harness/record/verify-run.ts";
import type { EngineSeen, RunEvidence } from "./evidence.ts";

/** `name` is what decision and bundle call it. */
export async function readRunEvidence(path: string, name: string): Promise<RunEvidence> {
  const run = readRun(path);
  const { scenarios } = await verifyRun(path);
  const engines = new Map<string, EngineSeen>();
  const datasets = new Map<string, string>();
  for (const { id } of scenarios) {
    const folder = join(path, "observations", observationFolder(id));
    const engine = read(join(folder, "engine.json"));
    if (engine !== undefined) engines.set(id, engineSeen(engine));
    const expectation = read(join(folder, "expectation.json"));
    if (expectation !== undefined) datasets.set(id, sha256Of(expectation));
  }
  return {
    name,
    startedAtMs: Date.parse(run.startedAt),
    seed: run.seed,
    replay: run.replay,
    shard: shardOf(run),
    tool: { version: run.version, commit: run.commit },
    checkout: run.checkout,
    system: run.system,
    scenarios,
    engines,
    datasets,
  };
}

const engineSchema = z.object({
  kind: z.string().default("unknown"),
  redis: z.string().default("unknown"),
  module: z.int().optional(),
});

/** A damaged file counts as missing; the seal of the run reports the damage. */
function engineSeen(bytes: Buffer): EngineSeen {
  const { kind = "unknown", redis = "unknown", module } = engineSchema.safeParse(parsed(bytes)).data ?? {};
  return { kind, redis, falkordb: module === undefined ? "unknown" : moduleVersionText(module) };
}

function parsed(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString("utf8"));
  } catch {
    return undefined;
  }
}

function read(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch {
    return undefined;
  }
}

// A server is created anew, as a container is by an upgrade: a new process on what the volume holds. If the volume is
// mounted where the server does not write, that is nothing; a mere restart does not show it.
import { environmentError } from "../../../base/errors.ts";
import { runCommand } from "../../../base/process/run-command.ts";
import { containerEngines } from "../../../engine/container/container.ts";
import type { Engine, EngineProvider } from "../../../engine/engine.ts";
import { withSettings } from "../../../engine/server-settings.ts";
import { connect } from "../../../falkordb/client/connection.ts";
import { fullCyclePlan } from "../../cycle-plan.ts";
import type { Drill } from "../../drill.ts";
import { recordEngine, TrackedEngines } from "../../guard/tracked-engines.ts";
import { loadContent } from "../../setup/content.ts";
import { proveContent } from "../../setup/idle-setup.ts";
import { type Content, generate } from "../../steps/generate.ts";
import { recordDefect } from "../track-record/defect.ts";

/** Nothing is lost by the kill itself. */
const redisConfig = { appendonly: "yes", appendfsync: "always" };
const restartTimeoutMs = 60_000;

/** The same with containers, whatever the kind of engine of the drill. */
export async function containersKeepVolume(drill: Drill): Promise<void> {
  const containers = containerEngines();
  const why = await containers.unavailable();
  if (why !== undefined) {
    drill.record.notCovered(`containers that are re-created: ${why}`);
    return;
  }
  await using engines = new TrackedEngines(withSettings(containers, drill.options.server), (engine) =>
    recordEngine(drill.record, engine),
  );
  await keepsVolume({ ...drill, engines });
}

export async function keepsVolume(drill: Drill): Promise<void> {
  const { engines, progress, record } = drill;
  if (engines.kind === "external")
    throw environmentError("an external engine cannot be created anew", "Use --engine embedded or container.");
  const content = await keepsAll(drill, engines);
  progress.step("a volume where the server does not write");
  await using beside = await engines.start({ name: "beside", redisConfig, volume: "elsewhere", signal: drill.signal });
  await loadContent(drill, beside, content.dataset);
  if (beside.container !== undefined) await survivesRestart(drill, beside, beside.container);
  await recreate(drill, beside);
  const what = "keeps nothing of its graphs where the volume is mounted at /data";
  await recordDefect(drill, beside, { what, seenIn: [41603] }, (await graphsOf(beside)).length === 0);
  record.requireWitnesses("serversRecreated", "nodesCompared", "edgesCompared");
}

async function keepsAll(drill: Drill, engines: EngineProvider): Promise<Content> {
  drill.progress.step("prepare: a server that writes onto its volume");
  await using source = await engines.start({ name: "source", redisConfig, signal: drill.signal });
  const content = await generate(drill, { ...fullCyclePlan, rawLimits: false, writers: 0 }, { source });
  await recreate(drill, source);
  await proveContent({ drill, content }, source, "target");
  return content;
}

async function recreate({ progress, record, signal }: Drill, engine: Engine): Promise<void> {
  progress.step(`create "${engine.name}" anew`);
  await engine.kill();
  await engine.restart({ signal });
  record.witness("serversRecreated", 1);
}

/** The usual trial of a volume, which stops and starts the same container, finds nothing wrong. */
async function survivesRestart({ progress, record, signal }: Drill, engine: Engine, name: string): Promise<void> {
  progress.step("restart the same container");
  const { status, stderr } = await runCommand("docker", ["restart", name], { timeoutMs: restartTimeoutMs, signal });
  if (status !== 0) {
    record.notCovered(`a container that is only restarted: ${stderr.trim()}`);
    return;
  }
  await engine.ready("operational", restartTimeoutMs, signal);
  record.witness("graphsKeptByRestart", (await graphsOf(engine)).length);
  record.requireWitnesses("graphsKeptByRestart");
}

async function graphsOf(engine: Engine): Promise<string[]> {
  await using connection = await connect(engine.endpoint);
  return await connection.graphs();
}

// A server with an append-only file loads that file and ignores a dump beside it. So a restore has to bring its data
// into the file: what came back is proven after the server was killed and started again on its own files.
import { rename } from "node:fs/promises";
import { join } from "node:path";
import type { Engine } from "../../../engine/engine.ts";
import { rdbName } from "../../../engine/redis-config.ts";
import { redisSettings, withSettings } from "../../../engine/server-settings.ts";
import { connect } from "../../../falkordb/client/connection.ts";
import { privateFolder } from "../../../base/process/reaper.ts";
import type { RestoreWay } from "../../../system/system.ts";
import type { Drill } from "../../drill.ts";
import { ownEngines } from "../../guard/own-engines.ts";
import { type IdleSetup, prepareIdle, proveContent } from "../../setup/idle-setup.ts";
import { recordDefect } from "../track-record/defect.ts";

const appendOnly = { appendonly: "yes", appendfsync: "everysec" };
const ways = ["file", "wire", "in-place"] as const;

export async function survivesAppendOnly(drill: Drill): Promise<void> {
  await using resources = new AsyncDisposableStack();
  const setup = await prepareIdle(drill, resources, { start: { redisConfig: appendOnly } });
  const { source, system } = setup;
  const { progress, signal, record } = drill;
  const { point } = await system.backup({ source, coordinator: undefined, progress, signal });
  const possible = ways.filter((way) => system.capabilities.has(`restore-${way}`));
  for (const way of possible) await proveRestart(setup, point.id, way);
  await playStaleFile(drill);
  record.requireWitnesses("serversRecreated", "nodesCompared", "edgesCompared");
}

async function proveRestart(setup: IdleSetup, point: string, way: RestoreWay): Promise<void> {
  const { drill, system } = setup;
  const { progress, signal, record, options } = drill;
  progress.step(`restore by ${way} into a server with an append-only file`);
  const engines = withSettings(ownEngines(drill.engines), appendOnly);
  await using given = way === "file" ? undefined : await emptyTarget(setup, way);
  const outcome = await system.restore({ point, way, engines, ...(given && { target: given }), progress, signal });
  await using target = outcome.target;
  await target.kill();
  const redisConfig = { databases: "1024", ...redisSettings(options.server), ...appendOnly };
  await target.restart({ redisConfig, readiness: "operational", signal });
  record.witness("serversRecreated", 1);
  await proveContent(setup, target, `target-${way}`);
}

/** In place the append-only file is stale: the loss, as a user's FLUSHALL, is in it. */
async function emptyTarget({ drill, source }: IdleSetup, way: RestoreWay): Promise<Engine> {
  const { engines, signal } = drill;
  if (way !== "in-place") return await ownEngines(engines).start({ name: "target", redisConfig: appendOnly, signal });
  await using connection = await connect(source.endpoint);
  await connection.command("FLUSHALL");
  return source;
}

/** Shows the trap itself, on servers of the drill's own. */
async function playStaleFile(drill: Drill): Promise<void> {
  const { progress, signal } = drill;
  progress.step("a dump beside a stale append-only file");
  const engines = ownEngines(drill.engines);
  const name = rdbName(redisSettings(drill.options.server));
  await using folder = await privateFolder("stale");
  const dump = join(folder.path, "restored.rdb");
  {
    await using source = await engines.start({ name: "dumped", signal });
    await write(source, "restored");
    await using connection = await connect(source.endpoint);
    await connection.command("SAVE");
    await rename(join(source.dataDir ?? "", name), dump);
  }
  await using target = await engines.start({ name: "stale", redisConfig: appendOnly, signal });
  await write(target, "stale");
  await target.stop();
  await rename(dump, join(target.dataDir ?? "", name));
  await target.restart({ signal });
  await using connection = await connect(target.endpoint);
  const graphs = await connection.graphs();
  const what = "loads its append-only file and ignores the dump that a restore has put beside it";
  await recordDefect(drill, target, { what, seenIn: [41603] }, graphs.join() === "stale");
}

async function write({ endpoint }: Engine, graph: string): Promise<void> {
  await using connection = await connect(endpoint);
  await connection.query(graph, "CREATE (:State {name: $graph})", { graph });
}

// The memory of the target ends in the middle of a restore. That must be refused and named: a server that evicts what
// does not fit, or takes no writes, is not restored, even if it answers.
import { explanationOf } from "../../../base/errors.ts";
import type { Engine } from "../../../engine/engine.ts";
import { withSettings } from "../../../engine/server-settings.ts";
import { connect, type Connection } from "../../../falkordb/client/connection.ts";
import { readSettings } from "../../../observe/observe-server.ts";
import type { RestoreOutcome } from "../../../system/system.ts";
import type { Drill } from "../../drill.ts";
import { ownEngines } from "../../guard/own-engines.ts";
import { type IdleSetup, prepareIdle, proveContent, restoreIdle } from "../../setup/idle-setup.ts";

/** Refuses writes, or removes whole graphs. */
const policies = ["noeviction", "allkeys-lru"] as const;

interface Target {
  /** An empty, running server; its memory is limited for each restore over the wire. */
  readonly engine: Engine;
  readonly connection: Connection;
  readonly point: string;
  /** Half of what the graphs take, in bytes. */
  readonly maxmemory: string;
}

export async function refusesWithoutRoom(drill: Drill): Promise<void> {
  await using resources = new AsyncDisposableStack();
  const setup = await prepareIdle(drill, resources);
  const { source, system } = setup;
  const { progress, signal, record } = drill;
  const { point } = await system.backup({ source, coordinator: undefined, progress, signal });
  // As the target of a restore over the wire is started in a cycle.
  const moduleArgs = { DELAY_INDEXING: "yes" };
  const engine = resources.use(await ownEngines(drill.engines).start({ name: "target", signal, moduleArgs }));
  const connection = resources.use(await connect(engine.endpoint));
  const target = { engine, connection, point: point.id, maxmemory: await halfOf(source, connection) };
  for (const policy of policies) {
    if (system.capabilities.has("restore-file")) await intoOwn(setup, target, policy);
    else record.notCovered(`too little memory in a restore by file: the ${system.name} system has none`);
    if (system.capabilities.has("restore-wire")) await overWire(setup, target, policy);
    else record.notCovered(`too little memory in a restore over the wire: the ${system.name} system has none`);
  }
  progress.step("restore with enough memory, and prove it");
  await using restored = system.capabilities.has("restore-wire")
    ? (await wireRestore(setup, target)).target
    : await restoreIdle(setup, point.id);
  await proveContent(setup, restored, "target");
  record.requireWitnesses("restoresRefused", "nodesCompared", "edgesCompared");
}

async function halfOf(source: Engine, empty: Connection): Promise<string> {
  await using full = await connect(source.endpoint);
  const used = async (connection: Connection): Promise<number> =>
    Number((await connection.info("memory"))["used_memory"]);
  const base = await used(empty);
  return String(Math.round(base + ((await used(full)) - base) / 2));
}

async function intoOwn(setup: IdleSetup, target: Target, policy: string): Promise<void> {
  setup.drill.progress.step(`restore by file with too little memory, ${policy}`);
  const limits = { maxmemory: target.maxmemory, "maxmemory-policy": policy };
  const outcome = await fileRestore(setup, target, limits).catch((error: unknown) => error);
  if (isRestored(outcome)) await outcome.target[Symbol.asyncDispose]();
  judgeRefusal(setup, `file, ${policy}`, outcome);
}

async function overWire(setup: IdleSetup, target: Target, policy: string): Promise<void> {
  setup.drill.progress.step(`restore over the wire with too little memory, ${policy}`);
  const { connection, maxmemory } = target;
  await connection.command("CONFIG", "SET", "maxmemory", maxmemory, "maxmemory-policy", policy);
  const before = await settingsOf(connection);
  judgeRefusal(setup, `wire, ${policy}`, await wireRestore(setup, target).catch((error: unknown) => error));
  await mustBeAsBefore(setup, target, before);
  await connection.command("CONFIG", "SET", "maxmemory", 0, "maxmemory-policy", "noeviction");
}

function fileRestore(
  { drill, system }: IdleSetup,
  { point }: Target,
  limits: Record<string, string>,
): Promise<RestoreOutcome> {
  const { progress, signal } = drill;
  return system.restore({
    point,
    way: "file",
    engines: withSettings(ownEngines(drill.engines), limits),
    progress,
    signal,
  });
}

function wireRestore({ drill, system }: IdleSetup, { point, engine }: Target): Promise<RestoreOutcome> {
  const { progress, signal } = drill;
  return system.restore({ point, way: "wire", engines: ownEngines(drill.engines), target: engine, progress, signal });
}

function isRestored(outcome: unknown): outcome is RestoreOutcome {
  return typeof outcome === "object" && outcome !== null && "target" in outcome;
}

function judgeRefusal({ drill, system }: IdleSetup, subject: string, outcome: unknown): void {
  const { record, signal } = drill;
  signal.throwIfAborted();
  if (isRestored(outcome)) {
    const message = `the restore of the ${system.name} system reports success on a server in which half of the graphs fit`;
    record.finding({ code: "restored-without-room", severity: "error", subject, message, evidence: {} });
    return;
  }
  const reason = explanationOf(outcome);
  if (/memory|evict/i.test(reason)) record.witness("restoresRefused", 1);
  else {
    const message = `a target with too little memory was answered with: ${reason}`;
    record.finding({ code: "no-room-misnamed", severity: "error", subject, message, evidence: {} });
  }
}

/** A restore that failed leaves an empty server, set as it was. */
async function mustBeAsBefore(
  { drill }: IdleSetup,
  { engine, connection }: Target,
  before: Readonly<Record<string, string>>,
): Promise<void> {
  const { record } = drill;
  const keys = Number(await connection.command("DBSIZE"));
  const { role = "" } = await connection.info("replication");
  if (keys > 0 || role !== "master")
    record.finding({
      code: "target-left",
      severity: "error",
      subject: engine.name,
      message: `a restore that was refused left ${keys} keys on its target, whose role is ${role}`,
      evidence: { keys, role },
    });
  const after = await settingsOf(connection);
  const changed = Object.keys(before).filter((name) => after[name] !== before[name]);
  if (changed.length > 0)
    record.finding({
      code: "settings-not-put-back",
      severity: "error",
      subject: engine.name,
      message: `a restore that was refused left settings of its target changed: ${changed.join(", ")}`,
      evidence: Object.fromEntries(changed.map((name) => [name, { was: before[name], is: after[name] ?? null }])),
    });
}

async function settingsOf(connection: Connection): Promise<Record<string, string>> {
  return {
    ...(await readSettings(connection, "CONFIG", "GET", "*")),
    ...(await readSettings(connection, "GRAPH.CONFIG", "GET", "*")),
  };
}

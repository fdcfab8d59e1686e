// Events on a source between two increments: it is emptied, its replication id changes, it fails over to a replica, it
// restarts. Each is recognised, by a chain that continues or by a new full backup; the restored content is always what
// the source held, never another history under the same offsets.
import { address } from "../../../base/endpoint.ts";
import { waitFor } from "../../../base/wait.ts";
import type { Engine } from "../../../engine/engine.ts";
import { loadDespiteStall } from "../../../engine/stall-watch.ts";
import { connect } from "../../../falkordb/client/connection.ts";
import type { Drill } from "../../drill.ts";
import { incrementalSystem, type Link, proveLink, smallSource, takeIncrement } from "./small-source.ts";

const replicaTimeoutMs = 60_000;

interface Event {
  readonly name: string;
  /** Returns the source after the event. */
  readonly happen: (drill: Drill, source: Engine, resources: AsyncDisposableStack) => Promise<Engine>;
}

const events: readonly Event[] = [
  { name: "flushed", happen: async (_, source) => ask(source, ["FLUSHALL"]) },
  {
    // A promoted replica starts a new history; the old one stays its second id.
    name: "replication id changed",
    happen: async (_, source) => ask(source, ["REPLICAOF", "127.0.0.1", "1"], ["REPLICAOF", "NO", "ONE"]),
  },
  { name: "failed over to a replica", happen: failOver },
  {
    name: "restarted",
    happen: async ({ progress }, source) => {
      await ask(source, ["SAVE"]);
      await loadDespiteStall(
        () => source.restart(),
        (line) => progress.note(line),
      );
      return source;
    },
  },
];

export async function survivesSourceEvents(drill: Drill): Promise<void> {
  await using resources = new AsyncDisposableStack();
  let source = await smallSource(drill, resources);
  const system = await incrementalSystem(drill, resources);
  await system.backup({ source, coordinator: undefined, progress: drill.progress, signal: drill.signal });
  await write(source, "before");
  const links: Link[] = [await takeIncrement(drill, system, source, "before any event")];
  for (const { name, happen } of events) {
    drill.progress.step(`the source is ${name}`);
    source = await happen(drill, source, resources);
    drill.record.witness("eventsHappened", 1);
    // As many bytes as before, so that a chain comparing only offsets would match.
    await write(source, name);
    links.push(await takeIncrement(drill, system, source, name));
  }
  for (const link of links) await proveLink(drill, system, link);
  drill.record.requireWitnesses("eventsHappened", "linksRestored", "entitiesCompared");
}

async function write(source: Engine, what: string): Promise<void> {
  await using connection = await connect(source.endpoint);
  for (let number = 0; number < 20; number += 1)
    await connection.query("events", "CREATE (:Event {what: $what, number: $number, r: rand()})", { what, number });
}

async function ask(source: Engine, ...commands: readonly (readonly [string, ...string[]])[]): Promise<Engine> {
  await using connection = await connect(source.endpoint);
  for (const command of commands) await connection.command(...command);
  return source;
}

async function failOver(drill: Drill, source: Engine, resources: AsyncDisposableStack): Promise<Engine> {
  const { host, port, password = "" } = source.endpoint;
  const replica = resources.use(
    await drill.engines.start({
      name: "replica",
      signal: drill.signal,
      moduleArgs: { EFFECTS_THRESHOLD: "0" },
      redisConfig: { masterauth: password },
    }),
  );
  // By default a server waits five seconds for more replicas before it sends its snapshot.
  await ask(source, ["CONFIG", "SET", "repl-diskless-sync-delay", "0"]);
  await using connection = await connect(replica.endpoint);
  await connection.command("REPLICAOF", host, String(port));
  const isUp = async (): Promise<true | undefined> =>
    (await connection.info("replication"))["master_link_status"] === "up" ? true : undefined;
  const what = `the replica of ${address(source.endpoint)} to be in step`;
  await waitFor(isUp, { what, timeoutMs: replicaTimeoutMs, signal: drill.signal, exit: "inconclusive" });
  await source.kill();
  await connection.command("REPLICAOF", "NO", "ONE");
  return replica;
}

// Restore into a running, empty server without access to its disk: it becomes a replica of this process for as long as
// it takes to load the snapshot. A replica refuses writes, and it stays one until its indexes are complete; so nothing
// is written before it may be.
import { networkInterfaces } from "node:os";
import { DrillError, usageError } from "../../base/errors.ts";
import { FatalProbeError, waitFor } from "../../base/wait.ts";
import type { Engine } from "../../engine/engine.ts";
import { address, connect, type Connection } from "../../falkordb/connection.ts";
import { SnapshotServer } from "../../falkordb/replication-server.ts";
import { buildIndexes, repair } from "./index-build.ts";
import type { Suspect } from "./repair-indexes.ts";
import type { RestoreJob } from "./restore.ts";

const loadTimeoutMs = 3_600_000;
const askTimeoutMs = 30_000;

export async function restoreByWire(job: RestoreJob, target: Engine): Promise<Engine> {
  const { timer, progress, signal, manifest } = job;
  await using connection = await connect(target.endpoint, { name: "falkordrill-restore" });
  await refuseUnlessEmpty(connection);
  // The address under which the target knows us: right through networks and containers where any guess would be wrong.
  const host = await ownAddress(connection);
  await using server = await SnapshotServer.listen({
    // Only where the target can see it, if that address is this machine's own; behind a NAT it is not.
    host: isOwn(host) ? host : "0.0.0.0",
    snapshot: job.snapshot(),
    bytes: manifest.rawBytes,
    signal,
  });
  const before = await configOf(connection, "masterauth");
  progress.step("load");
  const startMs = timer.elapsedMs();
  let suspects: readonly Suspect[] = [];
  try {
    await connection.command("CONFIG", "SET", "masterauth", server.password);
    await connection.command("REPLICAOF", host, String(server.port));
    await waitFor(() => (server.asked ? true : undefined), {
      what: `${address(target.endpoint)} to ask ${host}:${server.port} for the snapshot`,
      timeoutMs: askTimeoutMs,
      signal,
    });
    timer.add("provision", startMs);
    const sendMs = timer.elapsedMs();
    await server.sent;
    timer.add("decrypt + decompress", sendMs, manifest.rawBytes);
    await linkUp(target, signal);
    timer.add("load", sendMs, manifest.rawBytes);
    await job.answered(target);
    suspects = await buildIndexes(job, target, connection);
  } catch (error) {
    // The target may be gone, and then why the restore failed is what counts.
    await standAlone(target, before).catch(() => {});
    throw error;
  }
  await standAlone(target, before);
  await repair(job, connection, suspects);
  return target;
}

async function refuseUnlessEmpty(connection: Connection): Promise<void> {
  const where = address(connection.endpoint);
  const keyspace = await connection.info("keyspace");
  const graphs = await connection.graphs();
  const databases = Object.keys(keyspace).filter((name) => /^db\d+$/.test(name));
  if (databases.length > 0 || graphs.length > 0)
    throw usageError(
      `${where} is not empty (${graphs.length} graphs, keys in ${databases.join(", ") || "no database"}), and a restore would replace it all`,
      "Restore into a new, empty server and point the application there.",
    );
  const role = (await connection.info("replication"))["role"];
  if (role !== "master") throw usageError(`${where} is a replica, a restore needs a server that stands alone`);
}

/** While the target loads it may answer LOADING, or nothing for a while. */
async function linkUp(target: Engine, signal: AbortSignal): Promise<void> {
  let last: Connection | undefined;
  const up = async (): Promise<true | undefined> => {
    last ??= await connect(target.endpoint);
    const info = await last.info("replication").catch((error: unknown) => {
      last?.close();
      last = undefined;
      throw error;
    });
    if (info["role"] !== "slave")
      throw new FatalProbeError(
        new DrillError("somebody ended the replication of the target", { exit: "notRecovered" }),
      );
    return info["master_link_status"] === "up" ? true : undefined;
  };
  try {
    await waitFor(up, { what: `${address(target.endpoint)} to load the snapshot`, timeoutMs: loadTimeoutMs, signal });
  } finally {
    last?.close();
  }
}

/** Also after a failure: the target must not go on asking an address where nobody is. */
async function standAlone(target: Engine, masterauth: string): Promise<void> {
  await using connection = await connect(target.endpoint);
  await connection.command("REPLICAOF", "NO", "ONE");
  await connection.command("CONFIG", "SET", "masterauth", masterauth);
}

function isOwn(host: string): boolean {
  const addresses = Object.values(networkInterfaces()).flatMap((found) => found ?? []);
  return addresses.some(({ address: own }) => own === host);
}

async function ownAddress(connection: Connection): Promise<string> {
  const info = String(await connection.command("CLIENT", "INFO"));
  return /\baddr=\[?([^\s\]]+?)\]?:\d+\b/.exec(info)?.[1] ?? "127.0.0.1";
}

async function configOf(connection: Connection, name: string): Promise<string> {
  return ((await connection.command("CONFIG", "GET", name)) as string[])[1] ?? "";
}

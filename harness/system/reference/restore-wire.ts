// Restore into a running, empty server without access to its disk: it becomes a replica of this process for as long as
// it takes to load the snapshot. A replica refuses writes, and it stays one until its indexes are complete; so nothing
// is written before it may be.
import { address } from "../../base/endpoint.ts";
import { DrillError, usageError } from "../../base/errors.ts";
import { FatalProbeError, waitFor } from "../../base/wait.ts";
import type { Engine } from "../../engine/engine.ts";
import { attachReplica } from "../../falkordb/attach-replica.ts";
import { connect, type Connection } from "../../falkordb/connection.ts";
import { buildIndexes, repair } from "./index-build.ts";
import type { RestoreJob } from "./restore.ts";

const loadTimeoutMs = 3_600_000;

export async function restoreByWire(job: RestoreJob, target: Engine): Promise<Engine> {
  const { timer, progress, signal, rawBytes } = job;
  await using connection = await connect(target.endpoint, { name: "falkordrill-restore" });
  await refuseUnlessEmpty(connection);
  progress.step("load");
  const startMs = timer.elapsedMs();
  await using replica = await attachReplica(connection, {
    snapshot: { source: job.snapshot(), bytes: rawBytes },
    signal,
  });
  timer.add("provision", startMs);
  const sendMs = timer.elapsedMs();
  await replica.server.sent;
  timer.add("decrypt + decompress", sendMs, rawBytes);
  await linkUp(target, signal);
  timer.add("load", sendMs, rawBytes);
  await job.answered(target, replica.server);
  const suspects = await buildIndexes(job, target, connection);
  await replica.detach();
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
      `${where} is not empty (${graphs.length} graph${graphs.length === 1 ? "" : "s"}, keys in ${databases.join(", ") || "no database"}), and a restore would replace it all`,
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
    await waitFor(up, {
      exit: "notRecovered",
      what: `${address(target.endpoint)} to load the snapshot`,
      timeoutMs: loadTimeoutMs,
      signal,
    });
  } finally {
    last?.close();
  }
}

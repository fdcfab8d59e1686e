// A replica on another machine: it has what was replicated to it, and takes over.
import { connect } from "../../../falkordb/client/connection.ts";
import { waitFor } from "../../../base/wait.ts";
import { untilHeldBy } from "./held.ts";
import type { PersistenceMode } from "./mode.ts";

const syncTimeoutMs = 600_000;
const promoteTimeoutMs = 30_000;

export const replica: PersistenceMode = {
  name: "replica",
  settings: () => ({}),
  // Replication is asynchronous: redis promises nothing about data in flight.
  claims: () => ({}),
  protect: async (ground, resources) => {
    const { drill, source } = ground;
    const { signal } = drill;
    const { host, port, username, password } = source.endpoint;
    const copy = resources.use(
      await drill.engines.start({
        name: "replica",
        signal,
        redisConfig: {
          ...(password === undefined ? {} : { masterauth: password }),
          ...(username === undefined ? {} : { masteruser: username }),
        },
      }),
    );
    const connection = resources.use(await connect(copy.endpoint));
    await connection.command("REPLICAOF", host, port);
    const linked = async (): Promise<true | undefined> =>
      (await connection.info("replication"))["master_link_status"] === "up" ? true : undefined;
    await waitFor(linked, { what: "the replica's first sync", timeoutMs: syncTimeoutMs, signal, exit: "environment" });
    return {
      standsElsewhere: true,
      covered: async () => {
        await waitFor(linked, {
          what: "the replica's link",
          timeoutMs: promoteTimeoutMs,
          signal,
          exit: "inconclusive",
        });
        await untilHeldBy("replica", ground);
      },
      recover: async () => {
        await connection.command("REPLICAOF", "NO", "ONE");
        const leads = async (): Promise<true | undefined> =>
          (await connection.info("replication"))["role"] === "master" ? true : undefined;
        await waitFor(leads, {
          exit: "notRecovered",
          what: "the replica to lead",
          timeoutMs: promoteTimeoutMs,
          signal,
        });
        return copy;
      },
      [Symbol.asyncDispose]: () => Promise.resolve(),
    };
  },
};

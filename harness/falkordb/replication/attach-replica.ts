// Makes a running server a replica of this process, for as long as a restore needs it: over the same link it can be
// given a snapshot, and commands that it applies exactly as a replica of the source would. A replica refuses writes of
// others. All that is changed on the server is put back when it is let go.
import { networkInterfaces } from "node:os";
import { endedBy } from "../../base/deadline.ts";
import { address } from "../../base/endpoint.ts";
import { waitFor } from "../../base/wait.ts";
import type { Connection } from "../client/connection.ts";
import { ReplicationServer, type ReplicationServerOptions } from "./replication-server.ts";

const askTimeoutMs = 30_000;
const detachTimeoutMs = 10_000;

export interface AttachedReplica extends AsyncDisposable {
  readonly server: ReplicationServer;
  /** The server stands alone again. Disposing does the same without a word, for a server that may be gone. */
  detach(): Promise<void>;
}

export async function attachReplica(
  connection: Connection,
  options: Omit<ReplicationServerOptions, "host">,
): Promise<AttachedReplica> {
  // The address under which the server knows us: right through networks and containers where any guess would be wrong.
  const host = await ownAddress(connection);
  // Only where the server can see it, if that address is this machine's own; behind a NAT it is not.
  const server = await ReplicationServer.listen({ host: isOwn(host) ? host : "0.0.0.0", ...options });
  const masterauth = await configOf(connection, "masterauth");
  let isAttached = true;
  const detach = async (): Promise<void> => {
    if (!isAttached) return;
    await connection.command("REPLICAOF", "NO", "ONE");
    await connection.command("CONFIG", "SET", "masterauth", masterauth);
    isAttached = false;
    await server[Symbol.asyncDispose]();
  };
  const replica: AttachedReplica = {
    server,
    detach,
    [Symbol.asyncDispose]: async () => {
      // A server that is stuck answers nothing.
      await endedBy(detach(), AbortSignal.timeout(detachTimeoutMs), 0).catch(() => {});
      await server[Symbol.asyncDispose]();
    },
  };
  try {
    await connection.command("CONFIG", "SET", "masterauth", server.password);
    await connection.command("REPLICAOF", host, String(server.port));
    await waitFor(() => (server.asked ? true : undefined), {
      exit: "notRecovered",
      what: `${address(connection.endpoint)} to connect back to ${host}:${server.port}, which nothing between them may hinder`,
      timeoutMs: askTimeoutMs,
      intervalMs: 2,
      signal: options.signal,
    });
    return replica;
  } catch (error) {
    await replica[Symbol.asyncDispose]();
    throw error;
  }
}

function isOwn(host: string): boolean {
  const addresses = Object.values(networkInterfaces()).flatMap((found) => found ?? []);
  return addresses.some(({ address: own }) => own === host);
}

async function ownAddress(connection: Connection): Promise<string> {
  // Over a Unix socket a server knows no address, but it is on this machine.
  if (connection.endpoint.path !== undefined) return "127.0.0.1";
  const info = String(await connection.command("CLIENT", "INFO"));
  return /\baddr=\[?([^\s\]]+?)\]?:\d+\b/.exec(info)?.[1] ?? "127.0.0.1";
}

async function configOf(connection: Connection, name: string): Promise<string> {
  return ((await connection.command("CONFIG", "GET", name)) as string[])[1] ?? "";
}

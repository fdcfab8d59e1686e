// Makes a running server a replica of this process for the duration of a restore: over one link it receives a snapshot,
// and commands that it applies exactly as a replica of the source would. A replica refuses the writes of other clients.
// All settings changed on the server are restored when it is detached.
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
  /**
   * Makes the server a master again. `finish` runs while it still carries the mark of its restore; the settings that it
   * returns (name, value, ...) are changed together with that. Disposing does the same and ignores errors, for a server
   * that may be gone.
   */
  detach(finish?: () => Promise<readonly string[]>): Promise<void>;
}

export async function attachReplica(
  connection: Connection,
  options: Omit<ReplicationServerOptions, "host">,
): Promise<AttachedReplica> {
  // The address under which the server sees this client: right even across networks and containers.
  const host = await ownAddress(connection);
  // Listen on that address alone if it is this machine's own; behind a NAT it is not.
  const server = await ReplicationServer.listen({ host: isOwn(host) ? host : "0.0.0.0", ...options });
  const masterauth = await configOf(connection, "masterauth");
  let isAttached = true;
  const detach = async (finish?: () => Promise<readonly string[]>): Promise<void> => {
    if (!isAttached) return;
    await connection.command("REPLICAOF", "NO", "ONE");
    const settings = (await finish?.()) ?? [];
    await connection.command("CONFIG", "SET", "masterauth", masterauth, ...settings);
    isAttached = false;
    await server[Symbol.asyncDispose]();
  };
  const replica: AttachedReplica = {
    server,
    detach,
    [Symbol.asyncDispose]: async () => {
      // A server that hangs answers nothing.
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
  // Over a Unix socket the server reports no address, but it runs on this machine.
  if (connection.endpoint.path !== undefined) return "127.0.0.1";
  const info = String(await connection.command("CLIENT", "INFO"));
  return /\baddr=\[?([^\s\]]+?)\]?:\d+\b/.exec(info)?.[1] ?? "127.0.0.1";
}

async function configOf(connection: Connection, name: string): Promise<string> {
  return ((await connection.command("CONFIG", "GET", name)) as string[])[1] ?? "";
}

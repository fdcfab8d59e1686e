// The service's connections to its FalkorDB: a small pool that replaces broken connections, and that distinguishes a
// query which the database refused (the query is at fault) from an unavailable database (try again later).
import type { Endpoint } from "../../base/endpoint.ts";
import { errorMessage } from "../../base/errors.ts";
import { connect, type Connection } from "../../falkordb/client/connection.ts";

/** The database is gone, still loading, or refuses all writes. The current operation may be stored in part. */
export class DatabaseUnavailableError extends Error {
  override readonly name = "DatabaseUnavailableError";
}

/** Replies that concern the state of the server, not the query. */
export const transientReply: RegExp =
  /^(LOADING|MISCONF|READONLY|MASTERDOWN|NOREPLICAS|OOM|BUSY|CLUSTERDOWN|UNBLOCKED)\b/;
const connectTimeoutMs = 3000;
/** The engine runs a few queries at a time anyway; thousands of tenants must not become thousands of connections. */
const mostConnections = 32;

export class Database implements Disposable {
  readonly endpoint: Endpoint;
  readonly #idle: Connection[] = [];
  readonly #open = new Set<Connection>();
  readonly #waiting: (() => void)[] = [];
  #inUse = 0;
  #disposed = false;

  constructor(endpoint: Endpoint) {
    this.endpoint = endpoint;
  }

  /** Runs `work` on a free connection that no other work uses meanwhile. */
  async use<T>(work: (connection: Connection) => Promise<T>): Promise<T> {
    if (this.#inUse >= mostConnections) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#inUse += 1;
    try {
      return await this.useAtOnce(work);
    } finally {
      this.#inUse -= 1;
      this.#waiting.shift()?.();
    }
  }

  /** The same without waiting for a free connection: for checking whether the database answers at all. */
  async useAtOnce<T>(work: (connection: Connection) => Promise<T>): Promise<T> {
    const connection = this.#idle.pop() ?? (await this.#connect());
    try {
      const result = await work(connection);
      this.#idle.push(connection);
      return result;
    } catch (error) {
      const failure = classify(error);
      if (failure instanceof DatabaseUnavailableError) this.#drop(connection);
      else this.#idle.push(connection);
      throw failure;
    }
  }

  [Symbol.dispose](): void {
    this.#disposed = true;
    for (const connection of this.#open) connection.close();
    this.#open.clear();
    this.#idle.length = 0;
  }

  async #connect(): Promise<Connection> {
    if (this.#disposed) throw new DatabaseUnavailableError("the service has shut down");
    try {
      const connection = await connect(this.endpoint, { timeoutMs: connectTimeoutMs, name: "graph-service" });
      this.#open.add(connection);
      return connection;
    } catch (cause) {
      throw new DatabaseUnavailableError(errorMessage(cause), { cause });
    }
  }

  /** The other idle connections are closed too: they lead to the same dead server. */
  #drop(connection: Connection): void {
    for (const broken of [connection, ...this.#idle.splice(0)]) {
      this.#open.delete(broken);
      broken.close();
    }
  }
}

function classify(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof DatabaseUnavailableError) return error;
  const isReply = error.name === "ReplyError";
  if (isReply && !transientReply.test(error.message)) return error;
  // Anything that is not a reply comes from the connection: closed, reset, never opened.
  const isOurs = !isReply && !isConnectionError(error);
  return isOurs ? error : new DatabaseUnavailableError(error.message, { cause: error });
}

function isConnectionError(error: Error): boolean {
  return "code" in error || /connection is closed|stream isn't writeable|max retries/i.test(error.message);
}

// A writer's own connection to the engine, re-established after a loss, and the outcome of each write over it.
import { errorMessage } from "../base/errors.ts";
import { connect, type Connection } from "../falkordb/client/connection.ts";
import { isReplyError } from "../falkordb/client/reply.ts";
import type { WriteOutcome } from "./history/history.ts";

export interface Attempt {
  readonly outcome: WriteOutcome;
  /** Why it failed. */
  readonly reason?: string | undefined;
}

const connectTimeoutMs = 1000;
const answerTimeoutMs = 30_000;

export class WriterConnection implements AsyncDisposable {
  readonly #endpoint: Connection["endpoint"];
  #connection: Connection | undefined;

  constructor(endpoint: Connection["endpoint"]) {
    this.#endpoint = endpoint;
  }

  /** `write` returns its outcome, or throws the connection's error. */
  async attempt(write: (connection: Connection) => Promise<Attempt>): Promise<Attempt> {
    try {
      this.#connection ??= await connect(this.#endpoint, {
        timeoutMs: connectTimeoutMs,
        commandTimeoutMs: answerTimeoutMs,
      });
    } catch (error) {
      return { outcome: "failed", reason: errorMessage(error) };
    }
    try {
      return await write(this.#connection);
    } catch (error) {
      // The engine rolls back a query that it answers with an error.
      if (isReplyError(error)) return { outcome: "failed", reason: error.message };
      this.#connection.close();
      this.#connection = undefined;
      return { outcome: "unknown", reason: errorMessage(error) };
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#connection?.close();
    return Promise.resolve();
  }
}

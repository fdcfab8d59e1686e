// A connection only for reading large results: rows are passed on while the reply arrives, so memory does not grow
// with the result. ioredis would build every value as an object first, which costs four times the engine's own work.
import type { Socket } from "node:net";
import type { Endpoint } from "../../base/endpoint.ts";
import { DrillError, environmentError } from "../../base/errors.ts";
import { startTimer } from "../../base/timer.ts";
import { encodeCommand } from "./encode-command.ts";
import { incomplete, ReplyCursor } from "./read-cursor.ts";
import { explainedAnswer } from "./refused.ts";
import { connectedEvent, openSocket, unreachable } from "./socket.ts";
import { replyError } from "./reply.ts";

/** Reads one row from the cursor. It may be called again for the same row, so it acts only once the row is read. */
export type RowReader = (cursor: ReplyCursor) => void;

const packetBytes = 256 * 1024;

interface Pending {
  readonly what: string;
  readonly readRow: RowReader;
  readonly resolve: (rows: number) => void;
  readonly reject: (error: unknown) => void;
  /** -1 until the header of the reply has been read. */
  rowsLeft: number;
  rows: number;
}

export class ReadStream implements AsyncDisposable {
  readonly #endpoint: Endpoint;
  readonly #socket: Socket;
  readonly #cursor = new ReplyCursor();
  /** Received bytes that are not read yet, from 0 to `#filled`. Reused for every packet. */
  #store: Buffer = Buffer.allocUnsafeSlow(2 * packetBytes);
  #filled = 0;
  #pending: Pending | undefined;
  /** The caller that waits for a one-line reply. */
  #line: PromiseWithResolvers<string> | undefined;
  /** Why nothing more can be read. */
  #failure: unknown;

  private constructor(endpoint: Endpoint) {
    this.#endpoint = endpoint;
    this.#cursor.use(this.#store, 0);
    this.#socket = openSocket(endpoint, {
      onread: {
        buffer: Buffer.allocUnsafeSlow(packetBytes),
        callback: (length, packet) => {
          this.#receive(packet as Buffer, length);
          return true;
        },
      },
    });
  }

  static async open(
    endpoint: Endpoint,
    { timeoutMs = 10_000, database = 0 }: { readonly timeoutMs?: number; readonly database?: number } = {},
  ): Promise<ReadStream> {
    const stream = new ReadStream(endpoint);
    await stream.#connected(endpoint, timeoutMs);
    const { username = "default", password } = endpoint;
    try {
      if (password !== undefined && !(await stream.#isOk(["AUTH", username, password], timeoutMs)))
        throw environmentError("the server refused user and password", "Check them in the URL of the engine.");
      if (database !== 0 && !(await stream.#isOk(["SELECT", String(database)], timeoutMs)))
        throw environmentError(`the server refused to select its database ${database}`);
      return stream;
    } catch (error) {
      await stream[Symbol.asyncDispose]();
      throw error;
    }
  }

  async #connected(endpoint: Endpoint, timeoutMs: number): Promise<void> {
    const socket = this.#socket;
    await new Promise<void>((resolve, reject) => {
      const refuse = (error: unknown): void => {
        socket.destroy();
        reject(unreachable(endpoint, error));
      };
      socket.setTimeout(timeoutMs, () => refuse(new Error(`no answer within ${timeoutMs} ms`)));
      socket.once("error", refuse);
      socket.once(connectedEvent(endpoint), () => {
        socket.off("error", refuse);
        socket.setTimeout(0);
        socket.removeAllListeners("timeout");
        resolve();
      });
    });
    socket.on("error", (error) => this.#fail(error));
    socket.on("close", () => this.#fail(new Error("the server closed the connection")));
  }

  /** GRAPH.RO_QUERY only: a plain GRAPH.QUERY would create a graph that is missing. Returns the number of rows. */
  rows(graph: string, cypher: string, readRow: RowReader, timeoutMs = 600_000): Promise<number> {
    return this.#send(["GRAPH.RO_QUERY", graph, cypher, "--compact", "timeout", "0"], cypher, readRow, timeoutMs);
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#socket.destroy();
    return Promise.resolve();
  }

  /** Sends a command whose reply is one line: OK, or an error. */
  async #isOk(command: string[], timeoutMs: number): Promise<boolean> {
    const line = Promise.withResolvers<string>();
    // After an earlier failure there is no caller left to notify.
    if (this.#failure !== undefined) line.reject(this.#failure);
    this.#line = line;
    // The error omits the arguments of the command: one of them is the password.
    using _deadline = startTimer(timeoutMs, () =>
      this.#fail(environmentError(`FalkorDB did not answer ${command[0] ?? ""} within ${timeoutMs} ms`)),
    );
    this.#socket.write(encodeCommand(command));
    return (await line.promise).startsWith("+");
  }

  #send(command: string[], what: string, readRow: RowReader, timeoutMs: number): Promise<number> {
    if (this.#pending !== undefined) throw new DrillError("a reader answers one query at a time", { exit: "internal" });
    return new Promise((resolve, reject) => {
      if (this.#failure !== undefined) {
        reject(this.#failure);
        return;
      }
      this.#pending = { what, readRow, resolve, reject, rowsLeft: -1, rows: 0 };
      this.#socket.setTimeout(timeoutMs, () => this.#socket.destroy(new Error(`silent for ${timeoutMs} ms`)));
      this.#socket.write(encodeCommand(command));
    });
  }

  #receive(packet: Buffer, length: number): void {
    this.#append(packet, length);
    if (this.#line !== undefined) {
      const text = this.#store.toString("latin1", 0, this.#filled);
      if (!text.endsWith("\r\n")) return;
      this.#line.resolve(text);
      this.#line = undefined;
      this.#filled = 0;
      return;
    }
    const cursor = this.#cursor;
    cursor.use(this.#store, this.#filled);
    let done = 0;
    try {
      for (let more = true; more; done = cursor.at) more = this.#step(cursor);
    } catch (error) {
      if (error !== incomplete) return this.#fail(error);
    }
    this.#store.copyWithin(0, done, this.#filled);
    this.#filled -= done;
  }

  #append(packet: Buffer, length: number): void {
    const filled = this.#filled + length;
    if (filled > this.#store.length) {
      const larger = Buffer.allocUnsafeSlow(filled * 2);
      this.#store.copy(larger, 0, 0, this.#filled);
      this.#store = larger;
    }
    packet.copy(this.#store, this.#filled, 0, length);
    this.#filled = filled;
  }

  /** Reads one step of the reply: its header, one row, or its end. False when no reply is awaited any more. */
  #step(cursor: ReplyCursor): boolean {
    const pending = this.#pending;
    if (pending === undefined) return false;
    if (pending.rowsLeft < 0) {
      const error = cursor.error();
      if (error !== undefined)
        return this.#finish(() =>
          pending.reject(explainedAnswer(replyError(`${error} (${pending.what})`), this.#endpoint)),
        );
      const parts = cursor.array();
      if (parts === 3) cursor.skip();
      pending.rowsLeft = parts === 3 ? cursor.array() : 0;
      return true;
    }
    if (pending.rowsLeft > 0) {
      pending.readRow(cursor);
      pending.rowsLeft -= 1;
      pending.rows += 1;
      return true;
    }
    cursor.skip();
    return this.#finish(() => pending.resolve(pending.rows));
  }

  #finish(settle: () => void): boolean {
    this.#pending = undefined;
    this.#socket.setTimeout(0);
    this.#socket.removeAllListeners("timeout");
    settle();
    return false;
  }

  #fail(error: unknown): void {
    const pending = this.#pending;
    this.#pending = undefined;
    this.#failure ??= error;
    this.#socket.destroy();
    pending?.reject(error);
    this.#line?.reject(error);
    this.#line = undefined;
  }
}

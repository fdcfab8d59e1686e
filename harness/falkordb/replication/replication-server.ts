// Acts as the master for one restore: a server that is made `REPLICAOF` this address gets a snapshot, if there is one,
// and then the commands of a replication stream, which it applies as any replica does. Only a server with the password
// of this restore is answered, because the data goes over the wire in clear.
import { randomBytes, timingSafeEqual } from "node:crypto";
import { once } from "node:events";
import net from "node:net";
import { pipeline } from "node:stream/promises";
import { systemClock } from "../../base/clock.ts";
import { endedBy, reasonOf } from "../../base/deadline.ts";
import { DrillError, errorOf } from "../../base/errors.ts";
import { formatBytes } from "../../base/units.ts";
import { FatalProbeError, waitFor } from "../../base/wait.ts";
import { RequestParser } from "./replication-requests.ts";

export interface ReplicationServerOptions {
  readonly host: string;
  /** Snapshot to send; without one, the replica continues from its own data, whatever replication id it reports. */
  readonly snapshot?: { readonly source: AsyncIterable<Buffer>; readonly bytes: number };
  readonly signal: AbortSignal;
  /** Prefix of the password, which stays in the replica's `masterauth`: it shows which program made it a replica. */
  readonly mark?: string;
  /** Called once when the replica is lost: it left, or asked again, or the snapshot could not be read. */
  readonly onLost?: (error: Error) => void;
}

/** The replica, once it has asked for the stream. Offsets are its own. */
interface Attached {
  readonly socket: net.Socket;
  /** Offset at which the stream begins. */
  readonly from: number;
  sentBytes: number;
  /** Last acknowledged offset; -1 until the replica has loaded its snapshot. */
  acknowledged: number;
  heardAtMs: number;
}

/** Milliseconds for the commands that are still in flight when the last one has been sent. */
const timeoutMs = 3_600_000;
/** A replica writes an arriving snapshot to a file; one that reads no byte for this time is stuck. */
const takesNothingMs = 60_000;
/** What was aborted has so long to end by itself. */
const abortedMs = 1000;
/** A lost network is noticed after this and ten more seconds, even while the replica loads and is silent. */
const keepAliveMs = 5000;
/** A replica that hears nothing of its master for its `repl-timeout` leaves; that of a server under load comes early. */
const pingEveryMs = 1000;
const ping = Buffer.from("*1\r\n$4\r\nPING\r\n");
const acknowledgeNow = Buffer.from("*3\r\n$8\r\nREPLCONF\r\n$6\r\nGETACK\r\n$1\r\n*\r\n");

/** Serves one replica. Disposing closes everything. */
export class ReplicationServer implements AsyncDisposable {
  readonly password: string;
  readonly #server: net.Server;
  readonly #options: ReplicationServerOptions;
  readonly #sent = Promise.withResolvers<void>();
  #replica: Attached | undefined;
  #snapshotBytes = 0;
  /** Commands may be sent in part, so that nothing else may be sent between. */
  #isStreaming = false;
  #isOver = false;

  private constructor(options: ReplicationServerOptions) {
    this.#options = options;
    this.password = `${options.mark ?? ""}${randomBytes(24).toString("hex")}`;
    this.#server = net.createServer((socket) => this.#serve(socket));
    this.#sent.promise.catch(() => {});
  }

  static async listen(options: ReplicationServerOptions): Promise<ReplicationServer> {
    const server = new ReplicationServer(options);
    server.#server.listen({ host: options.host, port: 0 });
    await once(server.#server, "listening");
    return server;
  }

  get port(): number {
    return (this.#server.address() as net.AddressInfo).port;
  }

  /** Whether a replica has asked for the snapshot. */
  get asked(): boolean {
    return this.#replica !== undefined;
  }

  /** Milliseconds since the replica's last message; undefined until it has loaded, as it may be silent meanwhile. */
  get silentMs(): number | undefined {
    const replica = this.#replica;
    return replica === undefined || replica.acknowledged < 0
      ? undefined
      : systemClock.monotonicMs() - replica.heardAtMs;
  }

  /** Resolves when the last byte of the snapshot has been handed to the system; rejects when sending failed. */
  get sent(): Promise<void> {
    return this.#sent.promise;
  }

  /**
   * Sends complete commands to the replica; resolves when it has acknowledged the last one. Only the sockets buffer: a
   * replica reads on only when it has applied what it read.
   */
  async stream(commands: AsyncIterable<Buffer>, silenceMs: number): Promise<void> {
    const replica = this.#replica;
    if (replica === undefined) throw new DrillError("no replica has asked for the stream", { exit: "internal" });
    const { socket } = replica;
    // A live replica acknowledges its offset once per second.
    socket.setTimeout(silenceMs);
    this.#isStreaming = true;
    const counted = async function* (): AsyncGenerator<Buffer> {
      for await (const chunk of commands) {
        replica.sentBytes += chunk.length;
        yield chunk;
      }
    };
    try {
      await pipelineUntil(this.#options.signal, counted(), socket);
    } catch (error) {
      throw socket.errored === null ? error : gone(socket.errored);
    } finally {
      this.#isStreaming = false;
    }
    const end = replica.from + replica.sentBytes;
    socket.write(acknowledgeNow);
    replica.sentBytes += acknowledgeNow.length;
    const isApplied = (): true | undefined => {
      if (replica.acknowledged >= end) return true;
      if (socket.closed) throw new FatalProbeError(gone(socket.errored));
      return undefined;
    };
    const what = `the target to apply the stream up to its offset ${end}`;
    await waitFor(isApplied, {
      exit: "notRecovered",
      what,
      timeoutMs,
      intervalMs: 2,
      intervalMaxMs: 100,
      signal: this.#options.signal,
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOver = true;
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await (this.#server.listening ? once(this.#server, "close") : Promise.resolve());
  }

  readonly #sockets = new Set<net.Socket>();

  #serve(socket: net.Socket): void {
    this.#sockets.add(socket);
    socket.setKeepAlive(true, keepAliveMs);
    socket.on("close", () => {
      this.#sockets.delete(socket);
      if (this.#replica?.socket === socket) this.#lose(this.#left(socket.errored));
    });
    socket.on("error", () => socket.destroy());
    // Here and not in each call of `stream`: a replay makes one for each suspension of indexes.
    socket.on("timeout", () => socket.destroy(new Error(`it was silent for ${socket.timeout} ms`)));
    const parser = new RequestParser();
    let known = false;
    socket.on("data", (chunk: Buffer) => {
      if (this.#replica?.socket === socket) this.#replica.heardAtMs = systemClock.monotonicMs();
      for (const words of parser.push(chunk)) {
        const [name = "", ...rest] = words;
        if (name.toUpperCase() === "AUTH") {
          known = sameText(rest.at(-1) ?? "", this.password);
          socket.write(known ? "+OK\r\n" : "-WRONGPASS wrong password\r\n");
        } else if (known) this.#answer(socket, name.toUpperCase(), rest);
        else socket.write("-NOAUTH Authentication required.\r\n");
      }
    });
  }

  #answer(socket: net.Socket, name: string, rest: readonly string[]): void {
    switch (name) {
      case "PING":
        socket.write("+PONG\r\n");
        return;
      case "REPLCONF":
        // An acknowledgement is the only message that gets no reply.
        if (rest[0]?.toUpperCase() !== "ACK") socket.write("+OK\r\n");
        else if (this.#replica?.socket === socket) this.#replica.acknowledged = Number(rest[1]);
        return;
      case "PSYNC":
        if (this.#replica !== undefined) {
          // Its old connection may look alive from here after a network failure.
          this.#lose(this.#left(null));
          socket.end("-ERR this stream is sent once\r\n");
        } else this.#attach(socket, Number(rest[1]));
        return;
      default:
        socket.write("-ERR only a replication stream is served here\r\n");
    }
  }

  /** A replica asks for the byte after the last one that it has. */
  #attach(socket: net.Socket, wanted: number): void {
    const { snapshot } = this.#options;
    const from = snapshot === undefined ? Math.max(0, wanted - 1) : 0;
    const acknowledged = snapshot === undefined ? from : -1;
    this.#replica = { socket, from, sentBytes: 0, acknowledged, heardAtMs: systemClock.monotonicMs() };
    const replid = randomBytes(20).toString("hex");
    if (snapshot === undefined) {
      socket.write(`+CONTINUE ${replid}\r\n`);
      this.#keepAttached(this.#replica);
      return;
    }
    socket.write(`+FULLRESYNC ${replid} ${from}\r\n$${snapshot.bytes}\r\n`);
    void this.#send(this.#replica, snapshot.source);
  }

  /** Between the commands of a stream, and while the replica loads: it reads what arrived meanwhile first. */
  #keepAttached(replica: Attached): void {
    const { socket } = replica;
    const pings = setInterval(() => {
      if (this.#isStreaming) return;
      socket.write(ping);
      replica.sentBytes += ping.length;
    }, pingEveryMs);
    socket.once("close", () => clearInterval(pings));
  }

  async #send(replica: Attached, source: AsyncIterable<Buffer>): Promise<void> {
    const { signal } = this.#options;
    const { socket } = replica;
    let unreadable: unknown;
    const read = async function* (this: ReplicationServer): AsyncGenerator<Buffer> {
      try {
        for await (const chunk of source) {
          this.#snapshotBytes += chunk.length;
          yield chunk;
        }
      } catch (error) {
        unreadable = error;
        throw error;
      }
    };
    socket.setTimeout(takesNothingMs);
    try {
      // The connection stays open: a replica that has lost its master would report its link as down.
      await pipelineUntil(signal, read.call(this), socket);
      socket.setTimeout(0);
      this.#keepAttached(replica);
      this.#sent.resolve();
    } catch {
      if (signal.aborted) this.#lose(reasonOf(signal));
      else this.#lose(unreadable === undefined ? this.#left(socket.errored) : errorOf(unreadable));
      socket.destroy();
    }
  }

  #lose(error: Error): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#sent.reject(error);
    this.#options.onLost?.(error);
  }

  /** Possible reasons for a lost replica, as a hint. */
  #left(cause: Error | null): DrillError {
    const { snapshot } = this.#options;
    if (this.#replica === undefined || this.#replica.acknowledged >= 0 || snapshot === undefined) return gone(cause);
    const isWhole = this.#snapshotBytes === snapshot.bytes;
    const sent = `${formatBytes(this.#snapshotBytes)} of ${formatBytes(snapshot.bytes)}`;
    const why = cause === null ? "" : `: ${cause.message}`;
    return new DrillError(
      isWhole
        ? `the target was given the whole snapshot and left instead of loading it${why}`
        : `the target left in the middle of the snapshot, after ${sent}${why}`,
      { exit: "notRecovered", code: "target-refused", cause },
    );
  }
}

/** A pipeline waits for its source even when it was aborted, and a source that reads a store may wait for minutes. */
async function pipelineUntil(signal: AbortSignal, source: AsyncGenerator<Buffer>, socket: net.Socket): Promise<void> {
  await endedBy(pipeline(source, socket, { signal, end: false }), signal, abortedMs);
}

function gone(cause: unknown): DrillError {
  return new DrillError("the target left before it had applied the whole stream", {
    exit: "notRecovered",
    hint: "Its log says why; a command that crashes it would also crash it as a replica of the source.",
    cause,
  });
}

function sameText(given: string, expected: string): boolean {
  const a = Buffer.from(given);
  const b = Buffer.from(expected);
  return a.length === b.length && timingSafeEqual(a, b);
}

// Plays the master for one restore: a server that is told `REPLICAOF` this address asks for a snapshot and gets it. Only
// one that knows the password of this restore is answered, because the snapshot goes over the wire in clear.
import { randomBytes, timingSafeEqual } from "node:crypto";
import { once } from "node:events";
import net from "node:net";
import { pipeline } from "node:stream/promises";
import { DrillError } from "../base/errors.ts";
import { RequestParser } from "./replication-requests.ts";

export interface SnapshotServerOptions {
  readonly host: string;
  readonly snapshot: AsyncIterable<Buffer>;
  readonly bytes: number;
  readonly signal: AbortSignal;
}

/** Serves one snapshot to one replica. Disposing closes everything. */
export class SnapshotServer implements AsyncDisposable {
  readonly password: string = randomBytes(24).toString("hex");
  readonly #server: net.Server;
  readonly #options: SnapshotServerOptions;
  readonly #sent = Promise.withResolvers<void>();
  #asked = false;

  private constructor(options: SnapshotServerOptions) {
    this.#options = options;
    this.#server = net.createServer((socket) => this.#serve(socket));
    this.#sent.promise.catch(() => {});
  }

  static async listen(options: SnapshotServerOptions): Promise<SnapshotServer> {
    const server = new SnapshotServer(options);
    server.#server.listen({ host: options.host, port: 0 });
    await once(server.#server, "listening");
    return server;
  }

  get port(): number {
    return (this.#server.address() as net.AddressInfo).port;
  }

  /** Whether a replica has come as far as asking for the snapshot. */
  get asked(): boolean {
    return this.#asked;
  }

  /** Resolves when the last byte has been handed to the system; rejects when sending failed. */
  get sent(): Promise<void> {
    return this.#sent.promise;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await (this.#server.listening ? once(this.#server, "close") : Promise.resolve());
  }

  readonly #sockets = new Set<net.Socket>();

  #serve(socket: net.Socket): void {
    this.#sockets.add(socket);
    socket.on("close", () => this.#sockets.delete(socket));
    socket.on("error", () => socket.destroy());
    const parser = new RequestParser();
    let known = false;
    socket.on("data", (chunk: Buffer) => {
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
        // An acknowledgement is the one message that wants no answer.
        if (rest[0]?.toUpperCase() !== "ACK") socket.write("+OK\r\n");
        return;
      case "PSYNC":
        if (this.#asked) socket.end("-ERR this snapshot is sent once\r\n");
        else void this.#send(socket);
        return;
      default:
        socket.write("-ERR only a snapshot is served here\r\n");
    }
  }

  async #send(socket: net.Socket): Promise<void> {
    this.#asked = true;
    const { bytes, snapshot, signal } = this.#options;
    socket.write(`+FULLRESYNC ${randomBytes(20).toString("hex")} 0\r\n$${bytes}\r\n`);
    try {
      // The connection stays open: a replica whose master has gone would report its link as down.
      await pipeline(snapshot, socket, { signal, end: false });
      this.#sent.resolve();
    } catch (error) {
      this.#sent.reject(
        new DrillError("the snapshot did not reach the target", { exit: "notRecovered", cause: error }),
      );
      socket.destroy();
    }
  }
}

function sameText(given: string, expected: string): boolean {
  const a = Buffer.from(given);
  const b = Buffer.from(expected);
  return a.length === b.length && timingSafeEqual(a, b);
}

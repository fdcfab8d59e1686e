// A TCP proxy that forwards every byte until one of its faults fires, and records that it did.
import { once } from "node:events";
import net, { type AddressInfo } from "node:net";
import { pipeline } from "node:stream";
import { Draw } from "../../../generators/random.ts";
import type { Endpoint } from "../../base/endpoint.ts";
import { pace } from "../../base/timer.ts";
import type { FaultRecord } from "../fault-record.ts";
import { type Distance, DistanceStream } from "./distance.ts";
import type { NetworkFault, Traffic } from "./network-fault.ts";

type Direction = NetworkFault["direction"];

export interface FaultyProxy extends AsyncDisposable {
  readonly port: number;
  /** Injects a fault at once: into every open connection that it is for, and into those to come. */
  inject(fault: NetworkFault): void;
  /** Ends all faults: new connections work, those that are broken stay so, and those that were half open are reset. */
  recover(): void;
  /** One record for each fault, in the order in which they were given. */
  records(): readonly FaultRecord[];
  /** Bytes that passed so far, by connection. */
  traffic(): Traffic;
}

/**
 * Starts a proxy in front of a server, on a free port of 127.0.0.1. `faults` are the schedule; `inject` adds to it. With a
 * distance (milliseconds each way, share of segments lost), the server is so far away. The caller disposes of it.
 */
export async function faultyProxy(
  to: Pick<Endpoint, "host" | "port">,
  faults: readonly NetworkFault[] = [],
  distance?: Distance & { readonly seed: number },
): Promise<FaultyProxy> {
  const state: Schedule = { faults: faults.map((fault) => ({ fault, fired: false })), recovered: 0, distance };
  const links: Link[] = [];
  const server = net.createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
    const inner = net.connect({ ...to, allowHalfOpen: true, noDelay: true });
    links.push(new Link({ client, server: inner }, links.length + 1, state));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    inject: (fault) => {
      state.faults.push({ fault, fired: false });
      for (const link of links) link.harm();
    },
    recover: () => {
      state.recovered = state.faults.length;
      for (const link of links) link.recover();
    },
    records: () =>
      state.faults.map(({ fault, fired }) => ({ fault: `network-${fault.kind}`, fired, detail: { ...fault } })),
    traffic: () => links.map(({ passed }) => ({ ...passed })),
    [Symbol.asyncDispose]: async () => {
      for (const link of links) link.close();
      server.close();
      await once(server, "close");
    },
  };
}

interface Schedule {
  readonly faults: { readonly fault: NetworkFault; fired: boolean }[];
  /** Number of faults that are over. */
  recovered: number;
  readonly distance: (Distance & { readonly seed: number }) | undefined;
}

/** One connection through the proxy. */
class Link {
  readonly passed = { request: 0, answer: 0 };
  readonly #sockets: { readonly client: net.Socket; readonly server: net.Socket };
  readonly #number: number;
  readonly #schedule: Schedule;
  readonly #struck = new Set<NetworkFault>();
  readonly #closed = new AbortController();
  /** Pending while nothing passes. */
  #gate: Promise<void> = Promise.resolve();
  #isHalfOpen = false;
  #delayMs = 0;
  #bytesPerSecond = Number.POSITIVE_INFINITY;

  constructor(
    sockets: { readonly client: net.Socket; readonly server: net.Socket },
    number: number,
    schedule: Schedule,
  ) {
    this.#sockets = sockets;
    this.#number = number;
    this.#schedule = schedule;
    const { client, server } = sockets;
    for (const socket of [client, server]) socket.on("error", () => {});
    void this.#forward(client, server, "request");
    void this.#forward(server, client, "answer");
    this.harm();
  }

  /** Lets every fault fire whose byte is reached. */
  harm(): void {
    const { faults, recovered } = this.#schedule;
    for (const entry of faults.slice(recovered)) {
      const { fault } = entry;
      const isDue = this.#isFor(fault) && this.passed[fault.direction] >= fault.atByte;
      if (!isDue || this.#struck.has(fault) || this.#isClosed) continue;
      this.#struck.add(fault);
      entry.fired = true;
      this.#suffer(fault);
    }
  }

  recover(): void {
    if (this.#isHalfOpen) this.close();
    this.#delayMs = 0;
    this.#bytesPerSecond = Number.POSITIVE_INFINITY;
  }

  close(): void {
    this.#closed.abort();
    this.#sockets.client.resetAndDestroy();
    this.#sockets.server.resetAndDestroy();
  }

  get #isClosed(): boolean {
    return this.#closed.signal.aborted || this.#sockets.client.destroyed;
  }

  #isFor({ connection }: NetworkFault): boolean {
    return connection === undefined || connection === this.#number;
  }

  #suffer({ kind, ms = 0, bytesPerSecond }: NetworkFault): void {
    switch (kind) {
      case "delay":
        this.#delayMs = ms;
        return;
      case "throttle":
        this.#bytesPerSecond = bytesPerSecond ?? this.#bytesPerSecond;
        return;
      case "stall":
        this.#gate = pace(ms, this.#closed.signal);
        return;
      case "half-open":
        this.#isHalfOpen = true;
        this.#gate = Promise.withResolvers<void>().promise;
        return;
      case "reset":
        this.close();
        return;
      case "cut":
        this.#closed.abort();
        this.#sockets.client.destroySoon();
        this.#sockets.server.destroySoon();
    }
  }

  async #forward(from: net.Socket, into: net.Socket, direction: Direction): Promise<void> {
    try {
      for await (const chunk of this.#fromAfar(from, direction))
        for (const piece of this.#pieces(chunk, direction)) {
          await this.#pass(piece.length);
          if (this.#isClosed) return;
          if (!into.write(piece)) await once(into, "drain", { signal: this.#closed.signal });
          this.passed[direction] += piece.length;
          this.harm();
        }
      await this.#gate;
      into.end();
    } catch {
      // The other side is told what happened to this one.
      await this.#gate;
      into.resetAndDestroy();
    }
  }

  #fromAfar(from: net.Socket, direction: Direction): AsyncIterable<Buffer> {
    const { distance } = this.#schedule;
    if (distance === undefined) return from as AsyncIterable<Buffer>;
    const draw = new Draw(distance.seed, `distance ${this.#number} ${direction}`);
    // An error of the socket ends the stream with it, which this loop then sees.
    return pipeline(from, new DistanceStream(distance, draw), () => {}) as AsyncIterable<Buffer>;
  }

  async #pass(bytes: number): Promise<void> {
    await this.#gate;
    const ms = this.#delayMs + (bytes * 1000) / this.#bytesPerSecond;
    await pace(ms, this.#closed.signal);
  }

  /** Cuts a chunk where the next fault is due. */
  *#pieces(chunk: Buffer, direction: Direction): Generator<Buffer> {
    const begin = this.passed[direction];
    const cuts = this.#schedule.faults
      .filter(({ fault }) => this.#isFor(fault) && fault.direction === direction)
      .map(({ fault }) => fault.atByte - begin)
      .filter((at) => at > 0 && at < chunk.length)
      .sort((a, b) => a - b);
    let from = 0;
    for (const to of [...cuts, chunk.length]) {
      yield chunk.subarray(from, to);
      from = to;
    }
  }
}

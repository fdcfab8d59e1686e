// One raw connection to a Redis server, for the replication protocol: lines first, then a very long run of bytes. The
// bytes are read straight into the caller's buffer, because at gigabytes every copy of them costs a visible part of a
// second. While no read is pending the socket stops reading, and TCP holds the server back.
import type net from "node:net";
import { address, type Endpoint } from "../../base/endpoint.ts";
import { environmentError } from "../../base/errors.ts";
import { encodeCommand } from "../client/encode-command.ts";
import { openSocket } from "../client/socket.ts";

const scratchBytes = 64 * 1024;
const lineBytesMax = 8 * 1024;

interface Demand {
  readonly block: Buffer;
  filled: number;
  /** Inspects the block after each arrival; true completes the read. */
  readonly enough: (filled: number) => boolean;
  readonly resolve: (filled: number) => void;
  readonly reject: (error: Error) => void;
}

export class ReplicationLink implements AsyncDisposable {
  readonly endpoint: Endpoint;
  readonly #socket: net.Socket;
  readonly #scratch = Buffer.allocUnsafeSlow(scratchBytes);
  /** Bytes that arrived while no read was pending; never more than a few scratch buffers. */
  #early: Buffer = Buffer.alloc(0);
  #demand: Demand | undefined;
  #failure: Error | undefined;
  #paused = false;
  #lines: (() => void) | undefined;

  constructor(endpoint: Endpoint, timeoutMs: number, signal: AbortSignal) {
    this.endpoint = endpoint;
    this.#socket = openSocket(endpoint, {
      signal,
      onread: { buffer: () => this.#target(), callback: (bytes, where) => this.#arrived(bytes, where) },
    });
    this.#socket.setTimeout(timeoutMs, () =>
      this.#fail(new Error(`${address(endpoint)} sent nothing for ${timeoutMs} ms`)),
    );
    this.#socket.on("error", (error) => this.#fail(error));
    this.#socket.on("close", () => this.#fail(new Error(`${address(endpoint)} closed the connection`)));
  }

  send(...words: readonly string[]): void {
    this.#socket.write(encodeCommand(words));
  }

  /** The next line without its line end. The server sends empty lines as keep-alives. */
  async line(): Promise<string> {
    for (;;) {
      const end = this.#early.indexOf("\n");
      if (end >= 0) {
        const text = this.#early.toString("latin1", 0, end).trim();
        this.#early = this.#early.subarray(end + 1);
        if (text !== "") return text;
        continue;
      }
      if (this.#failure !== undefined) throw this.#failure;
      if (this.#early.length > lineBytesMax) throw environmentError(`${address(this.endpoint)} does not speak Redis`);
      await new Promise<void>((resolve) => {
        this.#lines = resolve;
        this.#flow();
      });
    }
  }

  /** Fills `block` from position `from` until it is full or `enough` is true; returns the position reached. */
  fill(block: Buffer, from: number, enough: (filled: number) => boolean): Promise<number> {
    const early = this.#early.copy(block, from);
    this.#early = this.#early.subarray(early);
    const filled = from + early;
    if (filled === block.length || (early > 0 && enough(filled))) return Promise.resolve(filled);
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    return new Promise((resolve, reject) => {
      this.#demand = { block, filled, enough, resolve, reject };
      this.#flow();
    });
  }

  /** Pauses reading until the next read: what arrives meanwhile waits in the kernel. */
  rest(): void {
    this.#paused = true;
    this.#socket.pause();
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#fail(new Error("it was closed"));
    return Promise.resolve();
  }

  #flow(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#socket.resume();
  }

  /** Buffer for the next bytes: that of the pending read, else the scratch buffer. It is in use until they arrive. */
  #target(): Uint8Array {
    return this.#demand === undefined ? this.#scratch : this.#demand.block.subarray(this.#demand.filled);
  }

  #arrived(bytes: number, where: Uint8Array): boolean {
    const demand = this.#demand;
    if (where === this.#scratch) this.#takeFromScratch(bytes, demand);
    else if (demand !== undefined) demand.filled += bytes;
    if (demand !== undefined && (demand.filled === demand.block.length || demand.enough(demand.filled))) {
      this.#demand = undefined;
      demand.resolve(demand.filled);
    }
    this.#wakeReader();
    this.#paused = this.#demand === undefined && this.#early.length >= lineBytesMax;
    return !this.#paused;
  }

  #takeFromScratch(bytes: number, demand: Demand | undefined): void {
    const taken = demand === undefined ? 0 : this.#scratch.copy(demand.block, demand.filled, 0, bytes);
    if (demand !== undefined) demand.filled += taken;
    if (taken < bytes) this.#early = Buffer.concat([this.#early, this.#scratch.subarray(taken, bytes)]);
  }

  #wakeReader(): void {
    const wake = this.#lines;
    this.#lines = undefined;
    wake?.();
  }

  #fail(error: Error): void {
    if (this.#failure !== undefined) return;
    this.#failure = environmentError(
      `the replication connection to ${address(this.endpoint)} broke: ${error.message}`,
      undefined,
      error,
    );
    this.#socket.destroy();
    this.#demand?.reject(this.#failure);
    this.#demand = undefined;
    this.#wakeReader();
  }
}

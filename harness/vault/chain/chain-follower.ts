// Follows one growing chain: the replication connection on one side, the vault on the other. It ends when it is
// stopped, or when one of the two sides fails; its chain then reaches as far as it was sealed.
import { type Clock, systemClock } from "../../base/clock.ts";
import type { Endpoint } from "../../base/endpoint.ts";
import { environmentError } from "../../base/errors.ts";
import { pace } from "../../base/timer.ts";
import type { Connection } from "../../falkordb/client/connection.ts";
import { StreamClient } from "../../falkordb/replication/stream-client.ts";
import { ChainWriter, type ChainWriterOptions } from "./chain-writer.ts";
import type { SealReason } from "./segment-manifest.ts";
import type { ChainHead } from "./segments.ts";

const chunkBytes = 64 * 1024;
/**
 * A server sends each command on its own. Reading them one by one would wake this process thousands of times a second,
 * perhaps on the server's own machine; so reads smaller than a few chunks are coalesced for a moment.
 */
const coalesceMs = 50;
const smallReadBytes = chunkBytes / 2;
const silenceMs = 60_000;
const beatMs = 1000;
const dueMs = 200;

export interface FollowerOptions extends ChainWriterOptions {
  readonly endpoint: Endpoint;
}

export class ChainFollower {
  readonly chain: ChainWriter;
  readonly base: string;
  readonly start: FollowerOptions["start"];
  readonly #options: FollowerOptions;
  readonly #stop = new AbortController();
  #ended: Promise<void> = Promise.resolve();
  readonly #clock: Clock;
  #client: StreamClient | undefined;
  /** Time since which the server has been awaited; undefined while the vault is. */
  #waitingSinceMs: number | undefined;

  constructor(options: FollowerOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.base = options.base;
    this.start = options.start;
    this.chain = new ChainWriter(options);
  }

  /** Resolves when following was stopped; rejects where the connection or the vault failed. */
  get ended(): Promise<void> {
    return this.#ended;
  }

  /** Asks the server to continue where this chain ends. Throws NotResumableError where it cannot. */
  async attach(connection: Connection): Promise<void> {
    await this.#client?.[Symbol.asyncDispose]();
    const { endpoint } = this.#options;
    const client = await StreamClient.connect(endpoint, { silenceMs, signal: this.#stop.signal });
    try {
      const position = this.chain.position;
      const replid = await client.resume(connection, position);
      if (replid !== position.replid)
        await this.chain.renamed(replid, {
          offset: position.offset,
          kind: "master-changed",
          message: "another server continues the stream; a replica may have differed from its master unnoticed",
        });
    } catch (error) {
      await client[Symbol.asyncDispose]();
      throw error;
    }
    this.#client = client;
    this.#ended = this.#follow(client);
    // The caller that awaits it gets the error; until then it must not count as an unhandled rejection.
    this.#ended.catch(() => {});
  }

  /** Stops reading, and seals what was received into the vault. */
  async stop(reason: SealReason, options: { readonly evenIfEmpty?: boolean } = {}): Promise<ChainHead> {
    await this.#detach();
    const head = await this.chain.seal(reason, options);
    // What came after the last boundary is incomplete, and will be sent again.
    await this.chain.abandon(new Error("the archive was stopped"));
    return head;
  }

  /** Ends at once and discards what is not sealed. */
  async abandon(error: unknown): Promise<void> {
    await this.#detach();
    await this.chain.abandon(error);
  }

  async #detach(): Promise<void> {
    this.#stop.abort(new Error("the archiver was stopped"));
    await this.#client?.[Symbol.asyncDispose]();
    await this.#ended.catch(() => {});
  }

  async #follow(client: StreamClient): Promise<void> {
    const failed = Promise.withResolvers<never>();
    failed.promise.catch(() => {});
    // Acknowledges how far the chain is in the vault, which is more than a replica's acknowledgement promises.
    const acknowledge = (): void => client.acknowledge(this.chain.sealed?.offset ?? this.#options.start.offset);
    acknowledge();
    const beat = setInterval(() => {
      acknowledge();
      const silentMs = this.#clock.monotonicMs() - (this.#waitingSinceMs ?? this.#clock.monotonicMs());
      if (silentMs > silenceMs) failed.reject(environmentError(`the server sent nothing for ${silenceMs} ms`));
    }, beatMs);
    const due = setInterval(() => void this.chain.sealWhenDue().catch((error: unknown) => failed.reject(error)), dueMs);
    try {
      await Promise.race([this.#readOn(client), failed.promise]);
    } catch (error) {
      if (!this.#stop.signal.aborted) throw error;
    } finally {
      clearInterval(beat);
      clearInterval(due);
      await client[Symbol.asyncDispose]();
    }
  }

  async #readOn(client: StreamClient): Promise<never> {
    const block = Buffer.allocUnsafeSlow(chunkBytes);
    for (;;) {
      // A live server sends at least a PING every ten seconds.
      this.#waitingSinceMs = this.#clock.monotonicMs();
      const bytes = await client.read(block);
      this.#waitingSinceMs = undefined;
      await this.chain.push(Buffer.from(block.subarray(0, bytes)));
      if (bytes >= smallReadBytes) continue;
      client.pauseReading();
      await pace(coalesceMs, this.#stop.signal);
    }
  }
}

// Follows the replication stream of a FalkorDB from an offset on, like a replica after a short disconnect. It never
// asks for a snapshot: where the server cannot continue from that offset, it reports why.
import { address, type Endpoint } from "../../base/endpoint.ts";
import { environmentError } from "../../base/errors.ts";
import type { Connection } from "../client/connection.ts";
import { type StreamPosition, introduce, type SnapshotClientOptions } from "./replication-client.ts";
import { ReplicationLink } from "./replication-link.ts";

/** Fields of INFO replication that decide whether the stream can be resumed. */
export type ReplicationInfo = Readonly<Record<string, string>>;

/** Undefined where the stream can continue after `cut`, else the reason, which begins with "the server". */
export function whyNotResumable(info: ReplicationInfo, cut: StreamPosition): string | undefined {
  const next = cut.offset + 1;
  const number = (field: string): number => Number(info[field] ?? Number.NaN);
  if (info["role"] !== "master") return "the server is a replica now";
  const isOwn = info["master_replid"] === cut.replid;
  const isInherited = info["master_replid2"] === cut.replid && next <= number("second_repl_offset");
  if (!isOwn && !isInherited) return "the server has begun another history: it was restarted, or another one took over";
  if (info["repl_backlog_active"] !== "1") return "the server keeps no backlog any more";
  const first = number("repl_backlog_first_byte_offset");
  if (next < first)
    return `the server's backlog begins at offset ${first}, ${first - next} bytes after what the chain holds (repl-backlog-size)`;
  if (next > first + number("repl_backlog_histlen")) return "the server is behind what the chain holds";
  return undefined;
}

export class StreamClient implements AsyncDisposable {
  readonly #link: ReplicationLink;

  private constructor(link: ReplicationLink) {
    this.#link = link;
  }

  static async connect(endpoint: Endpoint, options: SnapshotClientOptions): Promise<StreamClient> {
    const link = new ReplicationLink(endpoint, options.silenceMs, options.signal);
    try {
      await introduce(link);
      return new StreamClient(link);
    } catch (error) {
      await link[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Asks for the stream after `cut`; returns the replication id that it continues. `connection` is to that server. */
  async resume(connection: Connection, cut: StreamPosition): Promise<string> {
    // Checked beforehand, because the server sends a whole snapshot to a replica that cannot continue.
    const why = whyNotResumable(await connection.info("replication"), cut);
    if (why !== undefined) throw new NotResumableError(this.#link.endpoint, why);
    this.#link.send("PSYNC", cut.replid, String(cut.offset + 1));
    const answer = await this.#link.line();
    const match = /^\+CONTINUE(?: ([0-9a-f]{40}))?$/.exec(answer);
    if (match === null)
      throw new NotResumableError(this.#link.endpoint, `the server answered "${answer.slice(0, 100)}"`);
    return match[1] ?? cut.replid;
  }

  /** Waits for the next bytes of the stream; returns their number in `block`. */
  read(block: Buffer): Promise<number> {
    return this.#link.fill(block, 0, () => true);
  }

  /** Stops reading from the socket until the next read. */
  pauseReading(): void {
    this.#link.rest();
  }

  /** Acknowledges the offset reached. After a minute without it, the server closes the connection. */
  acknowledge(offset: number): void {
    this.#link.send("REPLCONF", "ACK", String(offset));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#link[Symbol.asyncDispose]();
  }
}

export class NotResumableError extends Error {
  override readonly name = "NotResumableError";
  /** The reason, as a sentence that begins with "the server". */
  readonly why: string;

  constructor(endpoint: Endpoint, why: string) {
    const told = environmentError(`${address(endpoint)} cannot continue where the chain ends: ${why}`);
    super(told.message);
    this.why = why;
  }
}

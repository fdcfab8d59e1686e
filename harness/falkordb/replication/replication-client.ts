// Takes a snapshot of a FalkorDB over the replication protocol: no file on the server's disk, and the answer to PSYNC
// marks the instant of the fork, which is the cut. This client never becomes an up-to-date replica: with `rdb-only`
// the server buffers no changes for it, so a slow backup costs the server no memory.
import { address, type Endpoint } from "../../base/endpoint.ts";
import { environmentError } from "../../base/errors.ts";
import { hintOf } from "../client/refused.ts";
import { ReplicationLink } from "./replication-link.ts";
import { type Ending, endingOf, SnapshotReader } from "./replication-snapshot.ts";

export interface StreamPosition {
  readonly replid: string;
  readonly offset: number;
}

export interface SnapshotClientOptions {
  /** Milliseconds of silence after which the connection counts as broken. */
  readonly silenceMs: number;
  readonly signal: AbortSignal;
}

/** A connection that is ready to ask for a snapshot. Disposing closes it; the server then stops its fork. */
export class SnapshotClient implements AsyncDisposable {
  readonly #link: ReplicationLink;

  private constructor(link: ReplicationLink) {
    this.#link = link;
  }

  /** Does all that can be done before the cut, so that the cut itself is one request and one reply. */
  static async connect(endpoint: Endpoint, options: SnapshotClientOptions): Promise<SnapshotClient> {
    const link = new ReplicationLink(endpoint, options.silenceMs, options.signal);
    try {
      await introduce(link);
      // Servers before 7.0 do not know it; they buffer the changes during the transfer in memory.
      link.send("REPLCONF", "rdb-only", "1");
      await link.line();
      return new SnapshotClient(link);
    } catch (error) {
      await link[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Asks for the snapshot. The answer comes when the server has decided to fork at this offset. */
  async cut(): Promise<StreamPosition> {
    this.#link.send("PSYNC", "?", "-1");
    const answer = await this.#link.line();
    const match = /^\+FULLRESYNC ([0-9a-f]{40}) (\d+)$/.exec(answer);
    if (match?.[1] === undefined || match[2] === undefined) throw refused(this.#link.endpoint, "PSYNC", answer);
    return { replid: match[1], offset: Number(match[2]) };
  }

  /** The RDB after the cut, in blocks of one size. The server waits while the caller does not read. */
  async snapshot(): Promise<SnapshotReader> {
    const header = await this.#link.line();
    const ending: Ending | undefined = endingOf(header);
    if (ending === undefined) throw refused(this.#link.endpoint, "the snapshot", header);
    return new SnapshotReader(this.#link, ending);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#link[Symbol.asyncDispose]();
  }
}

/** Authenticates and announces this client as a replica. */
export async function introduce(link: ReplicationLink): Promise<void> {
  const { username, password } = link.endpoint;
  if (password !== undefined) await expectOk(link, "AUTH", ...(username === undefined ? [] : [username]), password);
  await expectOk(link, "PING");
  await expectOk(link, "REPLCONF", "capa", "eof", "capa", "psync2");
}

async function expectOk(link: ReplicationLink, ...words: readonly string[]): Promise<void> {
  link.send(...words);
  const answer = await link.line();
  // The password is one of the arguments, so the error names only the command.
  if (!answer.startsWith("+")) throw refused(link.endpoint, words[0] ?? "", answer);
}

function refused(endpoint: Endpoint, what: string, answer: string): Error {
  return environmentError(
    `${address(endpoint)} refused ${what} with "${answer.slice(0, 200)}"`,
    hintOf(answer, endpoint) ?? "docs/guides/least-rights.md lists what a backup asks of a server.",
  );
}

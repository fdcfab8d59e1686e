// A piece of the replication stream that the server still has: the bytes between two offsets, as an archiver that was
// away for that time would get them.
import { environmentError } from "../../base/errors.ts";
import type { Connection } from "../../falkordb/client/connection.ts";
import { ReplicationLink } from "../../falkordb/replication/replication-link.ts";
import type { PartSource } from "../../vault/parts/write-parts.ts";
import { SnapshotReader } from "../../falkordb/replication/replication-snapshot.ts";

const silenceMs = 60_000;
/** It takes memory only for what is written, and a tenth of a graph must fit. */
const backlogBytes = 4 * 2 ** 30;

/** Makes the server keep its stream from now on; call it before the first backup. */
export async function keepStream(connection: Connection): Promise<void> {
  await connection.command("CONFIG", "SET", "repl-backlog-size", backlogBytes, "repl-backlog-ttl", 0);
}

/** The bytes (from, to] of the stream. */
export async function openStream(
  { endpoint }: Connection,
  replid: string,
  from: number,
  to: number,
  signal: AbortSignal,
): Promise<PartSource & AsyncDisposable> {
  const link = new ReplicationLink(endpoint, silenceMs, signal);
  try {
    if (endpoint.password !== undefined) await ask(link, "AUTH", "default", endpoint.password);
    await ask(link, "REPLCONF", "capa", "eof", "capa", "psync2");
    await ask(link, "PSYNC", replid, String(from + 1));
  } catch (error) {
    await link[Symbol.asyncDispose]();
    throw error;
  }
  let bytes = 0;
  return {
    get bytes() {
      return bytes;
    },
    read: async (block) => {
      const wanted = Math.min(to - from - bytes, block.length - SnapshotReader.slackBytes);
      if (wanted > 0) await link.fill(block.subarray(0, wanted), 0, (filled) => filled === wanted);
      bytes += wanted;
      return wanted;
    },
    [Symbol.asyncDispose]: () => link[Symbol.asyncDispose](),
  };
}

async function ask(link: ReplicationLink, ...words: readonly string[]): Promise<void> {
  link.send(...words);
  const answer = await link.line();
  if (!answer.startsWith("+") || answer.startsWith("+FULLRESYNC"))
    throw environmentError(`the server answered ${words[0] ?? ""} with "${answer.slice(0, 80)}"`);
}

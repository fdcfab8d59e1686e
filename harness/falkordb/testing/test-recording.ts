// A snapshot and the stream after it, recorded from a running server into memory. For tests.
import type { Endpoint } from "../../base/endpoint.ts";
import { waitFor } from "../../base/wait.ts";
import { connect } from "../client/connection.ts";
import { ReplicationLink } from "../replication/replication-link.ts";
import { streamOffset } from "../client/stream-offset.ts";
import { endingOf, SnapshotReader } from "../replication/replication-snapshot.ts";

export interface Recording extends AsyncDisposable {
  readonly snapshot: Buffer;
  readonly cut: number;
  /** The stream from the cut to where the server is now. */
  stream(): Promise<Buffer>;
}

const blockBytes = 2 ** 20;

export async function record(endpoint: Endpoint): Promise<Recording> {
  await using connection = await connect(endpoint);
  await connection.command("CONFIG", "SET", "repl-diskless-sync-delay", "0");
  const link = new ReplicationLink(endpoint, 60_000, new AbortController().signal);
  const ask = (...words: string[]): Promise<string> => {
    link.send(...words);
    return link.line();
  };
  if (endpoint.password !== undefined) await ask("AUTH", endpoint.password);
  await ask("REPLCONF", "capa", "eof", "capa", "psync2");
  const cut = Number((await ask("PSYNC", "?", "-1")).split(" ")[2]);
  const ending = endingOf(await link.line());
  if (ending === undefined) throw new Error("the server sent no snapshot");
  const snapshot = await snapshotOf(new SnapshotReader(link, ending));
  const chunks: Buffer[] = [];
  let received = 0;
  const follow = async (): Promise<void> => {
    for (;;) {
      const block = Buffer.alloc(blockBytes);
      const filled = await link.fill(block, 0, () => true);
      chunks.push(block.subarray(0, filled));
      received += filled;
    }
  };
  // The loop ends when the connection closes.
  follow().catch(() => {});
  return {
    snapshot,
    cut,
    stream: async () => {
      await using asking = await connect(endpoint);
      const end = await streamOffset(asking);
      const isThere = (): true | undefined => {
        // The stream begins with the first acknowledgement after the server has finished its transfer.
        link.send("REPLCONF", "ACK", String(cut + received));
        return cut + received >= end ? true : undefined;
      };
      await waitFor(isThere, { what: "the stream", timeoutMs: 20_000 });
      return Buffer.concat(chunks).subarray(0, end - cut);
    },
    [Symbol.asyncDispose]: () => link[Symbol.asyncDispose](),
  };
}

async function snapshotOf(reader: SnapshotReader): Promise<Buffer> {
  const parts: Buffer[] = [];
  for (;;) {
    const block = Buffer.alloc(blockBytes);
    const bytes = await reader.read(block);
    parts.push(block.subarray(0, bytes));
    if (bytes < blockBytes - SnapshotReader.slackBytes) return Buffer.concat(parts);
  }
}

// The content of graphs on a running server, read from a snapshot that it is asked for as a replica would. It begins
// after the server's repl-diskless-sync-delay.
import type { Endpoint } from "../../base/endpoint.ts";
import { SnapshotClient } from "../replication/replication-client.ts";
import { SnapshotReader } from "../replication/replication-snapshot.ts";
import { ContentVisitor, type DecodedGraph, walkSnapshot } from "./content-visitor.ts";

const blockBytes = 1 << 20;
/** How long the server may not answer before its connection counts as broken. */
const silenceMs = 60_000;

export async function decodedContent(
  endpoint: Endpoint,
  isWanted: (name: string, database: number) => boolean,
  signal: AbortSignal,
): Promise<readonly DecodedGraph[]> {
  await using client = await SnapshotClient.connect(endpoint, { silenceMs, signal });
  await client.cut();
  const visitor = new ContentVisitor(isWanted);
  await walkSnapshot(blocksOf(await client.snapshot()), visitor);
  return visitor.result();
}

/** Each block is valid until the next one is asked for. */
async function* blocksOf(reader: SnapshotReader): AsyncGenerator<Buffer> {
  const block = Buffer.allocUnsafeSlow(blockBytes + SnapshotReader.slackBytes);
  for (let read = await reader.read(block); read > 0; read = await reader.read(block)) yield block.subarray(0, read);
}

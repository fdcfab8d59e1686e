// The two transports of an episode into the graph: through the graph service, whose pause holds it, or directly to the
// engine with Graphiti's own sequence of queries, which nothing holds.
import { type EpisodeMessage, episodeWrites } from "../../generators/writes/episode-writes.ts";
import { graphitiIndexes } from "../../generators/schema/graphiti-schema.ts";
import { indexStatements } from "../../generators/schema/index-statements.ts";
import { address } from "../base/endpoint.ts";
import { usageError } from "../base/errors.ts";
import { connect, type Connection } from "../falkordb/client/connection.ts";
import { writeEpisode } from "../falkordb/load/write-episode.ts";
import { episodeMessageBody } from "../service/messages.ts";
import { isReplyError } from "../falkordb/client/reply.ts";
import { type Attempt, WriterConnection } from "./writer-connection.ts";
import { attemptWrite } from "./write-attempt.ts";

export interface EpisodeTransport {
  /** Completes the sentence "no write through ...". */
  readonly name: string;
  readonly hint: string;
  /** Prepares what must exist before the first write. */
  prepare(graphs: readonly string[]): Promise<void>;
  /** Opens one writer's own client. */
  open(): EpisodeClient;
}

export interface EpisodeClient extends AsyncDisposable {
  /** `retryAfterMs`: how long a refusal asks to wait. */
  write(message: EpisodeMessage): Promise<Attempt & { readonly retryAfterMs?: number | undefined }>;
}

export function serviceTransport(url: string, attemptTimeoutMs: number): EpisodeTransport {
  if (!URL.canParse(url)) throw usageError(`"${url}" is not the URL of a graph service`);
  const messages = new URL("/messages", url);
  return {
    name: url,
    hint: "is this the URL of a graph service, and is its /healthcheck green?",
    prepare: () => Promise.resolve(),
    open: () => ({
      write: (message) => attemptWrite(messages, episodeMessageBody(message), attemptTimeoutMs),
      [Symbol.asyncDispose]: () => Promise.resolve(),
    }),
  };
}

export function engineTransport(endpoint: Connection["endpoint"]): EpisodeTransport {
  return {
    name: address(endpoint),
    hint: "is this the address of a FalkorDB?",
    // Before the first write, so that no graph has only half of its indexes.
    prepare: async (graphs) => {
      await using connection = await connect(endpoint);
      for (const graph of new Set(graphs)) {
        for (const statement of indexStatements(graphitiIndexes)) await connection.query(graph, statement);
      }
    },
    open: () => {
      const line = new WriterConnection(endpoint);
      return {
        write: (message) => line.attempt((connection) => sendEpisode(connection, message)),
        [Symbol.asyncDispose]: () => line[Symbol.asyncDispose](),
      };
    },
  };
}

async function sendEpisode(connection: Connection, message: EpisodeMessage): Promise<Attempt> {
  let sent = 0;
  try {
    await writeEpisode(connection, message.groupId, episodeWrites(message), () => void (sent += 1));
    return { outcome: "ok" };
  } catch (error) {
    if (!isReplyError(error)) throw error;
    // Its first queries are stored, and are not undone.
    return { outcome: sent === 0 ? "failed" : "unknown", reason: error.message };
  }
}

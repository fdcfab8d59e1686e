// An application in front of the graph that acknowledges before it stores, as Graphiti's add_memory does: it queues an
// episode, answers success, and later searches for duplicates and writes. What fails then is known to its log only.
import type { EpisodeMessage } from "../../../../generators/writes/episode-message.ts";
import { episodeWrites } from "../../../../generators/writes/episode-writes.ts";
import type { Connection } from "../../../falkordb/client/connection.ts";
import { writeEpisode } from "../../../falkordb/load/write-episode.ts";

export class QueueingApplication {
  /** Uuids of the episodes that it dropped, in their order. */
  readonly dropped: string[] = [];
  readonly #connection: Connection;
  readonly #searched: string;
  #work: Promise<void> = Promise.resolve();

  /** `searched`: the graph that is searched before each write. */
  constructor(connection: Connection, searched: string) {
    this.#connection = connection;
    this.#searched = searched;
  }

  /** Returns at once: the acknowledgement. */
  accept(message: EpisodeMessage): void {
    this.#work = this.#work.then(() => this.#store(message));
  }

  /** Resolves when the queue is empty. */
  async settled(): Promise<void> {
    await this.#work;
  }

  async #store(message: EpisodeMessage): Promise<void> {
    try {
      await this.#connection.command("GRAPH.RO_QUERY", this.#searched, searchForDuplicates);
      await writeEpisode(this.#connection, message.groupId, episodeWrites(message));
    } catch {
      this.dropped.push(message.uuid);
    }
  }
}

/** Compares all pairs, so that a thousand nodes take as long as the search of a large graph. */
const searchForDuplicates = "MATCH (a), (b) WHERE a.uuid < b.uuid AND a.name ENDS WITH b.name RETURN count(*)";

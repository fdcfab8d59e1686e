// The write operations of the service. They are stored in the journal as the JSON that was received, so that a restart
// writes exactly what was accepted; what the request left open (uuid, times) was filled in before.
import { episodeWrites } from "../../../../generators/writes/episode-writes.ts";
import { writeEpisode } from "../../../falkordb/load/write-episode.ts";
import type { Database } from "../database.ts";
import type { Graphs } from "./graphs.ts";
import { removeEpisode } from "./remove-episode.ts";
import { type EntityNode, entityStatement, type StoredMessage, toEpisodeMessage } from "./requests.ts";

export type Operation =
  | { readonly kind: "episodes"; readonly groupId: string; readonly messages: readonly StoredMessage[] }
  | { readonly kind: "entity-node"; readonly groupId: string; readonly node: EntityNode }
  | { readonly kind: "delete-episode"; readonly groupId: string; readonly uuid: string };

/** Outcome of a removal. */
export interface Removal {
  readonly removed: boolean;
}

export async function applyOperation(database: Database, graphs: Graphs, operation: Operation): Promise<unknown> {
  const { groupId } = operation;
  return database.use(async (connection) => {
    switch (operation.kind) {
      case "episodes":
        await graphs.ensure(connection, groupId);
        for (const message of operation.messages) {
          await writeEpisode(connection, groupId, episodeWrites(toEpisodeMessage(groupId, message)));
        }
        return undefined;
      case "entity-node":
        await graphs.ensure(connection, groupId);
        await writeEpisode(connection, groupId, [entityStatement(operation.node)]);
        return undefined;
      case "delete-episode":
        return { removed: await removeEpisode(connection, groupId, operation.uuid) } satisfies Removal;
    }
  });
}

import type { StreamCommand } from "../replication/replication-commands.ts";

/** Of one change in an effect of many, with all that Graphiti stores but an embedding. */
const bytesOfChange = 1024;

/** How many changes there are in a GRAPH.EFFECT, by its size: the payload itself is not read, and may be a whole graph. */
export function changesIn({ argBytes: [, payload = 0] }: Pick<StreamCommand, "argBytes">): number {
  return 1 + Math.floor(payload / bytesOfChange);
}

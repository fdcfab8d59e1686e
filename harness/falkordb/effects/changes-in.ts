import type { StreamCommand } from "../replication/replication-commands.ts";

/** Estimated bytes of one change in a large effect, with all that Graphiti stores except an embedding. */
const bytesOfChange = 1024;

/** Estimates the changes in a GRAPH.EFFECT from its size: the payload, which may be a whole graph, is not read. */
export function changesIn({ argBytes: [, payload = 0] }: Pick<StreamCommand, "argBytes">): number {
  return 1 + Math.floor(payload / bytesOfChange);
}

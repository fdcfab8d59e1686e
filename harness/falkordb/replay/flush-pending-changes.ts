// A replica of FalkorDB 4.16 keeps effects as pending changes of its matrices, and nothing in a stream makes it flush
// them; yet each new effect goes through all pending ones (GB_wait under Tensor_SetEdges and Graph_GetNodeLabels). So
// it slows down with each change, and the time of a replay grows with the square of its length. A read flushes them if
// more than DELTA_MAX_PENDING_CHANGES are pending. So a small read, which changes nothing, is inserted now and then.
import { changesIn } from "../effects/changes-in.ts";
import type { StreamCommand } from "../replication/replication-commands.ts";

/**
 * Changes of one graph between two reads. A flush costs time by the size of the graph, pending changes by their number:
 * between 300 and 3,000 no difference could be measured for graphs of 100,000 entities, and larger ones want more.
 */
const changesBetween = 1000;

/** Setting for the duration of a replay: a read then flushes all pending changes. */
export const flushAlways = { name: "DELTA_MAX_PENDING_CHANGES", value: 1 } as const;

/** Reads the labels of a node and an edge of any type, and so touches every edge matrix. */
const read = "MATCH (n) WITH n, labels(n) AS names LIMIT 100 OPTIONAL MATCH (n)-[e]->() RETURN names, e LIMIT 1";

export class PendingChangesFlusher {
  readonly #waiting = new Map<string, number>();
  /** A graph with many changes, in a transaction that has not ended yet. */
  #due: string | undefined;

  /** The command to send after this one, if a flush is due; `database` is the one selected then. */
  after(command: StreamCommand, database: number): readonly string[] | undefined {
    const { name, args, isBoundary } = command;
    if (name === "GRAPH.EFFECT") this.#count(args[0]?.toString("utf8") ?? "", database, changesIn(command));
    // After any other command the graph may be gone; its next change makes it due again.
    else if (name !== "EXEC") this.#due = undefined;
    if (!isBoundary || this.#due === undefined) return undefined;
    const graph = this.#due;
    this.#due = undefined;
    this.#waiting.delete(`${database}/${graph}`);
    return ["GRAPH.RO_QUERY", graph, read];
  }

  #count(graph: string, database: number, changes: number): void {
    const key = `${database}/${graph}`;
    const waiting = (this.#waiting.get(key) ?? 0) + changes;
    this.#waiting.set(key, waiting);
    if (waiting >= changesBetween) this.#due = graph;
  }
}

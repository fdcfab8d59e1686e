// A replica of FalkorDB 4.16 keeps effects as changes that wait beside its matrices, and nothing of a stream makes it fold
// them in; yet for every new effect it goes through all that wait (GB_wait under Tensor_SetEdges and Graph_GetNodeLabels).
// So it gets slower with each change, and a long replay takes the square of its length. A read folds them, if more wait
// than DELTA_MAX_PENDING_CHANGES. Therefore a small one is put into the stream now and then, which changes nothing.
import { changesIn } from "../effects/changes-in.ts";
import type { StreamCommand } from "../replication/replication-commands.ts";

/**
 * Changes of one graph between two reads. Folding costs time by the size of the graph, waiting by the number of changes:
 * between 300 and 3,000 no difference could be measured for graphs of 100,000 entities, and larger ones want more.
 */
const changesBetween = 1000;

/** To be set while a stream is replayed, so that a read folds whatever waits. */
export const flushAlways = { name: "DELTA_MAX_PENDING_CHANGES", value: 1 } as const;

/** It looks at the labels of a node and at an edge without a given type, which is to say into every matrix of edges. */
const read = "MATCH (n) WITH n, labels(n) AS names LIMIT 100 OPTIONAL MATCH (n)-[e]->() RETURN names, e LIMIT 1";

export class PendingChangesFlusher {
  readonly #waiting = new Map<string, number>();
  /** A graph with many changes, in a transaction that has not come to its end. */
  #due: string | undefined;

  /** The command to be sent after this one, if it is time; `database` is the one that is selected then. */
  after(command: StreamCommand, database: number): readonly string[] | undefined {
    const { name, args, isBoundary } = command;
    if (name === "GRAPH.EFFECT") this.#count(args[0]?.toString("utf8") ?? "", database, changesIn(command));
    // Whatever it is, after it the graph may be gone; its next change will tell.
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

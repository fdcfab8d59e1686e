// The schemas that a replica of the stream has, and the commands of the stream that do not fit them: a change that
// names a number which no label, type or property key of its graph has there, and a graph that was never replicated.
import type { NameKind } from "../../../falkordb/effects/graph-effects.ts";
import { type GraphNames, noNames, type ReplicaGraph, ReplicaGraphs } from "./replica-graphs.ts";
import type { Hazard } from "../segment-manifest.ts";

/** The largest number of each kind; -1 for none. */
export type Uses = Readonly<Record<NameKind, number>>;
export const nameKinds = ["labels", "types", "propertyKeys"] as const;

const spoken: Readonly<Record<NameKind, string>> = {
  labels: "label",
  types: "relationship type",
  propertyKeys: "property key",
};

export class ReplicaSchemas {
  readonly graphs: ReplicaGraphs = new ReplicaGraphs();
  #found: Hazard[] = [];

  /** Returns what was found since the last call. */
  take(): Hazard[] {
    return this.#found.length === 0 ? this.#found : this.#found.splice(0);
  }

  uses(database: number, name: string, uses: Uses, offset: number): void {
    const { names } = this.#graph(database, name);
    if (names === undefined) return;
    const { labels, types, propertyKeys } = names;
    // The usual case, thousands of times a second.
    if (uses.labels < labels.length && uses.types < types.length && uses.propertyKeys < propertyKeys.length) return;
    const missing = nameKinds.find((kind) => uses[kind] >= names[kind].length);
    if (missing === undefined) return;
    this.forget(database, name);
    const counted = `${spoken[missing]} number ${uses[missing]}, a replica has ${names[missing].length}`;
    const why = "a query left a name that was not replicated, or two brought names at once";
    this.#found.push(unlogged(name, offset, `a change names ${counted}: ${why}`));
  }

  /** A new label or type is added when it is replicated; names of other kinds only if they do not exist yet. */
  adds(database: number, name: string, kind: NameKind, added: readonly string[], offset: number, asTold = false): void {
    const graph = this.#graph(database, name);
    if (graph.names === undefined) return;
    const there = graph.names[kind];
    const fresh = asTold ? added : [...new Set(added)].filter((each) => !there.includes(each));
    if (fresh.length === 0) return;
    const names = { ...graph.names, [kind]: [...there, ...fresh] };
    this.graphs.set({ ...graph, names, since: graph.since ?? offset });
  }

  unreadable(database: number, name: string, offset: number): void {
    if (this.#graph(database, name).names === undefined) return;
    this.forget(database, name);
    this.#found.push(
      unlogged(name, offset, "a change is not in the form that FalkorDB 4.16 writes, so what it names is not known"),
    );
  }

  /** The names of the graph are unknown from here on. */
  forget(database: number, name: string): void {
    const { since: _, ...graph } = this.#graph(database, name);
    this.graphs.set({ ...graph, names: undefined });
  }

  /** A graph created whole, from a payload. */
  made(database: number, name: string, names: GraphNames | undefined, offset: number): void {
    const graph = this.graphs.create(database, name, names);
    if (names !== undefined) this.graphs.set({ ...graph, since: offset });
  }

  deleted(database: number, name: string, offset: number): void {
    if (this.graphs.get(database, name) === undefined) {
      const message = "a graph is deleted that the stream did not replicate, which is an error on a replica";
      this.#found.push({ offset, kind: "graph-unlogged", graph: name, message });
    }
    this.graphs.delete(database, name);
  }

  renamed(database: number, from: string, to: string): void {
    const graph = this.graphs.get(database, from);
    this.graphs.delete(database, from);
    if (graph === undefined) this.graphs.delete(database, to);
    else this.graphs.set({ ...graph, name: to });
  }

  flushed(database: number | "all"): void {
    for (const graph of this.graphs.all().toArray())
      if (database === "all" || graph.database === database) this.graphs.delete(graph.database, graph.name);
  }

  forgetAll(): void {
    for (const { database, name } of this.graphs.all().toArray()) this.forget(database, name);
  }

  /** A constraint that comes into force is replicated in database 0, whatever database its graph is in. */
  constrained(database: number, name: string, offset: number): void {
    const isElsewhere = this.graphs.all().some((graph) => graph.name === name && graph.database !== database);
    if (database !== 0 || !isElsewhere) return;
    const message = "a constraint of a graph in another database is replicated in database 0, where a replica creates it";
    this.#found.push({ offset, kind: "databases-mixed", graph: name, message });
  }

  /** Names of the graphs, in any database. */
  graphNames(): ReadonlySet<string> {
    return new Set(this.graphs.all().map(({ name }) => name));
  }

  /** The graphs with names that the source has not confirmed. */
  unconfirmed(): ReplicaGraph[] {
    const isOpen = ({ names, since }: ReplicaGraph): boolean => names !== undefined && since !== undefined;
    return this.graphs.all().filter(isOpen).toArray();
  }

  /** The requested names match the source's. Those that came meanwhile are not confirmed yet. */
  confirm(graph: ReplicaGraph): void {
    const { since: _, ...asked } = graph;
    const now = this.graphs.get(asked.database, asked.name);
    if (now?.life === asked.life && now.names === asked.names) this.graphs.set(asked);
  }

  /** The source's names differ from the expected ones. This says nothing about a graph that has been deleted. */
  refute({ database, name, life, since = 0 }: ReplicaGraph): void {
    const now = this.graphs.get(database, name);
    if (now?.life !== life || now.names === undefined) return;
    this.forget(database, name);
    this.#found.push(unlogged(name, since, "the source has other labels, types or property keys than were replicated"));
  }

  /** The source has the graph, and the stream has not replicated it since `offset`. */
  untold(name: string, offset: number): void {
    this.graphs.create(0, name, undefined);
    const message = "the source has a graph that was not replicated: a query created it without changing it";
    this.#found.push({ offset, kind: "graph-unlogged", graph: name, message });
  }

  /** A change creates the graph that it is for. */
  #graph(database: number, name: string): ReplicaGraph {
    return this.graphs.get(database, name) ?? this.graphs.create(database, name, noNames);
  }
}

function unlogged(graph: string, offset: number, message: string): Hazard {
  return { offset, kind: "schema-unlogged", graph, message };
}

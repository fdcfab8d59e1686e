// The graphs that a replica of a stream has, each with the names of its labels, relationship types and property keys in
// the order of their numbers. A seal needs their state at the last boundary of the stream, which may be some commands
// back.
import type { NameKind } from "../../../falkordb/effects/graph-effects.ts";
import type { Manifest, ManifestSchema } from "../../store/manifest.ts";

export type GraphNames = Readonly<Record<NameKind, readonly string[]>>;

export interface ReplicaGraph {
  readonly database: number;
  readonly name: string;
  /** Undefined where the names cannot be known. */
  readonly names: GraphNames | undefined;
  /** Offset from which on names have come that the source's own list has not confirmed. */
  readonly since?: number;
  /** Distinguishes the graph from an earlier one of the same name. */
  readonly life: number;
}

/** What differs from the base, as a segment's manifest keeps it. */
export interface GraphChange {
  readonly database: number;
  readonly name: string;
  /** Position in the list of names, each of which is written once. */
  readonly names: number | "unknown" | "gone";
  readonly since?: number;
}

export interface GraphChanges {
  readonly graphs: readonly GraphChange[];
  readonly names: readonly GraphNames[];
}

export const noNames: GraphNames = { labels: [], types: [], propertyKeys: [] };

export class ReplicaGraphs {
  /** Graphs by database, then by name. */
  readonly #graphs = new Map<number, Map<string, ReplicaGraph>>();
  /** Keys of the graphs that differ from the base. */
  readonly #changed = new Set<string>();
  /** State at the last boundary of the graphs that have changed since. */
  readonly #before = new Map<string, ReplicaGraph | undefined>();
  #lives = 0;
  #isListed = true;

  /**
   * Loads the graphs of the base. They need no confirming: slots that a query left before the cut are in the snapshot
   * too.
   */
  load(content: NonNullable<Manifest["content"]>): void {
    const names = content.schemas.map(namesOf);
    for (const { name, database = 0, schema } of content.graphs) {
      const graph = { database, name, names: names[schema], life: this.#lives++ };
      this.#put(database, name, graph);
    }
  }

  /** Applies the changes that the chain had made up to the point where it continues. */
  resume({ graphs = [], names: lists = [] }: Partial<GraphChanges>): void {
    for (const { names, ...graph } of graphs) {
      if (names === "gone") this.delete(graph.database, graph.name);
      else this.set({ ...graph, names: names === "unknown" ? undefined : lists[names], life: this.#lives++ });
    }
    this.boundary();
    this.#isListed = true;
  }

  get(database: number, name: string): ReplicaGraph | undefined {
    return this.#graphs.get(database)?.get(name);
  }

  all(): IteratorObject<ReplicaGraph> {
    return this.#graphs.values().flatMap((graphs) => graphs.values());
  }

  /** Creates a graph that did not exist. */
  create(database: number, name: string, names: GraphNames | undefined): ReplicaGraph {
    return this.set({ database, name, names, life: this.#lives++ });
  }

  set(graph: ReplicaGraph): ReplicaGraph {
    this.#change(graph.database, graph.name, graph);
    return graph;
  }

  delete(database: number, name: string): void {
    if (this.get(database, name) !== undefined) this.#change(database, name, undefined);
  }

  /** Marks a boundary, at which the stream may be cut. */
  boundary(): void {
    if (this.#before.size > 0) this.#before.clear();
  }

  /** What differs from the base at the last boundary; undefined where nothing has changed since the last list. */
  list(): GraphChanges | undefined {
    if (this.#isListed) return undefined;
    // What has changed after the boundary belongs to the next list.
    this.#isListed = this.#before.size === 0;
    const lists: GraphNames[] = [];
    const places = new Map<string, number>();
    const placeOf = (names: GraphNames | undefined): number | "unknown" => {
      if (names === undefined) return "unknown";
      const text = JSON.stringify([names.labels, names.types, names.propertyKeys]);
      const found = places.get(text) ?? lists.push(names) - 1;
      places.set(text, found);
      return found;
    };
    const graphs: GraphChange[] = [];
    for (const key of this.#changed) {
      const place = partsOf(key);
      const graph = this.#before.has(key) ? this.#before.get(key) : this.get(place.database, place.name);
      const since = graph?.since === undefined ? {} : { since: graph.since };
      graphs.push({ ...place, names: graph === undefined ? "gone" : placeOf(graph.names), ...since });
    }
    return { graphs, names: lists };
  }

  #change(database: number, name: string, graph: ReplicaGraph | undefined): void {
    const key = `${database}/${name}`;
    if (!this.#before.has(key)) this.#before.set(key, this.get(database, name));
    this.#changed.add(key);
    this.#isListed = false;
    this.#put(database, name, graph);
  }

  #put(database: number, name: string, graph: ReplicaGraph | undefined): void {
    const graphs = this.#graphs.get(database) ?? new Map<string, ReplicaGraph>();
    this.#graphs.set(database, graphs);
    if (graph === undefined) graphs.delete(name);
    else graphs.set(name, graph);
  }
}

export function namesOf({ labels, types, propertyKeys }: ManifestSchema): GraphNames {
  return { labels: labels.map(({ name }) => name), types: types.map(({ name }) => name), propertyKeys };
}

function partsOf(key: string): Pick<ReplicaGraph, "database" | "name"> {
  const slash = key.indexOf("/");
  return { database: Number(key.slice(0, slash)), name: key.slice(slash + 1) };
}

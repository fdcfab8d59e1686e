// Keeps the entities of a few differing buckets, so that differences can be named. The same capture works on the
// generator's records and on an engine's rows.
import { typeNames } from "../fingerprint/canonical.ts";
import { tags } from "../fingerprint/canonical.ts";
import type { EntityRow } from "../fingerprint/entity-row.ts";
import type { GraphFingerprint, Kind } from "../fingerprint/fingerprint.ts";
import { hexOf } from "../fingerprint/hash.ts";
import type { Fingerprint } from "../observation.ts";

export interface CapturedProperty {
  readonly type: string;
  readonly hash: string;
  /** Text of a scalar value; lists and vectors are looked up when they are shown. */
  readonly text: string | undefined;
}

export interface Captured {
  readonly entity: "node" | "edge";
  readonly kind: string;
  /** Hash of the key, whose text is among the properties if there is one. */
  readonly key: string;
  readonly hash: string;
  /** The node's id on its side; for an edge, the ids of its ends, and its own where an engine gave it. */
  readonly ids: readonly number[];
  /** Hashes of the keys of an edge's ends. */
  readonly ends: readonly string[];
  readonly properties: ReadonlyMap<string, CapturedProperty>;
}

export interface BucketChoice {
  readonly nodes: ReadonlySet<number>;
  readonly edges: ReadonlySet<number>;
  /** Number of differing buckets, chosen or not. */
  readonly differing: number;
}

/** Chooses differing buckets with about `entities` entities in all, and at least one of each differing side. */
export function chooseBuckets(expected: Fingerprint, observed: Fingerprint, entities = 30_000): BucketChoice {
  const choose = (side: "nodes" | "edges"): { all: number; chosen: Set<number> } => {
    const all = expected[side].buckets.flatMap((sum, at) => (sum === observed[side].buckets[at] ? [] : [at]));
    const perBucket = Math.max(expected[side].count, observed[side].count) / expected[side].buckets.length;
    return { all: all.length, chosen: new Set(all.slice(0, Math.max(1, Math.floor(entities / 2 / perBucket)))) };
  };
  const [nodes, edges] = [choose("nodes"), choose("edges")];
  return { nodes: nodes.chosen, edges: edges.chosen, differing: nodes.all + edges.all };
}

/** Whether the entity that was last added to the fingerprint is kept. */
export type Wanted = (entity: "node" | "edge") => boolean;

export function inBuckets(fingerprint: GraphFingerprint, choice: BucketChoice): Wanted {
  return (entity) => (entity === "node" ? choice.nodes : choice.edges).has(fingerprint.bucket);
}

export class Capture {
  readonly entities: Captured[] = [];
  readonly #fingerprint: GraphFingerprint;
  readonly #wanted: Wanted;

  constructor(fingerprint: GraphFingerprint, wanted: Wanted) {
    this.#fingerprint = fingerprint;
    this.#wanted = wanted;
  }

  /** Must be called after the node was added to the fingerprint. Returns true when it was kept. */
  node(row: EntityRow, id: number, kind: Kind): boolean {
    if (!this.#wanted("node")) return false;
    this.entities.push({ ...this.#entity(row), entity: "node", kind: kind.name, ids: [id], ends: [] });
    return true;
  }

  edge(
    row: EntityRow,
    ids: { readonly source: number; readonly target: number; readonly id?: number },
    kind: Kind,
  ): boolean {
    if (!this.#wanted("edge")) return false;
    const ends = [ids.source, ids.target];
    this.entities.push({
      ...this.#entity(row),
      entity: "edge",
      kind: kind.name,
      ids: ids.id === undefined ? ends : [...ends, ids.id],
      ends: ends.map((id) => hexOf(Uint32Array.of(this.#fingerprint.keyWord(id, 0), this.#fingerprint.keyWord(id, 1)))),
    });
    return true;
  }

  #entity(row: EntityRow): Pick<Captured, "key" | "hash" | "properties"> {
    const { names, key, lanes } = this.#fingerprint;
    const properties = new Map<string, CapturedProperty>();
    for (let at = 0; at < row.count; at += 1) {
      const tag = row.tags[at] ?? 0;
      properties.set(names.name(row.names[at] ?? 0), {
        type: typeNames[tag] ?? "",
        hash: hexOf(row.lanes.subarray(at * 4, at * 4 + 4)),
        text: tag === tags.List || tag === tags.Point || tag === tags.Vectorf32 ? undefined : row.text(at),
      });
    }
    return { key: hexOf(key), hash: hexOf(lanes), properties };
  }
}

// Graphiti's hard invariants (facts H1-H11), checked on the entities as they are streamed: without extra queries, and
// with a few bytes per node. Soft oddities (repeated, dangling or unlisted references) are legal and not reported.
import { tags } from "../fingerprint/canonical.ts";
import { type EntityRow, itemBytes } from "../fingerprint/entity-row.ts";
import type { GraphFingerprint, Kind } from "../fingerprint/fingerprint.ts";
import { KeyIndex, KeyList, pairWord, WordSet } from "../fingerprint/hash-set.ts";
import { instantOf } from "./instant.ts";
import { type InvariantName, InvariantTallies } from "./invariant-tally.ts";
import { LabelSets, labelNumbers } from "./label-sets.ts";
import type { InvariantTally } from "../observation.ts";

const { Episodic, Entity, Community, Saga } = labelNumbers;

/** Labels of the two ends by relationship type; 0 allows any. */
const endsOf: Readonly<Record<string, readonly [number, number]>> = {
  MENTIONS: [Episodic, Entity],
  RELATES_TO: [Entity, Entity],
  HAS_MEMBER: [Community, Entity],
  HAS_EPISODE: [Saga, Episodic],
  NEXT_EPISODE: [Episodic, Episodic],
};

const propertyNames = [
  "uuid",
  "group_id",
  "created_at",
  "labels",
  "entity_edges",
  "name_embedding",
  "fact_embedding",
  "invalid_at",
  "expired_at",
  "source_node_uuid",
  "target_node_uuid",
  "episodes",
] as const;

type Names = Readonly<Record<(typeof propertyNames)[number], number>>;

export class InvariantScan {
  readonly #fingerprint: GraphFingerprint;
  readonly #ids: number;
  readonly #tallies = new InvariantTallies();
  readonly #name: Names;
  readonly #labels: LabelSets;
  readonly #keys = new Map<string, KeyList>();
  readonly #episodes: KeyIndex;
  readonly #listed = new WordSet();
  readonly #episodeIds: number[] = [];
  /** Arrays by node id: label number, group, creation time; for an episode whether it lists facts, and its saga. */
  #label: Uint8Array = new Uint8Array(1024);
  #lists: Uint8Array = new Uint8Array(1024);
  #group: Uint32Array = new Uint32Array(1024);
  #created: Float64Array = new Float64Array(1024);
  readonly #sagaOf = new Map<number, number>();
  readonly #chain: number[] = [];

  /** `ids` is the number of node ids, where it is known. */
  constructor(fingerprint: GraphFingerprint, ids = 0) {
    this.#ids = ids;
    this.#fingerprint = fingerprint;
    this.#name = Object.fromEntries(propertyNames.map((name) => [name, fingerprint.names.of(name)])) as Names;
    this.#labels = new LabelSets();
    this.#episodes = new KeyIndex((id, half) => fingerprint.keyWord(id, half));
  }

  node(row: EntityRow, id: number, kind: Kind): void {
    const label = this.#labels.numberOf(kind);
    if (label === 0) return;
    this.#reserve(id);
    this.#label[id] = label;
    this.#common(row, kind.name, this.#labels.primary(kind));
    this.#group[id] = this.#word(row, this.#name.group_id);
    this.#created[id] = this.#instant(row, this.#name.created_at);
    this.#vector(row, this.#name.name_embedding);
    const labels = row.find(this.#name.labels);
    if (labels >= 0) this.#check("H8", this.#labels.same(row, labels, kind), row);
    if (label === Episodic) this.#episode(row, id);
  }

  nodesRead(): void {
    this.#episodes.build(this.#episodeIds);
  }

  edge(row: EntityRow, ids: { readonly source: number; readonly target: number }, kind: Kind): void {
    const ends = endsOf[kind.name];
    if (ends === undefined) return;
    const { source, target } = ids;
    this.#common(row, kind.name, kind.name);
    const group = this.#word(row, this.#name.group_id);
    this.#check("H2", group === this.#group[source] && group === this.#group[target], row);
    this.#check("H7", this.#label[source] === ends[0] && this.#label[target] === ends[1], row);
    if (kind.name === "RELATES_TO") this.#fact(row, source, target);
    if (kind.name === "MENTIONS") this.#sameInstant(row, source);
    if (kind.name === "HAS_EPISODE" || kind.name === "NEXT_EPISODE") this.#sameInstant(row, target);
    if (kind.name === "HAS_EPISODE") this.#sagaOf.set(target, source);
    if (kind.name === "NEXT_EPISODE") this.#chain.push(source, target);
  }

  result(): Record<string, InvariantTally> {
    for (const [name, keys] of this.#keys)
      this.#tallies.add("H1", keys.size, keys.repeated(), `${name}: uuids that occur more than once`);
    for (let at = 0; at < this.#chain.length; at += 2) {
      const [from = 0, to = 0] = [this.#chain[at], this.#chain[at + 1]];
      const saga = this.#sagaOf.get(from);
      const holds = saga !== undefined && saga === this.#sagaOf.get(to);
      this.#tallies.check("saga", holds, () => `NEXT_EPISODE from node ${from} to node ${to}`);
    }
    return this.#tallies.result();
  }

  /** Checks H1 and the first half of H2, for nodes and edges. */
  #common(row: EntityRow, subject: string, unique: string): void {
    const uuid = row.find(this.#name.uuid);
    if (uuid < 0) this.#tallies.add("H1", 1, 1, `${subject} without uuid`);
    else {
      let keys = this.#keys.get(unique);
      if (keys === undefined) this.#keys.set(unique, (keys = new KeyList()));
      keys.push(row.lanes[uuid * 4] ?? 0, row.lanes[uuid * 4 + 1] ?? 0);
    }
    this.#check("H2", row.find(this.#name.group_id) >= 0 && row.find(this.#name.created_at) >= 0, row);
  }

  #episode(row: EntityRow, id: number): void {
    this.#episodeIds.push(id);
    const listed = row.find(this.#name.entity_edges);
    if (listed < 0 || row.tags[listed] !== tags.List) return;
    const [start = 0, end = 0] = [row.starts[listed], row.ends[listed]];
    this.#lists[id] = end > start ? 1 : 0;
    for (let at = start; at < end; at += itemBytes) this.#listed.add(pairWord(id, row.items.getUint32(at + 1, true)));
  }

  #fact(row: EntityRow, source: number, target: number): void {
    this.#vector(row, this.#name.fact_embedding);
    const expired = row.find(this.#name.expired_at);
    const created = this.#instant(row, this.#name.created_at);
    if (expired >= 0) {
      this.#check("H3", row.find(this.#name.invalid_at) >= 0, row);
      this.#check("H5", !(created > this.#instant(row, this.#name.expired_at)), row);
    }
    this.#end(row, this.#name.source_node_uuid, source);
    this.#end(row, this.#name.target_node_uuid, target);
    const episodes = row.find(this.#name.episodes);
    if (episodes < 0 || row.tags[episodes] !== tags.List) return;
    const uuid = row.find(this.#name.uuid);
    const [start = 0, end = 0] = [row.starts[episodes], row.ends[episodes]];
    for (let at = start; at < end; at += itemBytes) {
      const episode = this.#episodes.find(row.items.getUint32(at + 1, true), row.items.getUint32(at + 5, true));
      this.#check("H10", episode >= 0, row);
      if (episode < 0) continue;
      if (at === start) this.#check("H5", !(created < (this.#created[episode] ?? 0)), row);
      // Episodes that were written in bulk list no facts.
      if (this.#lists[episode] === 1)
        this.#check("H11", this.#listed.has(pairWord(episode, row.lanes[uuid * 4] ?? 0)), row);
    }
  }

  /** Checks H7: the property that repeats the uuid of an end. */
  #end(row: EntityRow, name: number, id: number): void {
    const at = row.find(name);
    if (at < 0) return;
    const [high, low] = [this.#fingerprint.keyWord(id, 0), this.#fingerprint.keyWord(id, 1)];
    this.#check("H7", row.lanes[at * 4] === high && row.lanes[at * 4 + 1] === low, row);
  }

  #sameInstant(row: EntityRow, episode: number): void {
    const created = this.#instant(row, this.#name.created_at);
    // NaN is a time that cannot be compared.
    const [one, other] = [created, this.#created[episode] ?? Number.NaN];
    this.#check("H6", Number.isNaN(one) || Number.isNaN(other) || one === other, row);
  }

  #vector(row: EntityRow, name: number): void {
    const at = row.find(name);
    if (at >= 0) this.#check("H9", row.tags[at] === tags.Vectorf32, row);
  }

  #word(row: EntityRow, name: number): number {
    const at = row.find(name);
    return at < 0 ? 0 : (row.lanes[at * 4] ?? 0);
  }

  #instant(row: EntityRow, name: number): number {
    const at = row.find(name);
    if (at < 0 || row.tags[at] !== tags.String) return Number.NaN;
    return instantOf(row.view, row.starts[at] ?? 0, row.ends[at] ?? 0);
  }

  #check(name: InvariantName, holds: boolean, row: EntityRow): void {
    this.#tallies.check(name, holds, () => {
      const at = row.find(this.#name.uuid);
      return at < 0 ? "without uuid" : row.text(at);
    });
  }

  #reserve(id: number): void {
    if (id < this.#label.length) return;
    const size = Math.max(id + 1, this.#ids, this.#label.length * 2);
    const [label, lists, group] = [new Uint8Array(size), new Uint8Array(size), new Uint32Array(size)];
    const created = new Float64Array(size);
    label.set(this.#label);
    lists.set(this.#lists);
    group.set(this.#group);
    created.set(this.#created);
    [this.#label, this.#lists, this.#group, this.#created] = [label, lists, group, created];
  }
}

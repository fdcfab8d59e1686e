// What was odd in a team's graph before any backup, so that no backup is blamed for it: facts that episodes list and that
// do not exist, and entities of another group than the graph is named after. Counted while the graph is read.
import { tags } from "../../check/fingerprint/canonical.ts";
import { type EntityRow, itemBytes } from "../../check/fingerprint/entity-row.ts";
import type { GraphFingerprint, Kind } from "../../check/fingerprint/fingerprint.ts";
import { pairWord, WordSet } from "../../check/fingerprint/hash-set.ts";

/** Groups that are told apart. */
const groupsMax = 1_000;

export interface BrokenBefore {
  /** Uuids in entity_edges of episodes that no fact has. */
  readonly danglingFacts: number;
  readonly listedFacts: number;
  /** Entities by group_id, where that is not the name of the graph. */
  readonly foreignGroups: Readonly<Record<string, number>>;
}

export class BrokenBeforeScan {
  readonly #graph: string;
  readonly #name: { readonly entityEdges: number; readonly group: number; readonly uuid: number };
  readonly #facts = new WordSet();
  #listed: Uint32Array = new Uint32Array(1024);
  #count = 0;
  readonly #groups = new Map<string, number>();

  constructor(graph: string, { names }: GraphFingerprint) {
    this.#graph = graph;
    this.#name = { entityEdges: names.of("entity_edges"), group: names.of("group_id"), uuid: names.of("uuid") };
  }

  node(row: EntityRow, _id: number, kind: Kind): void {
    this.#group(row);
    const at = row.find(this.#name.entityEdges);
    if (at < 0 || row.tags[at] !== tags.List || !kind.name.split(":").includes("Episodic")) return;
    for (let item = row.starts[at] ?? 0; item < (row.ends[at] ?? 0); item += itemBytes)
      this.#push(pairWord(row.items.getUint32(item + 1, true), row.items.getUint32(item + 5, true)));
  }

  edge(row: EntityRow, _ids: unknown, kind: Kind): void {
    this.#group(row);
    const at = row.find(this.#name.uuid);
    if (kind.name === "RELATES_TO" && at >= 0)
      this.#facts.add(pairWord(row.lanes[at * 4] ?? 0, row.lanes[at * 4 + 1] ?? 0));
  }

  result(): BrokenBefore {
    let danglingFacts = 0;
    for (const word of this.#listed.subarray(0, this.#count)) if (!this.#facts.has(word)) danglingFacts += 1;
    return { danglingFacts, listedFacts: this.#count, foreignGroups: Object.fromEntries(this.#groups) };
  }

  #group(row: EntityRow): void {
    const at = row.find(this.#name.group);
    if (at < 0 || row.tags[at] !== tags.String) return;
    const group = row.text(at);
    if (group === this.#graph) return;
    const id = this.#groups.has(group) || this.#groups.size < groupsMax ? group : "(others)";
    this.#groups.set(id, (this.#groups.get(id) ?? 0) + 1);
  }

  #push(word: number): void {
    if (this.#count === this.#listed.length) {
      const grown = new Uint32Array(this.#listed.length * 2);
      grown.set(this.#listed);
      this.#listed = grown;
    }
    this.#listed[this.#count] = word;
    this.#count += 1;
  }
}

// Finds the entities that contain a word from their text alone. At scale only a seeded part of the entities is scanned;
// each of them that contains the word must be among those that the full-text index returns.
import { tags } from "../fingerprint/canonical.ts";
import type { EntityRow } from "../fingerprint/entity-row.ts";
import type { GraphFingerprint, Kind } from "../fingerprint/fingerprint.ts";
import type { EntityKind, WordProbe } from "../observation.ts";

/** Approximate number of entities scanned. */
const looked = 100_000;

interface Probe {
  readonly word: WordProbe;
  readonly bytes: Buffer;
  readonly names: readonly number[];
  readonly ids: number[];
}

export class WordScan {
  readonly #fingerprint: GraphFingerprint;
  readonly #probes: readonly Probe[];
  readonly #byKind = new Map<Kind, readonly Probe[]>();
  readonly #nodeBuckets: number;
  readonly #edgeBuckets: number;

  constructor(words: readonly WordProbe[], fingerprint: GraphFingerprint, nodes: number, edges: number) {
    this.#fingerprint = fingerprint;
    this.#probes = words.map((word) => ({
      word,
      bytes: Buffer.from(word.word),
      names: word.properties.map((name) => fingerprint.names.of(name)),
      ids: [],
    }));
    this.#nodeBuckets = Math.ceil(fingerprint.nodes.buckets * Math.min(1, looked / Math.max(1, nodes)));
    this.#edgeBuckets = Math.ceil(fingerprint.edges.buckets * Math.min(1, looked / Math.max(1, edges)));
  }

  node(row: EntityRow, id: number, kind: Kind): void {
    if (this.#fingerprint.bucket < this.#nodeBuckets) this.#look("NODE", row, id, kind);
  }

  edge(row: EntityRow, ids: { readonly id: number }, kind: Kind): void {
    if (this.#fingerprint.bucket < this.#edgeBuckets) this.#look("RELATIONSHIP", row, ids.id, kind);
  }

  /** Ids of the entities that contain each word. */
  result(): readonly (readonly number[])[] {
    return this.#probes.map((probe) => probe.ids);
  }

  #look(entity: EntityKind, row: EntityRow, id: number, kind: Kind): void {
    let probes = this.#byKind.get(kind);
    if (probes === undefined) {
      const labels = kind.name.split(":");
      probes = this.#probes.filter(({ word }) => word.entity === entity && labels.includes(word.label));
      this.#byKind.set(kind, probes);
    }
    for (const probe of probes)
      if (probe.names.some((name) => holds(row, row.find(name), probe.bytes))) probe.ids.push(id);
  }
}

function holds(row: EntityRow, at: number, word: Buffer): boolean {
  if (at < 0 || row.tags[at] !== tags.String) return false;
  const { view, starts, ends } = row;
  const text = Buffer.from(view.buffer, view.byteOffset + (starts[at] ?? 0), (ends[at] ?? 0) - (starts[at] ?? 0));
  for (let found = text.indexOf(word); found >= 0; found = text.indexOf(word, found + 1))
    if (isBorder(text[found - 1]) && isBorder(text[found + word.length])) return true;
  return false;
}

/** Whether the index certainly ends a word at this character; where in doubt, the word does not count. */
function isBorder(byte: number | undefined): boolean {
  return byte === undefined || byte === 32 || byte === 10 || byte === 44 || byte === 46 || byte === 58;
}

// Answers the lookups by inspecting every entity as it is streamed; an index must give the same answer.
import { tags } from "../fingerprint/canonical.ts";
import type { EntityRow } from "../fingerprint/entity-row.ts";
import type { Kind } from "../fingerprint/fingerprint.ts";
import { hashBytes } from "../fingerprint/hash.ts";
import { digestOf, type IdSums } from "../fingerprint/id-sums.ts";
import type { NameTable } from "../fingerprint/names.ts";
import type { EntityKind, Lookup, Match } from "../observation.ts";

interface Probe extends IdSums {
  readonly lookup: Lookup;
  readonly name: number;
  /** Text to compare; exactly one of this and the number is set. */
  readonly text: Buffer | undefined;
  readonly number: number | undefined;
  /** Hash of the text, as in a row. */
  readonly hash: Uint32Array;
}

export class LookupScan {
  readonly #probes: readonly Probe[];
  readonly #byKind = new Map<Kind, readonly Probe[]>();

  constructor(lookups: readonly Lookup[], names: NameTable) {
    this.#probes = lookups.map((lookup) => probeOf(lookup, names.of(lookup.property)));
  }

  node(row: EntityRow, id: number, kind: Kind): void {
    this.#look("NODE", row, id, kind);
  }

  edge(row: EntityRow, ids: { readonly id: number }, kind: Kind): void {
    this.#look("RELATIONSHIP", row, ids.id, kind);
  }

  /** Matches in the order of the lookups. */
  result(): Match[] {
    return this.#probes.map((probe) => ({ count: probe.count, ids: digestOf(probe) }));
  }

  #look(entity: EntityKind, row: EntityRow, id: number, kind: Kind): void {
    for (const probe of this.#probesOf(entity, kind)) {
      const at = row.find(probe.name);
      if (at < 0 || !matches(probe, row, at)) continue;
      probe.count += 1;
      probe.sum += id;
      probe.squares += (id * id) % 65_521;
    }
  }

  #probesOf(entity: EntityKind, kind: Kind): readonly Probe[] {
    let probes = this.#byKind.get(kind);
    if (probes === undefined) {
      const labels = kind.name.split(":");
      probes = this.#probes.filter(({ lookup }) => lookup.entity === entity && labels.includes(lookup.label));
      this.#byKind.set(kind, probes);
    }
    return probes;
  }
}

function probeOf(lookup: Lookup, name: number): Probe {
  const text = lookup.literal.startsWith('"')
    ? Buffer.from(lookup.literal.slice(1, -1).replaceAll(/\\(.)/gs, "$1"))
    : undefined;
  const hash = new Uint32Array(4);
  if (text !== undefined)
    hashBytes(new DataView(text.buffer, text.byteOffset, text.length), 0, text.length, tags.String, hash);
  const number = text === undefined ? Number(lookup.literal) : undefined;
  return { lookup, name, text, number, hash, count: 0, sum: 0, squares: 0 };
}

function matches(probe: Probe, row: EntityRow, at: number): boolean {
  const tag = row.tags[at] ?? 0;
  const { operator } = probe.lookup;
  if (probe.text !== undefined) {
    if (tag !== tags.String) return false;
    if (operator === "=") return row.lanes[at * 4] === probe.hash[0] && row.lanes[at * 4 + 1] === probe.hash[1];
    const order = compareBytes(row.view, row.starts[at] ?? 0, row.ends[at] ?? 0, probe.text);
    return operator === "<" ? order < 0 : order >= 0;
  }
  if (tag !== tags.Integer && tag !== tags.Float) return false;
  const value = Number(row.text(at));
  const wanted = probe.number ?? Number.NaN;
  if (operator === "=") return value === wanted;
  return operator === "<" ? value < wanted : value >= wanted;
}

function compareBytes(view: DataView, start: number, end: number, other: Buffer): number {
  const length = Math.min(end - start, other.length);
  for (let at = 0; at < length; at += 1) {
    const difference = view.getUint8(start + at) - (other[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return end - start - other.length;
}

import { embedding } from "../values/embedding.ts";
import { Double, type EdgeRecord, type NodeRecord, type Value } from "../model.ts";
import type { Draw } from "../random.ts";
import { entityName, type Pool, prose, type TextPools } from "../values/text.ts";
import { isoNaive, isoUtc } from "../values/time.ts";
import type { RecordKind, RecordWriter } from "./record-writer.ts";

/** Makes each record an object; `take` gives the last one. */
export class ObjectWriter implements RecordWriter {
  #kind: RecordKind = { labels: [], names: [] };
  #node: NodeRecord | undefined;
  #edge: EdgeRecord | undefined;
  #properties: Record<string, Value> = {};
  #next = 0;
  #text = "";
  #list: Value[] = [];
  #listLeft = 0;

  takeNode(): NodeRecord {
    if (this.#node === undefined) throw new Error("no node was written");
    return this.#node;
  }

  takeEdge(): EdgeRecord {
    if (this.#edge === undefined) throw new Error("no edge was written");
    return this.#edge;
  }

  node(kind: RecordKind, id: number): void {
    this.#begin(kind);
    this.#node = { id, labels: kind.labels, properties: this.#properties };
  }

  edge(kind: RecordKind, source: number, target: number): void {
    this.#begin(kind);
    this.#edge = { type: kind.labels[0] as string, source, target, properties: this.#properties };
  }

  #begin(kind: RecordKind): void {
    this.#kind = kind;
    this.#properties = {};
    this.#next = 0;
  }

  #put(value: Value): void {
    if (this.#listLeft > 0) {
      this.#list.push(value);
      this.#listLeft--;
    } else this.#properties[this.#kind.names[this.#next++] as string] = value;
  }

  absent(): void {
    this.#next++;
  }

  uuid(draw: Draw): void {
    this.#put(draw.uuid());
  }

  text(text: string): void {
    this.#put(text);
  }

  instant(us: number, utc: boolean): void {
    this.#put(utc ? isoUtc(us) : isoNaive(us));
  }

  integer(value: number): void {
    this.#put(value);
  }

  double(value: number): void {
    this.#put(new Double(value));
  }

  boolean(value: boolean): void {
    this.#put(value);
  }

  vector(_property: string, draw: Draw, dims: number): void {
    this.#put(embedding(draw, dims));
  }

  list(length: number): void {
    this.#list = [];
    this.#put(this.#list);
    this.#listLeft = length;
  }

  textBegin(): void {
    this.#text = "";
  }

  add(text: string): void {
    this.#text += text;
  }

  addPooled(pool: Pool, k: number): void {
    this.#text += pool.at(k);
  }

  addName(pools: TextPools, entity: number): void {
    this.#text += entityName(pools, entity);
  }

  addProse(pools: TextPools, draw: Draw, length: number): void {
    this.#text += prose(pools, draw, length);
  }

  addInstant(us: number): void {
    this.#text += isoNaive(us);
  }

  textEnd(): void {
    this.#put(this.#text);
  }
}

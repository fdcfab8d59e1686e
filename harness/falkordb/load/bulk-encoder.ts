// Records as GRAPH.BULK tokens. A token holds nodes of one label set or edges of one type: a header with the property
// names, then each record's values in that order. One buffer holds as many tokens as fit, and goes out as one command.
import type { Draw } from "../../../generators/random.ts";
import { embedding } from "../../../generators/values/embedding.ts";
import {
  CypherValue,
  Double,
  type EdgeRecord,
  type NodeRecord,
  type Properties,
  type Value,
} from "../../../generators/model.ts";
import type { RecordKind, RecordWriter } from "../../../generators/records/record-writer.ts";
import {
  entityName,
  entityNameInto,
  type Pool,
  proseInto,
  proseLimit,
  type TextPools,
} from "../../../generators/values/text.ts";
import { isoInto } from "../../../generators/values/time.ts";
import { BulkBuffer, bulkType } from "./bulk-buffer.ts";
import { VectorNotes } from "./vector-notes.ts";

/** Contents of one GRAPH.BULK command. */
export interface BulkBatch {
  readonly nodes: number;
  readonly edges: number;
  /** Views of the encoder's buffer: valid until it is reset to that buffer again. */
  readonly nodeTokens: readonly Buffer[];
  readonly edgeTokens: readonly Buffer[];
  readonly bytes: number;
}

interface Token {
  readonly of: "node" | "edge";
  readonly start: number;
  count: number;
}

/** The engine takes about a million arguments and its own loader sends 1,024 tokens; there is no gain in more. */
const maxTokens = 1000;

export class BulkEncoder implements RecordWriter {
  readonly #buffer: BulkBuffer;
  readonly #limit: number;
  readonly #vectors = new VectorNotes();
  #tokens: Token[] = [];
  #kind: RecordKind | undefined;
  #current: Token = { of: "node", start: 0, count: 0 };
  #id = 0;
  /** Kinds of records that came as objects; their names grow as records with more properties appear. */
  readonly #found = new Map<string, RecordKind>();

  /** Above `limitBytes`, `full` becomes true: it is time to send. */
  constructor(bytes: Buffer, limitBytes: number) {
    this.#buffer = new BulkBuffer(bytes);
    this.#limit = limitBytes;
  }

  get full(): boolean {
    return this.#buffer.position >= this.#limit || this.#tokens.length >= maxTokens;
  }

  /** The buffer in use; it may have grown beyond the one given. */
  get bytes(): Buffer {
    return this.#buffer.bytes;
  }

  get vectors(): VectorNotes {
    return this.#vectors;
  }

  /** Everything written since the last reset. */
  take(): BulkBatch | undefined {
    const tokens = this.#tokens;
    if (tokens.length === 0) return undefined;
    const { bytes, position } = this.#buffer;
    const view = (of: Token["of"]): Buffer[] =>
      tokens.flatMap((token, k) =>
        token.of === of ? [bytes.subarray(token.start, tokens[k + 1]?.start ?? position)] : [],
      );
    const count = (of: Token["of"]): number =>
      tokens.reduce((sum, token) => sum + (token.of === of ? token.count : 0), 0);
    return {
      nodes: count("node"),
      edges: count("edge"),
      nodeTokens: view("node"),
      edgeTokens: view("edge"),
      bytes: position,
    };
  }

  reset(bytes: Buffer): void {
    this.#buffer.reset(bytes);
    this.#tokens = [];
    this.#kind = undefined;
  }

  node(kind: RecordKind, id: number): void {
    if (kind !== this.#kind || this.#current.of !== "node") this.#begin("node", kind);
    this.#current.count++;
    this.#id = id;
    this.#buffer.reserve(0);
  }

  edge(kind: RecordKind, source: number, target: number): void {
    if (kind !== this.#kind || this.#current.of !== "edge") this.#begin("edge", kind);
    this.#current.count++;
    this.#id = source;
    this.#buffer.reserve(0);
    this.#buffer.uint64(source);
    this.#buffer.uint64(target);
  }

  absent(): void {
    this.#buffer.byte(bulkType.null);
  }

  uuid(draw: Draw): void {
    const buffer = this.#buffer;
    buffer.byte(bulkType.string);
    draw.uuidInto(buffer.view, buffer.position);
    buffer.position += 36;
    buffer.byte(0);
  }

  text(text: string): void {
    this.#buffer.string(text);
  }

  instant(us: number, utc: boolean): void {
    const buffer = this.#buffer;
    buffer.byte(bulkType.string);
    buffer.position = isoInto(us, utc, buffer.view, buffer.position);
    buffer.byte(0);
  }

  integer(value: number): void {
    this.#buffer.integer(value);
  }

  double(value: number): void {
    this.#buffer.double(value);
  }

  boolean(value: boolean): void {
    this.#buffer.boolean(value);
  }

  vector(property: string, draw: Draw, dims: number): void {
    this.#vector(property, embedding(draw, dims));
  }

  list(length: number): void {
    this.#buffer.reserve(length * 48);
    this.#buffer.array(length);
  }

  textBegin(): void {
    this.#buffer.byte(bulkType.string);
  }

  add(text: string): void {
    this.#buffer.characters(text);
  }

  addPooled(pool: Pool, k: number): void {
    const buffer = this.#buffer;
    buffer.position = pool.into(k, buffer.view, buffer.position);
  }

  addName(pools: TextPools, entity: number): void {
    const buffer = this.#buffer;
    const end = entityNameInto(pools, entity, buffer.view, buffer.position);
    if (end === undefined) buffer.characters(entityName(pools, entity));
    else buffer.position = end;
  }

  addProse(pools: TextPools, draw: Draw, length: number): void {
    const buffer = this.#buffer;
    buffer.reserve(proseLimit(length));
    buffer.position = proseInto(pools, draw, length, buffer.view, buffer.position);
  }

  addInstant(us: number): void {
    const buffer = this.#buffer;
    buffer.position = isoInto(us, false, buffer.view, buffer.position);
  }

  textEnd(): void {
    this.#buffer.byte(0);
  }

  /** A node that comes as an object. */
  nodeRecord(record: NodeRecord): void {
    const kind = this.#kindFor("node", record.labels, record.properties);
    this.node(kind, record.id);
    this.#values(kind, record.properties);
  }

  edgeRecord(record: EdgeRecord): void {
    const kind = this.#kindFor("edge", [record.type], record.properties);
    this.edge(kind, record.source, record.target);
    this.#values(kind, record.properties);
  }

  #begin(of: Token["of"], kind: RecordKind): void {
    this.#kind = kind;
    this.#current = { of, start: this.#buffer.position, count: 0 };
    this.#tokens.push(this.#current);
    this.#buffer.characters(kind.labels.join(":"));
    this.#buffer.byte(0);
    this.#buffer.uint32(kind.names.length);
    for (const name of kind.names) {
      this.#buffer.characters(name);
      this.#buffer.byte(0);
    }
    this.#buffer.reserve(0);
  }

  /** A kind with all names of this record; a new name makes a new kind, and so a new token. */
  #kindFor(of: Token["of"], labels: readonly string[], properties: Properties): RecordKind {
    const heading = `${of} ${labels.join(":")}`;
    const known = this.#found.get(heading);
    const fresh: string[] = [];
    for (const name in properties) if (known?.names.includes(name) !== true) fresh.push(name);
    if (known !== undefined && fresh.length === 0) return known;
    const kind = { labels, names: [...(known?.names ?? []), ...fresh] };
    this.#found.set(heading, kind);
    return kind;
  }

  #values(kind: RecordKind, properties: Properties): void {
    for (const name of kind.names) {
      const value = properties[name];
      if (value instanceof Float32Array) this.#vector(name, value);
      else this.#value(value);
    }
  }

  #value(value: Value | undefined): void {
    const buffer = this.#buffer;
    buffer.reserve(0);
    if (typeof value === "string") buffer.string(value);
    else if (typeof value === "number" || typeof value === "bigint") buffer.integer(value);
    else if (typeof value === "boolean") buffer.boolean(value);
    else if (value instanceof Double) buffer.double(value.value);
    else if (value === undefined || value instanceof CypherValue) buffer.byte(bulkType.null);
    else if (value instanceof Float32Array) buffer.vector(value);
    else {
      buffer.array(value.length);
      for (const item of value) this.#value(item);
    }
  }

  #vector(property: string, vector: Float32Array): void {
    const { of } = this.#current;
    const heading = this.#kind?.labels.join(":") ?? "";
    this.#vectors.note({ kind: of, heading, property, dims: vector.length }, this.#id);
    this.#buffer.vector(vector);
  }
}

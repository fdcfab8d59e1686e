// Records as GRAPH.BULK bytes. One blob holds nodes of one label set or edges of one type; it begins with the property
// names and then has the values of each record in that order. Everything is written straight into one large buffer:
// at millions of records an allocation per value would cost more than the engine's own work.
import { DrillError } from "../base/errors.ts";
import { CypherValue, Double, type EdgeRecord, type NodeRecord, type Value } from "../../generators/model.ts";
import type { PendingVectors } from "./vectors.ts";

// The type byte before each value. There is none for vectors, points and times: vectors travel as arrays of doubles
// and become vectors by a query afterwards, the rest comes by a query alone.
export const bulkType = { null: 0, boolean: 1, double: 2, string: 3, integer: 4, array: 5 } as const;

export interface BulkBlob {
  readonly kind: "node" | "edge";
  readonly count: number;
  /** A view on the encoder's buffer: valid until the buffer is given to another encoder. */
  readonly bytes: Buffer;
}

const maxProperties = 65_534;

export class BulkEncoder {
  #buffer: Buffer;
  #view: DataView;
  #position = 0;
  #count = 0;
  #kind: "node" | "edge" = "node";
  #heading = "";
  #labels: readonly string[] = [];
  #names: readonly string[] = [];
  /** Property names seen so far of each label set or type, so that one that is often absent does not start new blobs. */
  readonly #known = new Map<string, string[]>();
  #vectors = new Map<string, { -readonly [K in keyof PendingVectors]: PendingVectors[K] }>();
  #vectorElements = 0;

  constructor(buffer: Buffer) {
    this.#buffer = buffer;
    this.#view = viewOf(buffer);
  }

  /** Bytes in the blob so far. */
  get length(): number {
    return this.#position;
  }

  /** Goes on in another buffer; the blob must have been taken before. */
  reuse(buffer: Buffer): void {
    this.#buffer = buffer;
    this.#view = viewOf(buffer);
    this.#position = 0;
    this.#count = 0;
  }

  /** The buffer in use; it may have grown beyond the one given. */
  get buffer(): Buffer {
    return this.#buffer;
  }

  /** Elements of the vectors written since they were last taken. */
  get vectorElements(): number {
    return this.#vectorElements;
  }

  /** The vectors written since the last time, all blobs together. */
  takeVectors(): PendingVectors[] {
    const vectors = [...this.#vectors.values()];
    this.#vectors = new Map();
    this.#vectorElements = 0;
    return vectors;
  }

  /** The blob written so far, or undefined when it is empty. */
  take(): BulkBlob | undefined {
    if (this.#count === 0) return undefined;
    return { kind: this.#kind, count: this.#count, bytes: this.#buffer.subarray(0, this.#position) };
  }

  /** False when the node does not fit the blob's header: take the blob, reuse, and give the node again. */
  node(record: NodeRecord): boolean {
    const { labels, properties } = record;
    if (this.#count === 0 || this.#kind !== "node" || (labels !== this.#labels && labels.join(":") !== this.#heading)) {
      if (this.#count > 0) return false;
      this.#begin("node", labels.join(":"), properties);
      this.#labels = labels;
    }
    if (!this.#fits(properties)) return false;
    this.#values(properties, record.id);
    return true;
  }

  /** The same for an edge. */
  edge(record: EdgeRecord): boolean {
    const { properties } = record;
    if (this.#count === 0 || this.#kind !== "edge" || record.type !== this.#heading) {
      if (this.#count > 0) return false;
      this.#begin("edge", record.type, properties);
    }
    if (!this.#fits(properties)) return false;
    this.#reserve(16);
    this.#uint64(record.source);
    this.#uint64(record.target);
    this.#values(properties, record.source);
    return true;
  }

  #begin(kind: "node" | "edge", heading: string, properties: Readonly<Record<string, Value>>): void {
    this.#position = 0;
    this.#kind = kind;
    this.#heading = heading;
    const known = this.#known.get(`${kind} ${heading}`) ?? [];
    this.#known.set(`${kind} ${heading}`, known);
    for (const name in properties) if (!known.includes(name)) known.push(name);
    if (known.length > maxProperties)
      throw new DrillError(`"${heading}" has ${known.length} properties, but a bulk load takes ${maxProperties}`, {
        exit: "internal",
      });
    this.#names = [...known];
    this.#text(heading);
    this.#reserve(4);
    this.#view.setUint32(this.#position, known.length, true);
    this.#position += 4;
    for (const name of known) this.#text(name);
  }

  #fits(properties: Readonly<Record<string, Value>>): boolean {
    if (this.#count === 0) return true;
    const names = this.#names;
    // Records of a kind keep one order, so the n-th name mostly stands at n or a little later.
    let at = 0;
    for (const name in properties) {
      while (at < names.length && names[at] !== name) at++;
      if (at === names.length && !names.includes(name)) return false;
      if (at === names.length) at = 0;
    }
    return true;
  }

  #values(properties: Readonly<Record<string, Value>>, id: number): void {
    for (const name of this.#names) {
      const value = properties[name];
      if (typeof value === "string") {
        this.#reserve(1);
        this.#buffer[this.#position++] = bulkType.string;
        this.#text(value);
      } else {
        if (value instanceof Float32Array) this.#noteVector(name, value.length, id);
        this.#value(value);
      }
    }
    this.#count++;
  }

  #noteVector(property: string, dims: number, id: number): void {
    const key = `${this.#kind} ${this.#heading} ${property} ${dims}`;
    this.#vectorElements += dims;
    const noted = this.#vectors.get(key);
    if (noted === undefined) {
      const { heading, kind } = { heading: this.#heading, kind: this.#kind };
      this.#vectors.set(key, { kind, heading, property, dims, count: 1, firstId: id, lastId: id });
      return;
    }
    noted.count++;
    noted.firstId = Math.min(noted.firstId, id);
    noted.lastId = Math.max(noted.lastId, id);
  }

  #value(value: Value | undefined): void {
    this.#reserve(10);
    if (typeof value === "string") {
      this.#buffer[this.#position++] = bulkType.string;
      this.#text(value);
    } else if (typeof value === "number" || typeof value === "bigint") this.#integer(value);
    else if (typeof value === "boolean") {
      this.#buffer[this.#position++] = bulkType.boolean;
      this.#buffer[this.#position++] = value ? 1 : 0;
    } else if (value instanceof Double) this.#double(value.value);
    else if (value === undefined || value instanceof CypherValue) this.#buffer[this.#position++] = bulkType.null;
    else if (value instanceof Float32Array) this.#vector(value);
    else {
      this.#arrayOf(value.length);
      for (const item of value) this.#value(item);
    }
  }

  #integer(value: number | bigint): void {
    if (typeof value === "number" && !Number.isSafeInteger(value))
      throw new DrillError(`${value} is not a whole number that a record may hold; wrap a fraction in Double`, {
        exit: "internal",
      });
    this.#buffer[this.#position] = bulkType.integer;
    if (typeof value === "bigint") this.#view.setBigInt64(this.#position + 1, value, true);
    else {
      this.#view.setUint32(this.#position + 1, value >>> 0, true);
      this.#view.setInt32(this.#position + 5, Math.floor(value / 2 ** 32), true);
    }
    this.#position += 9;
  }

  #double(value: number): void {
    this.#buffer[this.#position] = bulkType.double;
    this.#view.setFloat64(this.#position + 1, value, true);
    this.#position += 9;
  }

  #vector(vector: Float32Array): void {
    this.#arrayOf(vector.length);
    this.#reserve(vector.length * 9);
    for (let i = 0; i < vector.length; i++) this.#double(vector[i] as number);
  }

  #arrayOf(length: number): void {
    this.#buffer[this.#position++] = bulkType.array;
    this.#uint64(length);
  }

  #uint64(value: number): void {
    this.#view.setUint32(this.#position, value >>> 0, true);
    this.#view.setUint32(this.#position + 4, Math.floor(value / 2 ** 32), true);
    this.#position += 8;
  }

  #text(text: string): void {
    // The format ends a string at its first NUL, so one inside would shift everything that follows.
    if (text.includes("\0"))
      throw new DrillError(
        `a string with a NUL character cannot be bulk-loaded: ${JSON.stringify(text.slice(0, 40))}`,
        {
          exit: "internal",
          hint: "Graphiti strips NUL characters before it writes; generated text must not hold any.",
        },
      );
    this.#reserve(text.length * 3 + 1);
    this.#position += this.#buffer.write(text, this.#position);
    this.#buffer[this.#position++] = 0;
  }

  #reserve(bytes: number): void {
    const needed = this.#position + bytes;
    if (needed <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, this.#buffer.length * 2));
    this.#buffer.copy(larger, 0, 0, this.#position);
    this.#buffer = larger;
    this.#view = viewOf(larger);
  }
}

function viewOf(buffer: Buffer): DataView {
  return new DataView(buffer.buffer, buffer.byteOffset, buffer.byteLength);
}

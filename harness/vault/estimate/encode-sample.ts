// Entities as the snapshot of a server holds them (harness/falkordb/rdb reads it): numbers of eight bytes, texts with their
// length and a zero. So a sample has the size, and compresses as well, as the snapshot will.
import { valueTypes } from "../../falkordb/client/reply.ts";
import { valueKinds } from "../../falkordb/effects/effect-kinds.ts";

/** A value of a compact reply: its type and content. */
type RawValue = readonly [type: number, value: unknown];

export class SampleEncoder {
  readonly #pieces: Buffer[] = [];
  readonly #keys: Map<string, number>;

  /** `keys`: numbers of the property names of the graph, to which new ones are added. */
  constructor(keys: Map<string, number>) {
    this.#keys = keys;
  }

  /** Vectors are left out: what they take is known from a few. */
  entity(id: number, properties: readonly (readonly [name: string, value: RawValue])[]): void {
    this.#number(id);
    this.#number(properties.length);
    for (const [name, value] of properties) {
      const key = this.#keys.get(name) ?? this.#keys.size;
      this.#keys.set(name, key);
      this.#number(key);
      this.#value(value);
    }
  }

  bytes(): Buffer {
    return Buffer.concat(this.#pieces);
  }

  #value([type, value]: RawValue): void {
    switch (type) {
      case valueTypes.string: {
        const text = Buffer.from(value as string);
        this.#number(valueKinds.string);
        this.#number(text.length + 1);
        this.#pieces.push(text, Buffer.alloc(1));
        return;
      }
      case valueTypes.double:
        this.#number(valueKinds.double);
        this.#double(Number(value));
        return;
      case valueTypes.array: {
        const items = value as readonly RawValue[];
        this.#number(valueKinds.array);
        this.#number(items.length);
        for (const item of items) this.#value(item);
        return;
      }
      case valueTypes.point:
        this.#number(valueKinds.point);
        for (const axis of value as readonly string[]) this.#double(Number(axis));
        return;
      default:
        this.#number(valueKinds.int);
        this.#number(type === valueTypes.boolean ? Number(value === "true") : Number(value ?? 0));
    }
  }

  #number(value: number): void {
    const bytes = Buffer.alloc(8);
    bytes.writeBigInt64LE(Number.isFinite(value) ? BigInt(Math.trunc(value)) : 0n);
    this.#pieces.push(bytes);
  }

  #double(value: number): void {
    const bytes = Buffer.alloc(8);
    bytes.writeDoubleLE(value);
    this.#pieces.push(bytes);
  }
}

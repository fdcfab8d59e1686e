// How a value is kept between its decoding and its load: as GRAPH.BULK takes it (bulk-buffer.ts), and in the same way
// where GRAPH.BULK has no type for it.
import { textLiteral } from "../../../generators/schema/literal.ts";
import { bulkType } from "../load/bulk-buffer.ts";
import { temporalText } from "../rdb/entity-values.ts";
import { valueKinds } from "../effects/effect-kinds.ts";

/** Types of values that only a query can write. A vector has its length (32 bits) and its floats; the others have 64 bits. */
export const queryType = { vector: 16, point: 17, date: 18, time: 19, datetime: 20, duration: 21 } as const;

const temporalKinds: Readonly<Record<number, number>> = {
  [queryType.date]: valueKinds.date,
  [queryType.time]: valueKinds.time,
  [queryType.datetime]: valueKinds.datetime,
  [queryType.duration]: valueKinds.duration,
};
const temporalFunctions: Readonly<Record<number, string>> = {
  [queryType.date]: "date",
  [queryType.time]: "localtime",
  [queryType.datetime]: "localdatetime",
  [queryType.duration]: "duration",
};

/** The value that begins at `from`, as an expression of Cypher whose value it is, to the last bit. */
export function valueExpression(bytes: Buffer, from = 0): string {
  return new ExpressionReader(bytes, from).expression();
}

class ExpressionReader {
  readonly #bytes: Buffer;
  #at: number;

  constructor(bytes: Buffer, from: number) {
    this.#bytes = bytes;
    this.#at = from;
  }

  expression(): string {
    const bytes = this.#bytes;
    const type = bytes.readUInt8(this.#at++);
    switch (type) {
      case bulkType.null:
        return "null";
      case bulkType.boolean:
        return bytes.readUInt8(this.#at++) === 0 ? "false" : "true";
      case bulkType.double:
        return doubleExpression(bytes.readDoubleLE(this.#skip(8)));
      case bulkType.integer:
        return integerExpression(bytes.readBigInt64LE(this.#skip(8)));
      case bulkType.string: {
        const end = bytes.indexOf(0, this.#at);
        return textLiteral(bytes.toString("utf8", this.#skip(end + 1 - this.#at), end));
      }
      case bulkType.array:
        return `[${Array.from({ length: Number(bytes.readBigUInt64LE(this.#skip(8))) }, () => this.expression()).join(",")}]`;
      case queryType.vector: {
        const length = bytes.readUInt32LE(this.#skip(4));
        const items = Array.from({ length }, () => doubleExpression(bytes.readFloatLE(this.#skip(4))));
        return `vecf32([${items.join(",")}])`;
      }
      case queryType.point: {
        const [latitude, longitude] = [bytes.readDoubleLE(this.#skip(8)), bytes.readDoubleLE(this.#skip(8))];
        return `point({latitude:${doubleExpression(latitude)},longitude:${doubleExpression(longitude)}})`;
      }
      default: {
        const text = temporalText(temporalKinds[type] ?? -1, Number(bytes.readBigInt64LE(this.#skip(8))));
        return `${temporalFunctions[type]}('${text}')`;
      }
    }
  }

  /** Where the next bytes begin, which are read. */
  #skip(count: number): number {
    this.#at += count;
    return this.#at - count;
  }
}

function doubleExpression(value: number): string {
  if (Number.isNaN(value)) return "(0.0/0.0)";
  if (!Number.isFinite(value)) return value > 0 ? "(1.0/0.0)" : "(-1.0/0.0)";
  const text = Object.is(value, -0) ? "-0.0" : String(value);
  return /^-?\d+$/.test(text) ? `${text}.0` : text;
}

/** The smallest integer has no literal. */
function integerExpression(value: bigint): string {
  return value === -(2n ** 63n) ? "(-9223372036854775807-1)" : String(value);
}

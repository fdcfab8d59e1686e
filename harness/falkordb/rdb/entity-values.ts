// Reads one node or edge with its values, as data for people and programs: what JSON cannot say is a text.
import { valueKinds } from "../effects/effect-kinds.ts";
import type { FrameCursor, FrameReader } from "./graph-frames.ts";

export interface StoredEntity {
  readonly id: number;
  readonly properties: Readonly<Record<string, StoredValue>>;
}

export interface StoredValue {
  readonly type: StoredType;
  /**
   * A double that JSON cannot say is the text `-0`, `NaN`, `Infinity` or `-Infinity`, and so is an integer beyond 2^53;
   * dates and times are as FalkorDB prints them; a point has `latitude` and `longitude`.
   */
  readonly value: string | number | boolean | null | readonly number[] | readonly StoredValue[] | StoredPoint;
  /** Length of a text or vector of which only the head is in `value`. */
  readonly cutFromBytes?: number;
}

interface StoredPoint {
  readonly latitude: number;
  readonly longitude: number;
}

type StoredType =
  | "array"
  | "bool"
  | "date"
  | "datetime"
  | "double"
  | "duration"
  | "integer"
  | "null"
  | "point"
  | "string"
  | "time"
  | "vector";

/** A longer text or vector is cut. */
const valueBytesMax = 64 * 1024;
/** What all texts and vectors of an entity may take; those beyond are cut to nothing. */
const entityBytesMax = 4 * 2 ** 20;
const depthMax = 1000;

export function* readEntity(cursor: FrameCursor, keys: readonly string[]): FrameReader<StoredEntity> {
  const id = yield* cursor.number();
  const reader = new ValueReader(cursor);
  // Without a prototype, as a property may have the name of one of its members.
  const properties: Record<string, StoredValue> = Object.create(null) as Record<string, StoredValue>;
  for (let left = yield* cursor.number(); left > 0; left--) {
    const key = yield* cursor.number();
    const name = keys[key];
    if (name === undefined) throw new RangeError(`a property has the unknown number ${key}`);
    properties[name] = yield* reader.value();
  }
  return { id, properties };
}

class ValueReader {
  readonly #cursor: FrameCursor;
  #bytesLeft = entityBytesMax;

  constructor(cursor: FrameCursor) {
    this.#cursor = cursor;
  }

  *value(depth = 0): FrameReader<StoredValue> {
    const cursor = this.#cursor;
    const kind = yield* cursor.number();
    switch (kind) {
      case valueKinds.string:
      case valueKinds.internedString:
        return yield* this.#text();
      case valueKinds.vector:
        return yield* this.#vector();
      case valueKinds.array: {
        if (depth === depthMax) throw new RangeError("an array has too many levels");
        const value: StoredValue[] = [];
        for (let left = yield* cursor.number(); left > 0; left--) value.push(yield* this.value(depth + 1));
        return { type: "array", value };
      }
      case valueKinds.bool:
        return { type: "bool", value: (yield* cursor.integer()) !== 0n };
      case valueKinds.int: {
        const value = yield* cursor.integer();
        return { type: "integer", value: Number.isSafeInteger(Number(value)) ? Number(value) : String(value) };
      }
      case valueKinds.double: {
        const value = yield* cursor.double();
        const isJson = Number.isFinite(value) && !Object.is(value, -0);
        return { type: "double", value: isJson ? value : Object.is(value, -0) ? "-0" : String(value) };
      }
      case valueKinds.point: {
        const latitude = yield* cursor.double();
        return { type: "point", value: { latitude, longitude: yield* cursor.double() } };
      }
      case valueKinds.null:
        return { type: "null", value: null };
      default:
        return temporal(kind, yield* cursor.number());
    }
  }

  *#text(): FrameReader<StoredValue> {
    const { bytes, length } = yield* this.#head();
    const text = bytes.toString("utf8");
    // A character that was cut in its middle is left out.
    return bytes.length === length - 1
      ? { type: "string", value: text }
      : { type: "string", value: text.replace(/\uFFFD$/, ""), cutFromBytes: length - 1 };
  }

  *#vector(): FrameReader<StoredValue> {
    const { bytes, length } = yield* this.#head(0);
    // The first four bytes are their number.
    const count = Math.max(0, Math.floor(bytes.length / 4) - 1);
    const value = Array.from({ length: count }, (_, index) => bytes.readFloatLE(4 + index * 4));
    return { type: "vector", value, ...(bytes.length === length ? {} : { cutFromBytes: length }) };
  }

  /** The bytes of a blob as far as they are kept, without as many at its end. */
  *#head(trailing = 1): FrameReader<{ readonly bytes: Buffer; readonly length: number }> {
    const span = yield* this.#cursor.blob();
    const there = this.#cursor.bytesOf(span);
    const wanted = Math.max(0, span.length - trailing);
    const room = Math.min(valueBytesMax, this.#bytesLeft);
    const bytes = there.subarray(0, wanted <= room ? wanted : room);
    this.#bytesLeft -= bytes.length;
    return { bytes, length: span.length };
  }
}

function temporal(kind: number, seconds: number): StoredValue {
  const type = temporalTypes[kind];
  if (type === undefined) throw new RangeError(`unknown kind ${kind} of a value`);
  return { type, value: temporalText(kind, seconds) };
}

const temporalTypes: Readonly<Record<number, StoredType>> = {
  [valueKinds.date]: "date",
  [valueKinds.time]: "time",
  [valueKinds.datetime]: "datetime",
  [valueKinds.duration]: "duration",
};

/** Dates and times are seconds since 1970 in UTC; the text is the one that FalkorDB prints. */
export function temporalText(kind: number, seconds: number): string {
  const time = new Date(seconds * 1000);
  if (Number.isNaN(time.getTime())) return `${seconds} s`;
  if (kind === valueKinds.duration) return durationText(time);
  const date = [time.getUTCFullYear(), two(time.getUTCMonth() + 1), two(time.getUTCDate())].join("-");
  const clock = [time.getUTCHours(), time.getUTCMinutes(), time.getUTCSeconds()].map(two).join(":");
  if (kind === valueKinds.date) return date;
  return kind === valueKinds.time ? clock : `${date}T${clock}`;
}

/** A duration is stored as the moment that comes so long after the beginning of 1970. */
function durationText(end: Date): string {
  const years = end.getUTCFullYear() - 1970;
  const units = (values: readonly (readonly [number, string])[]): string =>
    values.flatMap(([value, unit]) => (value === 0 ? [] : [`${value}${unit}`])).join("");
  const days = units([
    [years, "Y"],
    [end.getUTCMonth(), "M"],
    [end.getUTCDate() - 1, "D"],
  ]);
  const clock = units([
    [end.getUTCHours(), "H"],
    [end.getUTCMinutes(), "M"],
    [end.getUTCSeconds(), "S"],
  ]);
  return `P${days}${clock === "" ? "" : `T${clock}`}`;
}

function two(value: number): string {
  return String(value).padStart(2, "0");
}

// Decodes nodes or edges of a key of a graph, with all their values. Like the scan that looks for one of them
// (entity-scan.ts), it is a plain loop over a frame that keeps its state for the next one, and one entity is reused for
// all: a million nodes have some ten million values.
import { valueKinds } from "../effects/effect-kinds.ts";
import { BulkBuffer, bulkType } from "../load/bulk-buffer.ts";
import { type Frame, type FrameCursor, type FrameReader, isAlone } from "../rdb/graph-frames.ts";
import { queryType } from "./value-bytes.ts";

/** An entity that was decoded last. The lists hold more than `count` where an earlier one had more properties. */
export class DecodedEntity {
  id = 0;
  count = 0;
  /** The values, one after the other (value-bytes.ts). */
  readonly values: BulkBuffer = new BulkBuffer(Buffer.allocUnsafeSlow(64 * 1024));
  /** Numbers of the property keys, and where the value of each begins and ends. */
  readonly keys: number[] = [];
  readonly starts: number[] = [];
  readonly ends: number[] = [];
  /** Whether GRAPH.BULK has no type for the value or for what is in it. */
  readonly isForQuery: boolean[] = [];
}

/** What comes next: a step reads one number or blob. */
const steps = { id: 0, properties: 1, key: 2, kind: 3, blob: 4, number: 5, elements: 6 } as const;

export function* decodeEntities(
  cursor: FrameCursor,
  count: number,
  take: (entity: DecodedEntity) => void,
): FrameReader<void> {
  const decoder = new EntityDecoder(count, take);
  while (!decoder.isDone) {
    yield* cursor.more();
    cursor.moveTo(decoder.pass(cursor.frame, cursor.view, cursor.at));
  }
}

class EntityDecoder {
  readonly #entity = new DecodedEntity();
  readonly #take: (entity: DecodedEntity) => void;
  #left: number;
  #step: number = steps.id;
  #properties = 0;
  #kind = 0;
  /** Numbers that are left of a value: a point has two. */
  #numbers = 0;
  /** Values that are left of a property: an array is followed by its values, which may be arrays. */
  #values = 0;

  constructor(count: number, take: (entity: DecodedEntity) => void) {
    this.#left = count;
    this.#take = take;
  }

  get isDone(): boolean {
    return this.#left === 0;
  }

  /** Decodes what is in this frame from `at` on; returns where it stopped. */
  pass(frame: Frame, view: DataView, from: number): number {
    const end = frame.place.length;
    if (frame.bytes.length !== end) throw new RangeError(`a text of ${end} bytes was not kept`);
    if (from === 0 && this.#step === steps.blob && isAlone(frame)) {
      this.#blob(frame.bytes, 0, end);
      return end;
    }
    const entity = this.#entity;
    let at = from;
    while (at < end && this.#left > 0) {
      switch (this.#step) {
        case steps.id:
          entity.id = view.getUint32(at, true) + view.getUint32(at + 4, true) * 2 ** 32;
          entity.count = 0;
          entity.values.position = 0;
          at += 8;
          this.#step = steps.properties;
          break;
        case steps.properties:
          this.#properties = view.getUint32(at, true);
          at += 8;
          this.#step = steps.key;
          if (this.#properties === 0) this.#end();
          break;
        case steps.key:
          entity.keys[entity.count] = view.getUint32(at, true);
          entity.starts[entity.count] = entity.values.position;
          entity.isForQuery[entity.count] = false;
          at += 8;
          this.#values = 1;
          this.#step = steps.kind;
          break;
        case steps.kind:
          this.#begin(view.getUint32(at, true));
          at += 8;
          break;
        case steps.blob: {
          const length = view.getUint32(at, true);
          at += 8;
          if (at + length > end) throw new RangeError("a text ends outside of its frame");
          this.#blob(frame.bytes, at, at + length);
          at += length;
          break;
        }
        case steps.number:
          this.#number(view, at);
          at += 8;
          break;
        default: {
          const length = view.getUint32(at, true);
          entity.values.array(length);
          this.#values += length;
          at += 8;
          this.#afterValue();
        }
      }
    }
    return at;
  }

  /** A value of this kind comes. */
  #begin(kind: number): void {
    const { values } = this.#entity;
    values.reserve(0);
    this.#kind = kind;
    this.#numbers = 1;
    switch (kind) {
      case valueKinds.string:
      case valueKinds.internedString:
      case valueKinds.vector:
        this.#step = steps.blob;
        return;
      case valueKinds.array:
        this.#step = steps.elements;
        return;
      case valueKinds.null:
        values.byte(bulkType.null);
        this.#afterValue();
        return;
      case valueKinds.bool:
        values.byte(bulkType.boolean);
        break;
      case valueKinds.int:
        values.byte(bulkType.integer);
        break;
      case valueKinds.double:
        values.byte(bulkType.double);
        break;
      default: {
        const type = queryTypes.get(kind);
        if (type === undefined) throw new RangeError(`unknown kind ${kind} of a value`);
        this.#entity.isForQuery[this.#entity.count] = true;
        values.byte(type);
        if (kind === valueKinds.point) this.#numbers = 2;
      }
    }
    this.#step = steps.number;
  }

  #number(view: DataView, at: number): void {
    const { values } = this.#entity;
    if (this.#kind === valueKinds.bool) values.byte(view.getUint32(at, true) === 0 ? 0 : 1);
    else {
      values.uint32(view.getUint32(at, true));
      values.uint32(view.getUint32(at + 4, true));
    }
    this.#numbers -= 1;
    if (this.#numbers === 0) this.#afterValue();
  }

  /** A text, which ends with a NUL, or a vector, which begins with its length: both as they are. */
  #blob(bytes: Buffer, from: number, to: number): void {
    const { values } = this.#entity;
    values.reserve(to - from);
    const isVector = this.#kind === valueKinds.vector;
    if (isVector) this.#entity.isForQuery[this.#entity.count] = true;
    values.byte(isVector ? queryType.vector : bulkType.string);
    values.position += bytes.copy(values.bytes, values.position, from, to);
    this.#afterValue();
  }

  #afterValue(): void {
    this.#values -= 1;
    this.#step = steps.kind;
    if (this.#values > 0) return;
    const entity = this.#entity;
    entity.ends[entity.count] = entity.values.position;
    entity.count += 1;
    this.#properties -= 1;
    this.#step = steps.key;
    if (this.#properties === 0) this.#end();
  }

  #end(): void {
    this.#step = steps.id;
    this.#left -= 1;
    this.#take(this.#entity);
  }
}

const queryTypes: ReadonlyMap<number, number> = new Map([
  [valueKinds.point, queryType.point],
  [valueKinds.date, queryType.date],
  [valueKinds.time, queryType.time],
  [valueKinds.datetime, queryType.datetime],
  [valueKinds.duration, queryType.duration],
]);

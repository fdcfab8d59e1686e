// Passes over the nodes or edges of a key and finds those with a value. Most of the time of a look goes through here (a
// million nodes with two million edges have some 25 million values): it is a plain loop over a frame that keeps its
// state for the next one, as a generator would not be optimized, and nothing is made for a value that is passed over.
import { valueKinds } from "../effects/effect-kinds.ts";
import { type Frame, type FrameCursor, type FrameReader, isAlone } from "./graph-frames.ts";

/** Where an entity begins: at a place of a frame. */
export interface EntityPlace {
  readonly id: number;
  readonly frameAt: number;
  readonly at: number;
}

/** The value that is looked for: a text of this property. */
export interface WantedText {
  /** Number of the property in its graph; -1 where the graph has none of the name. */
  readonly key: number;
  /** With the NUL behind it; empty where nothing is looked for. */
  readonly bytes: Buffer;
}

/** What a scan keeps of many entities. */
export interface EntityPlaces {
  /** Number of entities with the value, and the places of the first of them. */
  found: number;
  readonly places: EntityPlace[];
  /** Number of entities that were passed over. */
  passed: number;
  /** The first entity that begins in each frame: from there, any entity can be read by its id (a few hundred a frame). */
  readonly marks: EntityPlace[];
}

/** Places that are kept where many entities have the value. */
export const placesMax = 20;

/** What comes next: a step reads one number or blob. */
const steps = { id: 0, properties: 1, key: 2, kind: 3, blob: 4, number: 5, elements: 6 } as const;

export function* scanEntities(
  cursor: FrameCursor,
  count: number,
  wanted: WantedText,
  into: EntityPlaces,
): FrameReader<void> {
  const scan = new EntityScan(count, wanted, into);
  while (!scan.isDone) {
    yield* cursor.more();
    cursor.moveTo(scan.pass(cursor.frame, cursor.view, cursor.at));
  }
}

class EntityScan {
  readonly #wanted: WantedText;
  readonly #wantedHead: number;
  readonly #into: EntityPlaces;
  #left: number;
  #step: number = steps.id;
  #properties = 0;
  #key = 0;
  /** Numbers that are left of a value: a point has two. */
  #numbers = 0;
  /** Values that are left of a property: an array is followed by its values, which may be arrays. */
  #values = 0;
  #isText = false;
  #isOwn = false;
  #isFound = false;
  #entity: EntityPlace = { id: 0, frameAt: 0, at: 0 };
  #markedAt = -1;

  constructor(count: number, wanted: WantedText, into: EntityPlaces) {
    this.#left = count;
    this.#wanted = wanted;
    this.#wantedHead = wanted.bytes.length < 4 ? -1 : wanted.bytes.readInt32LE();
    this.#into = into;
  }

  get isDone(): boolean {
    return this.#left === 0;
  }

  /** Passes over what is in this frame from `at` on; returns where it stopped. */
  pass(frame: Frame, view: DataView, from: number): number {
    const end = frame.place.length;
    if (from === 0 && this.#step === steps.blob && isAlone(frame)) {
      this.#step = steps.kind;
      this.#afterValue();
      return end;
    }
    const { key: wantedKey, bytes: text } = this.#wanted;
    let at = from;
    while (at < end && this.#left > 0) {
      switch (this.#step) {
        case steps.id:
          this.#begin(view.getUint32(at, true) + view.getUint32(at + 4, true) * 2 ** 32, frame.place.at, at);
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
          this.#key = view.getUint32(at, true);
          at += 8;
          this.#values = 1;
          this.#isOwn = true;
          this.#step = steps.kind;
          break;
        case steps.kind:
          this.#begins(view.getUint32(at, true));
          at += 8;
          break;
        case steps.blob: {
          const length = view.getUint32(at, true);
          at += 8;
          if (at + length > end) throw new RangeError("a text ends outside of its frame");
          if (
            length === text.length &&
            this.#isText &&
            this.#key === wantedKey &&
            (this.#wantedHead === -1 || view.getInt32(at, true) === this.#wantedHead)
          )
            this.#isFound ||= frame.bytes.compare(text, 0, length, at, at + length) === 0;
          at += length;
          this.#afterValue();
          break;
        }
        case steps.number:
          at += 8;
          this.#numbers -= 1;
          if (this.#numbers === 0) this.#afterValue();
          break;
        default:
          this.#values += view.getUint32(at, true);
          at += 8;
          this.#afterValue();
      }
    }
    return at;
  }

  #begin(id: number, frameAt: number, at: number): void {
    this.#entity = { id, frameAt, at };
    this.#isFound = false;
    if (frameAt === this.#markedAt) return;
    this.#into.marks.push(this.#entity);
    this.#markedAt = frameAt;
  }

  /** A value of this kind comes. */
  #begins(kind: number): void {
    switch (kind) {
      case valueKinds.string:
      case valueKinds.internedString:
      case valueKinds.vector:
        this.#isText = this.#isOwn && kind !== valueKinds.vector;
        this.#step = steps.blob;
        break;
      case valueKinds.array:
        this.#step = steps.elements;
        break;
      case valueKinds.null:
        this.#afterValue();
        break;
      case valueKinds.point:
        this.#numbers = 2;
        this.#step = steps.number;
        break;
      case valueKinds.bool:
      case valueKinds.int:
      case valueKinds.double:
      case valueKinds.datetime:
      case valueKinds.date:
      case valueKinds.time:
      case valueKinds.duration:
        this.#numbers = 1;
        this.#step = steps.number;
        break;
      default:
        throw new RangeError(`unknown kind ${kind} of a value`);
    }
  }

  #afterValue(): void {
    this.#isOwn = false;
    this.#values -= 1;
    this.#step = steps.kind;
    if (this.#values > 0) return;
    this.#properties -= 1;
    this.#step = steps.key;
    if (this.#properties === 0) this.#end();
  }

  #end(): void {
    const into = this.#into;
    this.#step = steps.id;
    this.#left -= 1;
    into.passed++;
    if (!this.#isFound) return;
    into.found++;
    if (into.places.length < placesMax) into.places.push(this.#entity);
  }
}

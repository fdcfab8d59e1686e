// Text of realistic length and variety. @faker-js/faker fills the pools once per seed; after that a text costs a few
// integer draws, so a million nodes do not cost a million faker calls. Words are drawn one by one (not whole canned
// sentences), because repeated passages would flatter every figure about compression.
import { faker } from "@faker-js/faker/locale/en";
import { type Draw, mix32 } from "../random.ts";

/** Strings that are drawn from, also as the bytes that a bulk load copies. */
export class Pool {
  readonly strings: readonly string[];
  readonly #bytes: DataView;
  /** String k is the bytes from ends[k] to ends[k + 1]. */
  readonly #ends: Uint32Array;

  constructor(strings: readonly string[]) {
    this.strings = strings;
    const bytes = Buffer.from(`${strings.join("")}    `);
    this.#bytes = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    this.#ends = new Uint32Array(strings.length + 1);
    for (const [k, text] of strings.entries()) this.#ends[k + 1] = (this.#ends[k] as number) + Buffer.byteLength(text);
  }

  at(k: number): string {
    return this.strings[k] as string;
  }

  /** Copies string k, four bytes at a time and so up to three too many; gives the position after it. */
  into(k: number, view: DataView, position: number): number {
    const start = this.#ends[k] as number;
    const length = (this.#ends[k + 1] as number) - start;
    for (let i = 0; i < length; i += 4) view.setUint32(position + i, this.#bytes.getUint32(start + i));
    return position + length;
  }
}

export interface TextPools {
  /** Unique names: the first word of an entity name. */
  readonly heads: Pool;
  /** Unique second words. */
  readonly tails: Pool;
  /** Capitalised ASCII words that open a sentence. */
  readonly openers: Pool;
  /** " word", " of the word": one step of a sentence in ASCII, with its leading space. */
  readonly steps: Pool;
  /** Relation names, SCREAMING_SNAKE_CASE, the common ones first. */
  readonly relations: Pool;
  /** The same relations as a verb phrase. */
  readonly phrases: Pool;
}

const stepCount = 8192;
const headCount = 2048;
const tailCount = 2048;
const openerCount = 512;
const connectors = ["", "", "", "", "", "", " the", " a", " of the", " and", " in the", " with", " for", " to"];
const commonRelations =
  "WORKS_AT LIVES_IN LIKES PREFERS USES OWNS KNOWS MEMBER_OF LOCATED_IN PART_OF WORKS_ON CREATED REPORTED ATTENDED DEPENDS_ON ASKED_ABOUT";
// Real names are not all ASCII: these go through every layer as two-, three- and four-byte UTF-8.
const foreignNames = (
  "Zoë Łukasz Søren Çağla Nguyễn Þóra Ørsted Jürgen Σοφία Дмитрий Ольга דוד فاطمة प्रिया กรุงเทพ 東京 北京大学 서울 " +
  "さくら Café-☕ 🚀-Apollo naïve Dvořák São-Paulo"
).split(" ");

let cached: { readonly seed: number; readonly pools: TextPools } | undefined;

export function textPools(seed: number): TextPools {
  if (cached?.seed !== seed) cached = { seed, pools: buildPools(seed) };
  return cached.pools;
}

function buildPools(seed: number): TextPools {
  // The library's one instance is seeded just before and used only here, so the pools depend on the seed alone.
  faker.seed(mix32(seed >>> 0) ^ mix32(Math.floor(seed / 2 ** 32)));
  const words = unique(2800, () => {
    const kind = faker.number.int(3);
    if (kind === 0) return faker.word.adjective();
    return kind === 1 ? faker.word.verb() : faker.word.noun();
  });
  const heads = unique(headCount - foreignNames.length, () => {
    const kind = faker.number.int(9);
    if (kind < 6) return faker.person.firstName();
    return kind < 8 ? faker.location.city() : capital(faker.word.noun());
  });
  // Spread evenly, so that small graphs meet them too.
  for (const [i, name] of foreignNames.entries()) heads.splice(17 + i * 61, 0, name);
  const tails = unique(tailCount, () =>
    faker.number.int(4) < 3 ? faker.person.lastName() : capital(faker.word.noun()),
  );
  const openers = Array.from({ length: openerCount }, () => capital(faker.helpers.arrayElement(words)));
  const steps = Array.from(
    { length: stepCount },
    () => `${faker.helpers.arrayElement(connectors)} ${faker.helpers.arrayElement(words)}`,
  );
  const relations = [
    ...commonRelations.split(" "),
    ...unique(304, () =>
      screaming(`${faker.word.verb()} ${faker.helpers.arrayElement(["", "to", "by", "with", "from", "of"])}`),
    ),
  ];
  const phrases = relations.map((name) => name.toLowerCase().replaceAll("_", " "));
  return {
    heads: new Pool(heads),
    tails: new Pool(tails),
    openers: new Pool(openers),
    steps: new Pool(steps),
    relations: new Pool(relations),
    phrases: new Pool(phrases),
  };
}

function unique(count: number, make: () => string): string[] {
  const found = new Set<string>();
  // Faker's lists are finite; a pool that ran dry is completed with numbered words rather than looping for ever.
  for (let tries = 0; found.size < count && tries < count * 40; tries++) found.add(make());
  for (let n = 1; found.size < count; n++) found.add(`${make()} ${n}`);
  return [...found];
}

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}

function screaming(words: string): string {
  return words
    .trim()
    .toUpperCase()
    .replaceAll(/[^A-Z]+/g, "_");
}

let scratch = Buffer.alloc(4096);
let scratchView = viewOf(scratch);

/** Sentences of about `length` characters; an empty text for a length below 1. */
export function prose(pools: TextPools, draw: Draw, length: number): string {
  if (proseLimit(length) > scratch.length) {
    scratch = Buffer.alloc(proseLimit(length) * 2);
    scratchView = viewOf(scratch);
  }
  return scratch.toString("latin1", 0, proseInto(pools, draw, length, scratchView, 0));
}

/** The same text as ASCII bytes; returns the position after them. */
export function proseInto(pools: TextPools, draw: Draw, length: number, view: DataView, position: number): number {
  if (length < 1) return position;
  const { openers, steps } = pools;
  let at = openers.into(draw.below(openerCount), view, position);
  while (at - position < length - 8) {
    const bits = draw.next();
    at = steps.into(bits & (stepCount - 1), view, at);
    at = steps.into((bits >>> 13) & (stepCount - 1), view, at);
    // The six bits left decide where a sentence ends: about every nine steps.
    if (bits >>> 26 < 14) {
      view.setUint16(at, dotSpace);
      at = openers.into(draw.below(openerCount), view, at + 2);
    }
  }
  view.setUint8(at, dot);
  return at + 1;
}

function viewOf(bytes: Buffer): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}

/** More bytes than prose of this length can touch. */
export function proseLimit(length: number): number {
  return length + 160;
}

const dot = 46;
const space = 32;
const dotSpace = (dot << 8) | space;

/** The name of the k-th entity: unique by construction, single words first, as in small real graphs. */
export function entityName(pools: TextPools, k: number): string {
  if (k < firstNames.length) return firstNames[k] as string;
  const column = nameColumn(k);
  const row = Math.floor(k / headCount);
  const head = pools.heads.at(column);
  if (row === 0) return head;
  const turn = Math.floor(row / tailCount);
  const name = `${head} ${pools.tails.at(nameTail(row, column))}`;
  return turn === 0 ? name : `${name} ${turn + 1}`;
}

/** The two names that most memories are about. */
const firstNames = ["user", "assistant"];

/** The same as bytes, where it is made of pooled words alone; undefined where it is not. */
export function entityNameInto(pools: TextPools, k: number, view: DataView, position: number): number | undefined {
  const row = Math.floor(k / headCount);
  if (k < firstNames.length || row >= tailCount) return undefined;
  const column = nameColumn(k);
  const at = pools.heads.into(column, view, position);
  if (row === 0) return at;
  view.setUint8(at, space);
  return pools.tails.into(nameTail(row, column), view, at + 1);
}

/** Multiplying by an odd number visits every column once in a row, far from its neighbours. */
function nameColumn(k: number): number {
  return Math.imul(k, 1021) & (headCount - 1);
}

function nameTail(row: number, column: number): number {
  return (row + Math.imul(column, 577)) & (tailCount - 1);
}

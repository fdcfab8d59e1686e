// Text of realistic length and variety. @faker-js/faker fills the pools once per seed; after that a text costs a few
// integer draws, so a million nodes do not cost a million faker calls. Words are drawn one by one (not whole canned
// sentences), because repeated passages would flatter every figure about compression.
import { faker } from "@faker-js/faker/locale/en";
import { type Draw, mix32 } from "./random.ts";

export interface TextPools {
  /** Unique names: the first word of an entity name. */
  readonly heads: readonly string[];
  /** Unique second words. */
  readonly tails: readonly string[];
  /** Capitalised words that open a sentence. */
  readonly openers: readonly string[];
  /** " word", " of the word": one step of a sentence, with its leading space. */
  readonly steps: readonly string[];
  /** Relation names, SCREAMING_SNAKE_CASE, the common ones first. */
  readonly relations: readonly string[];
  /** The same relations as a verb phrase. */
  readonly phrases: readonly string[];
}

const stepCount = 8192;
const headCount = 2048;
const tailCount = 2048;
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
  const openers = Array.from({ length: 512 }, () => capital(faker.helpers.arrayElement(words)));
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
  return { heads, tails, openers, steps, relations, phrases };
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

/** Sentences of about `length` characters; an empty text for a length below 1. */
export function prose(pools: TextPools, draw: Draw, length: number): string {
  if (length < 1) return "";
  let text = draw.pick(pools.openers);
  while (text.length < length - 8) {
    const bits = draw.next();
    text += pools.steps[bits & (stepCount - 1)] as string;
    text += pools.steps[(bits >>> 13) & (stepCount - 1)] as string;
    // The six bits left decide where a sentence ends: about every nine steps.
    if (bits >>> 26 < 14) text += `. ${draw.pick(pools.openers)}`;
  }
  return `${text}.`;
}

/** The name of the k-th entity: unique by construction, single words first, as in small real graphs. */
export function entityName(pools: TextPools, k: number): string {
  if (k === 0) return "user";
  if (k === 1) return "assistant";
  const column = Math.imul(k, 1021) & (headCount - 1);
  const row = Math.floor(k / headCount);
  const head = pools.heads[column] as string;
  if (row === 0) return head;
  const turn = Math.floor(row / tailCount);
  const tail = pools.tails[(row + Math.imul(column, 577)) & (tailCount - 1)] as string;
  return turn === 0 ? `${head} ${tail}` : `${head} ${tail} ${turn + 1}`;
}

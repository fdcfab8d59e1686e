// The layout of one graph: how many of each kind, which block of episodes they belong to, and which internal
// id they get. All closed forms, so that counting a million nodes costs nothing and any one of them can be found.
//
// Episodes come in blocks of 64. A block has a fixed budget of new entities, mentions and facts and refers only to
// itself and to older entities; so one block can be built without the ones before it.
import { entityTypes } from "../schema/graphiti-schema.ts";
import type { Profile } from "../profile.ts";

const blockEpisodes = 64;
const sagaEpisodes = 48;
/** Members per community, over and over: 6 on average. */
const communitySizes = [4, 6, 8, 5, 7];
const communityCycle = 30;

/** Which type the k-th entity has: position k mod 20 in this list; -1 is untyped. */
const typePattern = [0, -1, 8, 1, -1, 0, 2, -1, 5, 9, -1, 0, 8, 6, -1, 3, 7, -1, 4, 1];
const typeCount = entityTypes.length + 1;

export interface Layout {
  readonly episodes: number;
  readonly blocks: number;
  readonly entities: number;
  /** Mentions beyond the one that every entity has from the episode it is new in. */
  readonly extraMentions: number;
  readonly facts: number;
  readonly communities: number;
  readonly members: number;
  readonly sagas: number;
  readonly sagaEpisodes: number;
  readonly sagaEvery: number;
  readonly typed: boolean;
}

export function layoutFor(nodes: number, profile: Profile): Layout {
  const episodes = nodes === 0 ? 0 : clearOfBorders(Math.max(1, Math.round(nodes * profile.episodeShare)));
  const blocks = Math.max(1, Math.round(episodes / blockEpisodes));
  const perSaga = Math.min(sagaEpisodes, Math.floor(episodes / blocks));
  const sagas = profile.sagaEvery === 0 || perSaga < 2 ? 0 : Math.ceil(blocks / profile.sagaEvery);
  const rest = Math.max(0, nodes - episodes - sagas);
  // communities = entities * share / 6 and entities = rest - communities, in whole numbers.
  const communities = Math.floor((rest * profile.communityShare) / (6 + profile.communityShare));
  const entities = clearOfBorders(rest - communities);
  const mentions = clearOfBorders(Math.max(entities, Math.round(episodes * profile.mentionsPerEpisode)));
  return {
    episodes,
    blocks,
    entities,
    extraMentions: entities < 2 ? 0 : mentions - entities,
    facts: clearOfBorders(entities < 4 ? 0 : Math.round(entities * profile.factsPerEntity)),
    communities,
    members: memberStart(communities),
    sagas,
    sagaEpisodes: perSaga,
    sagaEvery: profile.sagaEvery,
    typed: profile.typedEntities,
  };
}

/**
 * FalkorDB 4.16.3 writes a dump that it cannot load when a buffer fills to the brim: 63,999 and 64,000 nodes of one
 * label, 32,000 edges of one type. A generated graph must not break the engine by its size alone.
 */
function clearOfBorders(count: number): number {
  for (const border of [32_000, 64_000]) if (Math.abs(count - border) <= 2) return border + 3;
  return count;
}

/** How much of `total` the blocks before `block` hold. */
export function share(total: number, block: number, blocks: number): number {
  return Math.floor((total * block) / blocks);
}

/** The block that holds the index-th of `total`. */
export function blockOf(index: number, total: number, blocks: number): number {
  let block = Math.min(blocks - 1, Math.floor((index * blocks) / total));
  while (block > 0 && share(total, block, blocks) > index) block--;
  while (block < blocks - 1 && share(total, block + 1, blocks) <= index) block++;
  return block;
}

/** Members of the communities before `community`: a prefix sum of the size cycle. */
export function memberStart(community: number): number {
  const cycles = Math.floor(community / communitySizes.length);
  let start = cycles * communityCycle;
  for (let i = 0; i < community % communitySizes.length; i++) start += communitySizes[i] as number;
  return start;
}

/**
 * Entities are stored in chunks, and within a chunk by type, because a bulk load takes one label set at a time; 0 is
 * untyped, t is entityTypes[t - 1]. A whole number of patterns makes every full chunk alike. Chunks are large because
 * the engine pays for every change of labels.
 */
export const chunkEntities: number = typePattern.length * 4096;

export function typeOf(layout: Layout, entity: number): number {
  return layout.typed ? (typePattern[entity % typePattern.length] as number) + 1 : 0;
}

export function typesOf(layout: Layout): number {
  return layout.typed ? typeCount : 1;
}

const slotsOfType = Array.from({ length: typeCount }, (_, type) =>
  typePattern.flatMap((of, slot) => (of + 1 === type ? [slot] : [])),
);
const rankInType = typePattern.map((of, slot) => (slotsOfType[of + 1] as number[]).indexOf(slot));

/** How many entities of this type there are among the first `count` of a chunk. */
export function typedAmong(layout: Layout, type: number, count: number): number {
  if (!layout.typed) return type === 0 ? count : 0;
  const slots = slotsOfType[type] as number[];
  const part = count % typePattern.length;
  let among = ((count - part) / typePattern.length) * slots.length;
  for (let i = 0; i < slots.length; i++) if ((slots[i] as number) < part) among++;
  return among;
}

/** The n-th entity of a type within a chunk, as its place in the chunk. */
export function placeOfType(layout: Layout, type: number, n: number): number {
  if (!layout.typed) return n;
  const slots = slotsOfType[type] as number[];
  return Math.floor(n / slots.length) * typePattern.length + (slots[n % slots.length] as number);
}

/** Position of an entity in the stored order of its chunk. */
export function rankInChunk(layout: Layout, entity: number): number {
  const place = entity % chunkEntities;
  if (!layout.typed) return place;
  const size = Math.min(chunkEntities, layout.entities - (entity - place));
  const slot = place % typePattern.length;
  const type = (typePattern[slot] as number) + 1;
  const inType =
    ((place - slot) / typePattern.length) * (slotsOfType[type] as number[]).length + (rankInType[slot] as number);
  if (size === chunkEntities) return (fullChunkStarts[type] as number) + inType;
  let before = 0;
  for (let t = 0; t < type; t++) before += typedAmong(layout, t, size);
  return before + inType;
}

const fullChunkStarts = slotsOfType.map(
  (_, type) => (chunkEntities / typePattern.length) * slotsOfType.slice(0, type).flat().length,
);

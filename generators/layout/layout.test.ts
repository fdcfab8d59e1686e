import { expect, test } from "vitest";
import {
  blockOf,
  chunkEntities,
  layoutFor,
  memberStart,
  placeOfType,
  rankInChunk,
  share,
  typedAmong,
  typesOf,
} from "./layout.ts";
import { largeProfile, personalProfile } from "../profile.ts";

test("the number of nodes is the one asked for", () => {
  for (const nodes of [0, 1, 2, 10, 99, 1000, 12_345, 1_000_000]) {
    const { episodes, entities, communities, sagas } = layoutFor(nodes, personalProfile);
    expect(episodes + entities + communities + sagas).toBe(nodes);
  }
});

test("no count of a label or type is one that FalkorDB 4.16.3 cannot load", () => {
  const deadly = new Set([31_999, 32_000, 63_999, 64_000]);
  const problems: string[] = [];
  for (let nodes = 40_000; nodes < 240_000; nodes++) {
    const { episodes, entities, facts, extraMentions } = layoutFor(nodes, largeProfile);
    const found = [episodes, entities, facts, extraMentions + entities].filter((count) => deadly.has(count));
    if (found.length > 0) problems.push(`${nodes} nodes give ${found.join(", ")}`);
  }
  expect(problems).toEqual([]);
});

test("blocks share everything out without a gap", () => {
  for (const [total, blocks] of [
    [10, 3],
    [1000, 16],
    [64, 1],
    [5, 8],
  ] as const) {
    for (let index = 0; index < total; index++) {
      const block = blockOf(index, total, blocks);
      expect(share(total, block, blocks)).toBeLessThanOrEqual(index);
      expect(share(total, block + 1, blocks)).toBeGreaterThan(index);
    }
  }
});

test("the stored order of a chunk is a permutation, and its two directions agree", () => {
  for (const nodes of [100, 3000, 200_000]) {
    const layout = layoutFor(nodes, personalProfile);
    const start = Math.floor(layout.entities / chunkEntities) * chunkEntities;
    const size = layout.entities - start;
    let rank = 0;
    for (let type = 0; type < typesOf(layout); type++) {
      const count = typedAmong(layout, type, size);
      for (let n = 0; n < count; n++) expect(rankInChunk(layout, start + placeOfType(layout, type, n))).toBe(rank++);
    }
    expect(rank).toBe(size);
  }
});

test("communities have four to eight members", () => {
  const sizes = Array.from({ length: 20 }, (_, c) => memberStart(c + 1) - memberStart(c));
  expect(Math.min(...sizes)).toBe(4);
  expect(Math.max(...sizes)).toBe(8);
  expect(memberStart(5)).toBe(30);
});

import { expect, test } from "vitest";
import { messageParts, randomMessage, uuidOf } from "./episode-message.ts";
import { episodeWrites } from "./episode-writes.ts";

const options = { seed: 7, writer: "writer-0", groupId: "team", dims: 4 } as const;
const steps = (sequence: number, schema: "pre1856" | "post1856"): string =>
  episodeWrites(randomMessage({ ...options, sequence, schema }))
    .map(({ step }) => step)
    .join(" ");

test("a message is a pure function of seed, writer and sequence", () => {
  expect(randomMessage({ ...options, sequence: 5 })).toEqual(randomMessage({ ...options, sequence: 5 }));
  const others = [
    { ...options, sequence: 6 },
    { ...options, sequence: 5, seed: 8 },
    { ...options, sequence: 5, writer: "writer-1" },
  ];
  const uuids = others.map((other) => randomMessage(other).uuid);
  expect(new Set([...uuids, randomMessage({ ...options, sequence: 5 }).uuid]).size).toBe(4);
});

test("writes go out in Graphiti's order", () => {
  expect(steps(0, "post1856")).toMatch(/^W1( W2){3,5} W3 W4 W5 W7 W8$/);
  expect(steps(1, "post1856")).toMatch(/^W1( W2){3,5} W3 W4 W5 W6 W7 W8$/);
  const perLabel = steps(1, "pre1856").split("W2").length;
  expect(perLabel).toBeGreaterThan(steps(1, "post1856").split("W2").length);
});

test("facts join entities of the message, and each message invalidates the first fact of the one before", () => {
  const before = randomMessage({ ...options, sequence: 8 });
  const message = randomMessage({ ...options, sequence: 9 });
  const entities = new Set(message.mentions.map(({ entity }) => entity));
  for (const fact of message.facts) {
    expect(entities).toContain(fact["source_node_uuid"]);
    expect(entities).toContain(fact["target_node_uuid"]);
  }
  const [ended] = message.invalidated;
  expect(ended).toMatchObject({ ...before.facts[0], expired_at: message.episode["created_at"] });
  expect(message.episode["entity_edges"]).toContain(ended?.["uuid"]);
});

test("no two messages share a uuid except those of the hub and the saga", () => {
  const seen = new Map<string, number>();
  for (let sequence = 0; sequence < 200; sequence += 1) {
    const { episode, entities, facts, mentions, saga } = randomMessage({ ...options, dims: 0, sequence });
    const records = [
      episode,
      ...entities.slice(1).map(({ properties }) => properties),
      ...facts,
      saga?.hasEpisode ?? {},
    ];
    for (const record of [...records, ...mentions.map(({ properties }) => properties)]) {
      const uuid = uuidOf(record);
      seen.set(uuid, (seen.get(uuid) ?? 0) + 1);
    }
  }
  expect([...seen.values()].filter((count) => count > 1)).toEqual([]);
});

test("the parts of a message are the uuids of what it alone stores", () => {
  for (const sequence of [0, 1, 47, 48, 1000]) {
    const { episode, entities, mentions, facts, saga } = randomMessage({ ...options, sequence });
    const records = [...entities.slice(1), ...mentions].map(({ properties }) => properties);
    const uuids = [episode, ...records, ...facts, saga?.hasEpisode ?? {}].map(uuidOf);
    expect(messageParts({ ...options, sequence }).map(([, uuid]) => uuid)).toEqual(uuids);
  }
});

import { expect, test } from "vitest";
import { judgeDivergence } from "./source-divergence.ts";

type Sides = readonly [wanted: string, source: string, chain: string];

/** By entity what was wanted, what the source holds and what the chain gives. */
function judge(entities: Readonly<Record<string, Sides>>, differing?: readonly string[]) {
  const side = (at: 0 | 1 | 2): Map<string, string> =>
    new Map(Object.entries(entities).map(([key, of]) => [key, of[at]]));
  const found = Object.entries(entities).flatMap(([key, [, source, chain]]) => (source === chain ? [] : [key]));
  const input = { wanted: side(0), source: side(1), chain: side(2), differing: new Set(differing ?? found) };
  const { findings, explainsAll } = judgeDivergence({ subject: "updates", ...input });
  return { codes: findings.map(({ code }) => code), severities: findings.map(({ severity }) => severity), explainsAll };
}

test("a source that lost what its stream holds is the engine's fault, and explains the difference", () => {
  expect(judge({ a: ["text", "", "text"], b: ["same", "same", "same"] })).toMatchObject({
    codes: ["engine-source-diverged"],
    explainsAll: true,
  });
});

test("a wrong value in both the source and its stream is not a divergence, and explains none", () => {
  expect(judge({ a: ["text", "tex", "tex"] })).toMatchObject({ codes: ["engine-wrote-otherwise"], explainsAll: true });
  expect(judge({ a: ["text", "tex", "te"] })).toMatchObject({ codes: ["engine-wrote-otherwise"], explainsAll: false });
});

test("a chain that differs from a source that is right is not excused", () => {
  expect(judge({ a: ["text", "text", ""] })).toMatchObject({ codes: [], explainsAll: false });
});

test("one entity that the engine lost does not excuse another that differs", () => {
  const entities = { a: ["text", "", "text"], b: ["same", "same", "other"] } as const;
  expect(judge(entities)).toMatchObject({ codes: ["engine-source-diverged"], explainsAll: false });
  expect(judge({ a: entities.a }, ["a", "elsewhere"]).explainsAll).toBe(false);
});

test("what the engine did does not decide where the chain differs in something else: that difference does", () => {
  const severities = (entities: Readonly<Record<string, Sides>>): readonly string[] => judge(entities).severities;
  expect(severities({ a: ["text", "", "text"] })).toEqual(["error"]);
  expect(severities({ a: ["text", "", "text"], b: ["same", "same", "other"] })).toEqual(["warning"]);
  expect(severities({ a: ["text", "tex", "tex"], b: ["same", "same", ""] })).toEqual(["warning"]);
  expect(severities({ a: ["text", "tex", "te"] })).toEqual(["error"]);
  expect(judge({ a: ["text", "", "text"] }, ["a", "an index"]).severities).toEqual(["warning"]);
});

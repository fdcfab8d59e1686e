import { describe, expect, it } from "vitest";
import { missingShards, noResult, shardOf, withMissing } from "./missing.ts";
import type { DrillResult } from "./result.ts";

const replay = "falkordrill run --seed 1";
const there = noResult("cycle/full", "here", replay);
const result: DrillResult = { schemaVersion: 2, verdict: "pass", seed: 1, exitCode: 0, replay, scenarios: [there] };

describe("a planned scenario", () => {
  it.each<[string, readonly string[] | undefined, readonly string[]]>([
    ["without a result is inconclusive", ["cycle/full", "cycle/wire"], ["cycle/wire"]],
    ["with a result is not said again", ["cycle/full"], []],
    ["of a run without a plan cannot be missing", undefined, []],
  ])("%s", (_, planned, missing) => {
    const [first, ...others] = withMissing(result, planned);
    expect(first).toBe(there);
    expect(others.map(({ id }) => id)).toEqual(missing);
    for (const { verdict, exit, findings, judged, phases, notCovered } of others)
      expect([verdict, exit, findings.map(({ code }) => code), judged, phases, notCovered]).toEqual([
        "inconclusive",
        "inconclusive",
        ["assumption-no-result"],
        [],
        [],
        [],
      ]);
  });
});

describe("the shards of a drill", () => {
  const shard = (index: number, count: number, more: object = {}): Parameters<typeof missingShards>[0][number] => ({
    replay: `${replay} --shard ${index}/${count}`,
    version: "1",
    commit: "a",
    shard: { index, count },
    ...more,
  });

  it.each([
    ["are complete", [shard(1, 2), shard(2, 2)], []],
    ["miss one", [shard(2, 3), shard(3, 3)], ["shard/1-of-3"]],
    ["of many miss one", Array.from({ length: 11 }, (_, at) => shard(at + 1, 12)), ["shard/12-of-12"]],
    [
      "of another commit are another drill",
      [shard(1, 2), shard(2, 2, { commit: "b" })],
      ["shard/2-of-2", "shard/1-of-2"],
    ],
    [
      "of another version are another drill",
      [shard(1, 2), shard(2, 2, { version: "2" })],
      ["shard/2-of-2", "shard/1-of-2"],
    ],
    [
      "of another seed are another drill",
      [shard(1, 2), shard(2, 2, { replay: "falkordrill run --seed 2 --shard 2/2" })],
      ["shard/2-of-2", "shard/1-of-2"],
    ],
    ["of two splits both miss", [shard(1, 2), shard(1, 3), shard(3, 3)], ["shard/2-of-2", "shard/2-of-3"]],
    ["are not completed by another split", [shard(1, 2), shard(2, 3), shard(3, 3)], ["shard/2-of-2", "shard/1-of-3"]],
    ["are none for a whole drill", [{ replay, version: "1", commit: "a", shard: undefined }], []],
  ])("%s", (_, runs, missing) => {
    const found = missingShards(runs);
    expect(found.map(({ id }) => id)).toEqual(missing);
    expect(found.every(({ verdict }) => verdict === "inconclusive")).toBe(true);
  });

  it("that are missing are named with the command that runs them", () => {
    expect(missingShards([shard(10, 11)])[0]?.replay).toBe(`${replay} --shard 1/11`);
  });

  it.each([
    [{ shard: { index: 1, count: 2 } }, { index: 1, count: 2 }],
    [{ shard: { index: 0, count: 2 } }, undefined],
    [{ shard: { index: 1, count: 1001 } }, undefined],
    [{}, undefined],
  ])("are in its options: %j", (options, expected) => {
    expect(shardOf({ options })).toEqual(expected);
  });
});

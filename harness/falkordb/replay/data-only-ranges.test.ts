import { describe, expect, it } from "vitest";
import { type DataOnlyRange, dataOnlyRanges } from "./data-only-ranges.ts";
import { encodeCommand } from "../client/encode-command.ts";

const start = 1000;

type Words = readonly string[];

const effect = (graph: string): Words => ["GRAPH.EFFECT", graph, "payload"];
const query = (graph: string, text: string): Words => ["GRAPH.QUERY", graph, text];
const index = "CREATE INDEX FOR (e:Entity) ON (e.uuid)";

/** Ranges as `database/graph changes first-last`, where first and last are positions in the list of commands. */
async function stretchesOf(commands: readonly Words[], changesMin = 1, chunkBytes = 7): Promise<string[]> {
  const encoded = commands.map(encodeCommand);
  const bytes = Buffer.concat(encoded);
  const borders = [start];
  for (const part of encoded) borders.push((borders.at(-1) ?? 0) + part.length);
  const chunks = async function* (): AsyncGenerator<Buffer> {
    for (let at = 0; at < bytes.length; at += chunkBytes)
      yield await Promise.resolve(bytes.subarray(at, at + chunkBytes));
  };
  const part = { from: start, to: start + bytes.length, database: 0 };
  const found = await dataOnlyRanges(chunks(), part, changesMin);
  const place = (offset: number): number => borders.indexOf(offset);
  return found.map(
    ({ database, graph, changes, from, to }: DataOnlyRange) =>
      `${database}/${graph} ${changes} ${place(from)}-${place(to)}`,
  );
}

describe("data-only ranges", () => {
  it("go from the first change of a graph to what disturbs it, or to the end", async () => {
    expect(await stretchesOf([["PING"], effect("g"), effect("g"), query("g", index), effect("g")])).toEqual([
      "0/g 2 1-3",
      "0/g 1 4-5",
    ]);
  });

  it("are left out where they have too few changes", async () => {
    expect(await stretchesOf([effect("g"), effect("g"), query("g", index), effect("g")], 2)).toEqual(["0/g 2 0-2"]);
  });

  it("are those of each graph of each database", async () => {
    const commands = [effect("a"), ["SELECT", "1"], effect("a"), query("b", index), effect("b"), effect("a")];
    expect(await stretchesOf(commands)).toEqual(["0/a 1 0-6", "1/a 2 2-6", "1/b 1 4-6"]);
  });

  it.each<Words>([
    ["GRAPH.CONSTRAINT", "CREATE", "g", "UNIQUE", "NODE", "Entity", "PROPERTIES", "1", "uuid"],
    ["GRAPH.BULK", "g", "1", "0", "1", "0", "blob"],
    ["GRAPH.DELETE", "g"],
    ["DEL", "other", "g"],
    ["RENAME", "other", "g"],
    ["FLUSHALL"],
    ["FLUSHDB", "ASYNC"],
    ["SWAPDB", "0", "1"],
    ["GRAPH.UDF"],
    ["HSET", "key", "field", "v".repeat(70_000)],
  ])("end at %s", async (...command) => {
    expect(await stretchesOf([effect("g"), command, effect("g")], 1, 4096)).toEqual(["0/g 1 0-1", "0/g 1 2-3"]);
  });

  it.each<Words>([["SET", "key", "value"], ["DEL", "other"], query("other", index)])(
    "go on beside %s",
    async (...command) => {
      expect(await stretchesOf([effect("g"), command, effect("g")])).toEqual(["0/g 2 0-3"]);
    },
  );

  it("begin and end outside of transactions", async () => {
    const dataOnly = [["MULTI"], effect("g"), effect("g"), ["EXEC"]];
    expect(await stretchesOf([["PING"], ...dataOnly, ["PING"]])).toEqual(["0/g 2 1-6"]);
    const disturbed = [["MULTI"], effect("g"), query("g", index), effect("g"), ["EXEC"]];
    expect(await stretchesOf([effect("g"), ...disturbed, effect("g")])).toEqual(["0/g 2 0-1", "0/g 1 6-7"]);
  });

  it("are not found where an index may have settings that an engine does not report", async () => {
    const odd = "CALL db.idx.fulltext.createNodeIndex({label: 'Entity', stopwords: [ ]}, 'name')";
    expect(await stretchesOf([effect("g"), query("g", odd), effect("g"), effect("h")])).toEqual([
      "0/g 1 0-1",
      "0/h 1 3-4",
    ]);
  });
});

// The digest of a real server: the same as long as nothing changes, and another one after any change.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { embeddedEngines } from "../../engine/embedded.ts";
import type { Engine } from "../../engine/engine.ts";
import { compareDigests } from "./compare-digests.ts";
import { connect, type Connection } from "../../falkordb/client/connection.ts";
import { digestServer, digestedEntities } from "./server-digest.ts";

const { signal } = new AbortController();
let engine: Engine;
let connection: Connection;

beforeAll(async () => {
  engine = await embeddedEngines().start({ name: "source" });
  connection = await connect(engine.endpoint);
  const values =
    "n.s = 'żółć', n.f = 0.1, n.one = 1, n.b = true, n.l = [1, ['a', 2.5]], n.p = point({latitude: 1, longitude: 2})";
  await connection.query(
    "g",
    `UNWIND range(1, 25000) AS i CREATE (n:N {id: i}) SET n.v = vecf32([i, 0.25, -1]), ${values}`,
  );
  await connection.query("g", "MATCH (a:N), (b:N {id: a.id + 1}) WHERE a.id < 100 CREATE (a)-[:R {w: a.id}]->(b)");
  await connection.query("g", "CREATE INDEX FOR (n:N) ON (n.id)");
  await connection.query("g", "CREATE (:Seen)");
  await connection.query("empty", "RETURN 1");
  await connection.command("SELECT", 3);
  await connection.query("other", "CREATE (:O {x: 1})");
  await connection.command("SELECT", 0);
});
afterAll(async () => {
  connection.close();
  await engine[Symbol.asyncDispose]();
});

const digest = (): ReturnType<typeof digestServer> => digestServer(engine.endpoint, signal);

describe("the digest of a server", () => {
  it("sees every graph of every database, and is the same twice", async () => {
    const first = await digest();
    expect(first.graphs.map(({ database, name, nodes, edges }) => [database, name, nodes.count, edges.count])).toEqual([
      [0, "empty", 0, 0],
      [0, "g", 25_001, 99],
      [3, "other", 1, 0],
    ]);
    expect(digestedEntities(first)).toBe(25_101);
    expect(compareDigests(first, await digest())).toEqual([]);
  });

  const set = (text: string): string => `MATCH (n:N {id: 21000}) SET ${text}`;
  it.each([
    ["a component of a vector", set("n.v = vecf32([21000, 0.2500001, -1])"), "other nodes"],
    ["the type of a value", set("n.one = 1.0"), "other nodes"],
    ["an element of a nested list", set("n.l = [1, ['a', 2.6]]"), "other nodes"],
    ["a point", set("n.p = point({latitude: 1, longitude: 3})"), "other nodes"],
    ["a label that was known", set("n:Seen"), "other nodes"],
    ["a property of an edge", "MATCH (:N {id: 7})-[r]->() SET r.w = -1", "other edges"],
    ["the direction of an edge", "MATCH (a:N {id: 9})-[r]->(b) DELETE r CREATE (b)-[:R {w: 9}]->(a)", "other edges"],
    ["an index", "DROP INDEX ON :N(id)", "lacks the index"],
  ])("reports a change of %s", async (_, cypher, sentence) => {
    const before = await digest();
    // The engine leaves a value as it is when it takes the new one for the same, so such a value goes first.
    const property = /SET n\.(\w+)/.exec(cypher)?.[1];
    if (property !== undefined) await connection.query("g", set(`n.${property} = NULL`));
    await connection.query("g", cypher);
    expect(compareDigests(before, await digest()).join("\n")).toContain(sentence);
  });

  it("reports a label without nodes, because the next label gets another number", async () => {
    const before = await digest();
    await expect(connection.query("g", "CREATE (:Ghost {x: 1}) WITH 1 AS one RETURN one / 0")).rejects.toThrow(
      "Division by zero",
    );
    expect(compareDigests(before, await digest())).toEqual([expect.stringContaining('"Ghost" instead of nothing')]);
  });
});

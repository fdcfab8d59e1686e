import { expect, it } from "vitest";
import { embeddedEngines } from "../engine/embedded.ts";
import { connect } from "../falkordb/client/connection.ts";
import { graphsOfDatabase } from "../falkordb/client/graphs-by-database.ts";
import { assertProbe } from "./probe-query.ts";

it("calls a graph that came back in another database a wrong answer", async () => {
  const { signal } = new AbortController();
  await using engine = await embeddedEngines().start({ name: "probe", signal });
  await using connection = await connect(engine.endpoint);
  await connection.query("main", "CREATE (:Entity {uuid: 'a'})");
  const question = { graph: "main", cypher: "MATCH (n:Entity {uuid: $uuid}) RETURN n.uuid", uuid: "a", answer: "a" };
  await assertProbe(engine, question);
  await connection.command("SWAPDB", 0, 1);
  await connection.command("SET", "main", "no graph");
  expect(await connection.graphs()).toEqual(["main"]);
  expect(await graphsOfDatabase(connection)).toEqual([]);
  await expect(assertProbe(engine, question)).rejects.toMatchObject({ findingCode: "wrong-first-answer" });
  await connection.command("SELECT", 1);
  expect(await graphsOfDatabase(connection)).toEqual(["main"]);
});

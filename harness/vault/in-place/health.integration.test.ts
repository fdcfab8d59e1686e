import { expect, it } from "vitest";
import { embeddedEngines } from "../../engine/embedded.ts";
import { connect } from "../../falkordb/client/connection.ts";
import { loadOddNames, oddNames } from "../../falkordb/testing/odd-names.ts";
import { searchProblems, untilReplicasAreBack, writeProblem } from "./health.ts";

it("a server that asks for replicas takes no writes before they are back, and they are waited for", async () => {
  const { signal } = new AbortController();
  await using target = await embeddedEngines().start({ name: "primary" });
  await using replica = await embeddedEngines().start({ name: "replica" });
  await using connection = await connect(target.endpoint);
  await connection.query("g", "CREATE (:N)");
  await connection.command("CONFIG", "SET", "min-replicas-to-write", 1);
  expect(await writeProblem(target)).toContain("NOREPLICAS");
  await using follower = await connect(replica.endpoint);
  const { host, port, password = "" } = target.endpoint;
  await follower.command("CONFIG", "SET", "masterauth", password);
  await follower.command("REPLICAOF", host, port);
  await untilReplicasAreBack(target, 1, signal);
  expect(await writeProblem(target)).toBeUndefined();
});

it("a search through an index with a name that no query can write is asked for like any other", async () => {
  await using target = await embeddedEngines().start({ name: "odd" });
  await using connection = await connect(target.endpoint);
  await loadOddNames(connection, "odd");
  const index = { graph: "odd", entity: "NODE", label: oddNames.label, property: oddNames.text } as const;
  expect(await searchProblems(target, [index])).toEqual([]);
  await connection.query("odd", `CALL db.idx.fulltext.drop('${oddNames.label}')`);
  expect(await searchProblems(target, [index])).toEqual([expect.stringContaining("A`B.p`t")]);
});

import { expect, it } from "vitest";
import { embeddedEngines } from "../../engine/embedded.ts";
import { connect, type Connection } from "../client/connection.ts";
import { attachReplica } from "./attach-replica.ts";

it("a server that could not be detached at first is detached in the end, with its own password for replication", async () => {
  await using engine = await embeddedEngines().start({ name: "target" });
  const { endpoint } = engine;
  await using connection = await connect(endpoint);
  await connection.command("CONFIG", "SET", "masterauth", "its own");
  let refusals = 1;
  const command: Connection["command"] = (name, ...args) =>
    name === "REPLICAOF" && args[0] === "NO" && refusals-- > 0
      ? Promise.reject(new Error("refused"))
      : connection.command(name, ...args);
  {
    const { signal } = new AbortController();
    await using replica = await attachReplica({ endpoint, command } as unknown as Connection, { signal });
    await expect(replica.detach()).rejects.toThrow("refused");
  }
  const { role } = await connection.info("replication");
  expect([role, await connection.command("CONFIG", "GET", "masterauth")]).toEqual([
    "master",
    ["masterauth", "its own"],
  ]);
});

import { Readable } from "node:stream";
import { expect, it } from "vitest";
import { isNightly } from "../../base/testing/nightly.ts";
import { waitFor } from "../../base/wait.ts";
import { embeddedEngines } from "../../engine/embedded.ts";
import { connect, type Connection } from "../client/connection.ts";
import { encodeCommand } from "../client/encode-command.ts";
import { attachReplica } from "./attach-replica.ts";

const pingBytes = encodeCommand(["PING"]).length;

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

it.runIf(isNightly)(
  "a server stays attached though it is sent nothing for longer than it waits for a word of its master",
  async () => {
    await using engine = await embeddedEngines().start({ name: "target" });
    await using connection = await connect(engine.endpoint);
    await connection.command("CONFIG", "SET", "repl-timeout", "2");
    const lost = Promise.withResolvers<never>();
    const { signal } = new AbortController();
    await using replica = await attachReplica(connection, { signal, onLost: lost.reject });
    const heardOf = async (): Promise<true | undefined> => {
      const { master_repl_offset: offset } = await connection.info("replication");
      return Number(offset) >= 5 * pingBytes || undefined;
    };
    await Promise.race([lost.promise, waitFor(heardOf, { what: "five pings", timeoutMs: 30_000 })]);
    await replica.server.stream(Readable.from([encodeCommand(["SET", "k", "v"])]), 10_000);
    expect(await connection.command("GET", "k")).toBe("v");
    await replica.detach();
  },
);

it("a stream whose source never answers ends with its signal", async () => {
  await using engine = await embeddedEngines().start({ name: "target" });
  await using connection = await connect(engine.endpoint);
  const abort = new AbortController();
  await using replica = await attachReplica(connection, { signal: abort.signal });
  const silent = async function* (): AsyncGenerator<Buffer> {
    abort.abort(new Error("the target was lost"));
    yield await new Promise<Buffer>(() => {});
  };
  await expect(replica.server.stream(silent(), 10_000)).rejects.toThrow("the target was lost");
});

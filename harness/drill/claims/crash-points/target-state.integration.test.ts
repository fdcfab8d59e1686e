import { expect, it } from "vitest";
import { waitFor } from "../../../base/wait.ts";
import { embeddedEngines } from "../../../engine/embedded.ts";
import { connect } from "../../../falkordb/client/connection.ts";
import { targetState } from "./restore.ts";

it("a server that a killed restore left loading is looked at once it has ended that", async () => {
  const engines = embeddedEngines();
  await using source = await engines.start({ name: "source", redisConfig: { "repl-diskless-sync-delay": "0" } });
  // It loads slowly, and answers meanwhile.
  const redisConfig = { "key-load-delay": "1000", "loading-process-events-interval-bytes": "1024" };
  await using target = await engines.start({ name: "target", redisConfig });
  await using data = await connect(source.endpoint);
  await data.command("EVAL", "for i = 1, 2000 do redis.call('SET', i, i) end", "0");
  await using connection = await connect(target.endpoint);
  await connection.command("CONFIG", "SET", "masterauth", source.endpoint.password ?? "");
  await connection.command("REPLICAOF", source.endpoint.host, String(source.endpoint.port));
  await waitFor(async () => (await connection.info("persistence"))["loading"] === "1" || undefined, {
    what: "the target to load",
    timeoutMs: 20_000,
  });
  await expect(connection.graphs()).rejects.toThrow("LOADING");
  expect(await targetState(target, connection)).toMatchObject({ isPrimary: false, graphs: 0 });
});

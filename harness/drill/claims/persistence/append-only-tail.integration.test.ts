import { appendFile, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { embeddedEngines } from "../../../engine/embedded.ts";
import { connect } from "../../../falkordb/client/connection.ts";
import { cutAppendOnlyTail, refusesTail } from "./append-only-tail.ts";

test("an append-only file that ends in zeros is refused; once truncated, everything before them is restored", async () => {
  const dir = await mkdtemp(join(tmpdir(), "falkordrill-test-"));
  const redisConfig = { appendonly: "yes", appendfsync: "always", dir };
  {
    await using engine = await embeddedEngines().start({ redisConfig });
    await using connection = await connect(engine.endpoint);
    await connection.command("GRAPH.QUERY", "g", "CREATE (:Kept {number: 7})");
    await engine.kill();
  }
  const files = join(dir, "appendonlydir");
  const grown = (await readdir(files)).find((name) => name.endsWith(".incr.aof")) ?? "";
  await appendFile(join(files, grown), Buffer.alloc(100));
  await expect(embeddedEngines().start({ redisConfig })).rejects.toThrow(refusesTail);
  expect(await cutAppendOnlyTail(dir)).toBe(100);
  await using engine = await embeddedEngines().start({ redisConfig });
  await using connection = await connect(engine.endpoint);
  expect(JSON.stringify(await connection.command("GRAPH.RO_QUERY", "g", "MATCH (k:Kept) RETURN k.number"))).toContain(
    "7",
  );
  await rm(dir, { recursive: true });
});

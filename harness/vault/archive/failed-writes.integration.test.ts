import { expect, it } from "vitest";
import { systemClock } from "../../base/clock.ts";
import { embeddedEngines } from "../../engine/embedded.ts";
import { untilOperational } from "../../falkordb/client/operational.ts";
import { connect } from "../../falkordb/client/connection.ts";
import { makeConstraints } from "../../falkordb/load/make-constraints.ts";
import type { Hazard } from "../chain/segment-manifest.ts";
import { FailedWrites } from "./failed-writes.ts";

it("tells writes that failed on a real server from reads that failed", async () => {
  await using engine = await embeddedEngines().start({ name: "source" });
  await using connection = await connect(engine.endpoint);
  const hazards: Hazard[] = [];
  const position = { replid: "a", offset: 100 };
  const chain = { position, noteHazard: (hazard: Hazard): void => void hazards.push(hazard) };
  const writes = new FailedWrites();
  const afterFailure = async (cypher: string): Promise<Hazard[]> => {
    await expect(connection.query("g", cypher)).rejects.toThrow(/zero|Invalid|unique|primitive/);
    position.offset += 10;
    await writes.look(connection, chain);
    return hazards.splice(0);
  };
  await connection.query("g", "CREATE (:P {name: 'Ann'})");
  await connection.query("g", "CREATE INDEX FOR (p:P) ON (p.name)");
  await untilOperational(connection, "g", { timeoutMs: 10_000 });
  const unique = { kind: "UNIQUE", entity: "node", label: "P", properties: ["name"] } as const;
  await makeConstraints(connection, "g", [unique], { signal: undefined, clock: systemClock });
  await writes.look(connection, chain);

  expect(await afterFailure("UNWIND [1, 0] AS x RETURN 1 / x")).toEqual([]);
  expect(await afterFailure("no Cypher")).toEqual([]);
  const failed = [{ kind: "write-failed", offset: 120, message: expect.stringContaining("1 writes failed") as string }];
  expect(await afterFailure("UNWIND ['Bob', 'Ann'] AS name CREATE (:P {name: name})")).toEqual(failed);
  expect(await afterFailure("CREATE (a:P), (b:P) SET b.name = {first: 'Bob'}")).toHaveLength(1);
  await writes.look(connection, chain);
  expect(hazards).toEqual([]);
  await connection.command("CONFIG", "RESETSTAT");
  await writes.look(connection, chain);
  expect(hazards).toEqual([]);
});

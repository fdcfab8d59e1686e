// What counts as an empty target of a restore over the wire: one in which nothing can be lost.
import { expect, it } from "vitest";
import { silentProgress } from "../../base/progress.ts";
import { embeddedEngines } from "../../engine/embedded.ts";
import { connect } from "../../falkordb/client/connection.ts";
import { createBackup } from "../backup/backup.ts";
import { sourceGraphs, testSource } from "../testing/test-source.ts";
import { restoreBackup } from "./restore.ts";

const { signal } = new AbortController();
const progress = silentProgress;

it("a key in any database refuses a restore, and logs of queries of graphs that are gone do not", async () => {
  await using made = await testSource();
  const { store, keyring, ...context } = await made.newVault();
  const { source } = made;
  const { point } = await createBackup(
    { store, keyring, ...context },
    { source, coordinator: undefined, progress, signal },
  );
  const engines = embeddedEngines();
  await using target = await engines.start({ name: "target" });
  await using connection = await connect(target.endpoint);
  const restored = (): ReturnType<typeof restoreBackup> =>
    restoreBackup({ store, keyring }, { point: point.id, way: "wire", engines, target, progress, signal });
  for (const database of ["0", "5"]) {
    await connection.command("SELECT", database);
    await connection.command("XADD", "telemetry{gone}", "*", "query", "MATCH (n) RETURN n");
    await connection.command("SET", "own", "value");
    await expect(restored()).rejects.toThrow(`is not empty (keys in db${database})`);
    await connection.command("DEL", "own");
  }
  await restored();
  await connection.command("SELECT", "0");
  expect((await connection.graphs()).toSorted()).toEqual(sourceGraphs.map(({ name }) => name).toSorted());
});

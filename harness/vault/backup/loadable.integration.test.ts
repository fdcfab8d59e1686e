import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { silentProgress } from "../../base/progress.ts";
import { embeddedEngines } from "../../engine/embedded.ts";
import type { Engine } from "../../engine/engine.ts";
import { privateFolder } from "../../base/process/reaper.ts";
import { connect } from "../../falkordb/client/connection.ts";
import { createBackup } from "./backup.ts";
import { Keyring } from "../keys/keyring.ts";
import { ensureKeys } from "../../system/reference/reference.ts";
import { listPoints } from "../store/restore-points.ts";
import { initVault } from "../store/vault.ts";

const resources = new AsyncDisposableStack();
let root: string;
let source: Engine;

beforeAll(async () => {
  root = resources.use(await privateFolder("loadable-test")).path;
  source = resources.use(
    await embeddedEngines().start({ name: "source", redisConfig: { "enable-debug-command": "yes" } }),
  );
  await using connection = await connect(source.endpoint);
  await connection.query("twin", "CREATE (:A {x: 1})-[:T]->(:B)");
  await connection.command("SELECT", 3);
  await connection.query("twin", "CREATE (:C {y: 1})");
});
afterAll(() => resources.disposeAsync());

it("no backup is made of graphs that have one name in two databases", async () => {
  const keyring = new Keyring(join(root, "keys"));
  await ensureKeys(keyring, "interop");
  const store = await initVault(join(root, "vault"));
  const context = { store, keyring, profile: "interop", partBytes: 65_536 } as const;
  const request = { source, coordinator: undefined, progress: silentProgress, signal: new AbortController().signal };
  await expect(createBackup(context, request)).rejects.toThrow('graph "twin" is in database 0 and in database 3');
  expect(await listPoints(store, keyring)).toEqual([]);
  expect(await store.list("backups/")).toEqual([]);
});

// When a FalkorDB survives this, the refusal has to depend on the version.
it("because the server crashes when loading them", async () => {
  await using connection = await connect(source.endpoint);
  await expect(connection.command("DEBUG", "RELOAD")).rejects.toThrow("lost the connection");
});

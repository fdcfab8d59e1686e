import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { privateFolder } from "../../base/process/reaper.ts";
import { embeddedEngines } from "../../engine/embedded.ts";
import { connect } from "../../falkordb/client/connection.ts";
import { ensureKeys } from "../../system/reference/reference.ts";
import { Keyring } from "../keys/keyring.ts";
import { initVault } from "../store/vault.ts";
import { storeTestBackup } from "../testing/test-backup.ts";
import { browseBackup } from "./browse.ts";

it("looks into graphs of sizes that crash every server that loads it", async () => {
  await using resources = new AsyncDisposableStack();
  const root = resources.use(await privateFolder("browse-border-test")).path;
  const source = resources.use(
    await embeddedEngines().start({ name: "source", redisConfig: { rdbcompression: "no" } }),
  );
  await using connection = await connect(source.endpoint);
  await connection.query("border", "UNWIND range(1, 64000) AS i CREATE (:Only {uuid: 'n' + i})");
  // Of neither label there are so many, but of entries of the matrix that names the labels of each node.
  await connection.query("mixed", "UNWIND range(1, 32000) AS i CREATE (:A {uuid: 'a' + i}), (:B {uuid: 'b' + i})");
  await connection.command("SAVE");
  const keyring = new Keyring(join(root, "keys"));
  await ensureKeys(keyring, "interop");
  const store = await initVault(join(root, "vault"));
  const dump = await readFile(join(source.dataDir ?? "", "dump.rdb"));
  const { id: point } = await storeTestBackup(store, keyring, dump, 2 ** 20);
  const signal = new AbortController().signal;
  for (const [uuid, label] of [
    ["n63999", "Only"],
    ["b31999", "B"],
  ]) {
    const { found } = await browseBackup({ store, keyring }, { point, uuid, timeoutMs: 60_000, signal });
    expect(found).toMatchObject({ nodes: 1, entities: [{ labels: [label] }] });
  }
});

// `falkordrill estimate` of a real server, held to the backup of it that is then made and verified.
import { tmpdir } from "node:os";
import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { dataset } from "../../../generators/dataset.ts";
import { silentProgress } from "../../base/progress.ts";
import type { Engine } from "../../engine/engine.ts";
import { connect } from "../../falkordb/client/connection.ts";
import { loadOddNames } from "../../falkordb/testing/odd-names.ts";
import { loadedEngine } from "../../falkordb/testing/loaded-engine.ts";
import { ensureKeys } from "../../system/reference/reference.ts";
import { createBackup, type BackupContext } from "../../vault/backup/backup.ts";
import { embeddedEngines } from "../../engine/embedded.ts";
import type { ServerEstimate } from "../../vault/estimate/estimate-server.ts";
import { Keyring } from "../../vault/keys/keyring.ts";
import { partBytesDefault } from "../../vault/parts/write-parts.ts";
import { verify } from "../../vault/restore/verify.ts";
import { initVault, readManifest } from "../../vault/store/vault.ts";
import { falkordrill } from "../testing/command-line.ts";

const root = await mkdtemp(join(tmpdir(), "falkordrill-estimate-"));
const resources = new AsyncDisposableStack();
const { signal } = new AbortController();
let source: Engine;
let url: string;

beforeAll(async () => {
  const content = dataset({ seed: 3, nodes: 3000, shape: "personal", variant: "clean", dims: 32, schema: "post1856" });
  source = resources.use(await loadedEngine("source", content));
  const { host, port, username = "", password = "" } = source.endpoint;
  url = `redis://${username}:${password}@${host}:${port}`;
});
afterAll(async () => {
  await resources.disposeAsync();
  await rm(root, { recursive: true });
});

it("foretells what a backup takes, without a write, and what a verify of it measures of a recovery", async () => {
  await using connection = await connect(source.endpoint);
  const changes = async (): Promise<string | undefined> =>
    (await connection.info("persistence"))["rdb_changes_since_last_save"];
  const before = await changes();
  const alone = await falkordrill(["estimate", "--url", url, "--json"], root);
  expect([alone.code, alone.stderr]).toEqual([0, ""]);
  expect(await changes()).toBe(before);
  const estimate = JSON.parse(alone.stdout) as ServerEstimate;
  expect(estimate).toMatchObject({ graphs: 1, nodes: 3000 });

  const keyring = new Keyring(join(root, "backups-keys"));
  await ensureKeys(keyring, "interop");
  const store = await initVault(join(root, "backups"));
  const context: BackupContext = { store, keyring, profile: "interop", partBytes: partBytesDefault };
  const { point } = await createBackup(context, { source, coordinator: undefined, progress: silentProgress, signal });
  const manifest = await readManifest(store, point.id, keyring);
  const off = (estimated: number, actual: number): number => Math.abs(estimated / actual - 1);
  expect(off(estimate.storedBytes, manifest.storedBytes)).toBeLessThan(0.1);
  expect(off(estimate.rawBytes, manifest.rawBytes)).toBeLessThan(0.1);

  const verified = await verify(context, undefined, point.id, embeddedEngines(), signal);
  expect(verified.ok).toBe(true);
  const told = await falkordrill(["estimate", "--url", url, "--vault", "backups", "--rto", "1h"], root);
  expect(told.code).toBe(0);
  expect(told.stdout).toMatch(/: 3,000 nodes and [\d,]+ edges in 1 graph, of which [\d,]+ were read in /);
  expect(told.stdout).toMatch(/\n {2}recovery {3}about .*, from 1 measured of backups, the largest of /);
  expect(told.stdout).toMatch(/\n {2}objective {2}60\.0 min: too few backups for a forecast; /);
  const missed = await falkordrill(["estimate", "--url", url, "--vault", "backups", "--rto", "1ms"], root);
  expect(missed.code).toBe(12);
});

it("says of a vault without a measured restore what to do, and names a server that is not there", async () => {
  await initVault(join(root, "empty"));
  const keyring = new Keyring(join(root, "empty-keys"));
  await ensureKeys(keyring, "interop");
  const found = await falkordrill(["estimate", "--url", url, "--vault", "empty"], root);
  expect(found.stdout).toContain("no verify of the vault has measured a restore yet");
  expect((await falkordrill(["estimate", "--url", "redis://127.0.0.1:1"], root)).code).toBe(14);
});

it("estimates a graph with names that no query can write", async () => {
  await using connection = await connect(source.endpoint);
  await loadOddNames(connection, "odd");
  const { code, stdout, stderr } = await falkordrill(["estimate", "--url", url, "--json"], root);
  expect([code, stderr]).toEqual([0, ""]);
  expect(JSON.parse(stdout)).toMatchObject({ graphs: 2, nodes: 3002 });
});

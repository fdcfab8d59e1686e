// The memory that a backup foretells for its restore, against what the restored server uses: grown, shrunk and rewritten graphs.
import { afterAll, beforeAll, expect, it } from "vitest";
import { dataset } from "../../../generators/dataset.ts";
import { systemClock } from "../../base/clock.ts";
import { privateFolder } from "../../base/process/reaper.ts";
import { silentProgress } from "../../base/progress.ts";
import { waitFor } from "../../base/wait.ts";
import { embeddedEngines } from "../../engine/embedded.ts";
import { connect, type Connection } from "../../falkordb/client/connection.ts";
import { loadedEngine } from "../../falkordb/testing/loaded-engine.ts";
import { ensureKeys } from "../../system/reference/reference.ts";
import { createBackup } from "../backup/backup.ts";
import { memoryOf } from "../backup/source-facts.ts";
import { Keyring } from "../keys/keyring.ts";
import { partBytesDefault } from "../parts/write-parts.ts";
import { initVault, readManifest } from "../store/vault.ts";
import { restoreBackup } from "./restore.ts";

const resources = new AsyncDisposableStack();
const { signal } = new AbortController();
const errorMax = 0.1;
let folder: string;
let keyring: Keyring;

beforeAll(async () => {
  folder = resources.use(await privateFolder("predicted-memory")).path;
  keyring = new Keyring(`${folder}/keys`);
  await ensureKeys(keyring, "interop");
});
afterAll(() => resources.disposeAsync());

const stillMs = 35_000;
const stillShare = 0.005;

async function untilStill(connection: Connection): Promise<void> {
  let last = { usedBytes: 0, sinceMs: 0 };
  const isStill = async (): Promise<true | undefined> => {
    const { usedBytes } = await memoryOf(connection);
    const nowMs = systemClock.monotonicMs();
    if (Math.abs(usedBytes / last.usedBytes - 1) > stillShare) last = { usedBytes, sinceMs: nowMs };
    return nowMs - last.sinceMs >= stillMs ? true : undefined;
  };
  await waitFor(isStill, {
    what: "the memory of the server to stay as it is",
    timeoutMs: 240_000,
    intervalMs: 1000,
    signal,
  });
}

const changes: Readonly<Record<string, (connection: Connection, graph: string) => Promise<unknown>>> = {
  loaded: () => Promise.resolve(),
  // The engine takes deleted entities out of its indexes every half minute: until then it uses up to 42 % more.
  "half deleted": async (connection, graph) => {
    await connection.query(graph, "MATCH (n) WHERE id(n) % 2 = 1 DETACH DELETE n");
    await untilStill(connection);
  },
  "texts rewritten": (connection, graph) =>
    connection.query(graph, "MATCH (n:Entity) SET n.summary = n.name + ' of another length ' + n.name"),
};

it.each<[shape: "personal" | "team" | "large" | "tenants", nodes: number, dims: number, change: string]>([
  ["personal", 5000, 0, "loaded"],
  ["personal", 20_000, 64, "loaded"],
  ["personal", 5000, 1024, "loaded"],
  ["team", 10_000, 128, "loaded"],
  ["large", 20_000, 0, "loaded"],
  ["tenants", 3000, 16, "loaded"],
  ["personal", 20_000, 64, "half deleted"],
  ["large", 20_000, 0, "half deleted"],
  ["personal", 20_000, 64, "texts rewritten"],
])(
  "of %s, %d nodes, %d dimensions, %s: within 10 %",
  async (shape, nodes, dims, change) => {
    await using here = new AsyncDisposableStack();
    const content = dataset({ seed: 7, nodes, shape, variant: "clean", dims, schema: "post1856" });
    const source = here.use(await loadedEngine("source", content));
    await using connection = await connect(source.endpoint, { commandTimeoutMs: 60_000 });
    for (const graph of await connection.graphs()) await changes[change]?.(connection, graph);

    const store = await initVault(`${folder}/${shape}-${nodes}-${dims}-${change.replaceAll(" ", "-")}`);
    const context = { store, keyring, profile: "interop", partBytes: partBytesDefault } as const;
    const { point } = await createBackup(context, { source, coordinator: undefined, progress: silentProgress, signal });
    const { memory } = (await readManifest(store, point.id, keyring)).source;

    const request = {
      point: point.id,
      way: "file",
      engines: embeddedEngines(),
      progress: silentProgress,
      signal,
    } as const;
    const { target } = await restoreBackup({ store, keyring }, request);
    here.use(target);
    await using restored = await connect(target.endpoint);
    const { usedBytes } = await memoryOf(restored);
    const foretold = memory?.usedBytes ?? 0;
    const error = foretold / usedBytes - 1;
    process.stdout.write(
      `${shape}, ${nodes}, ${dims}, ${change}: ${foretold} foretold, ${usedBytes} used, ${(100 * error).toFixed(1)} %\n`,
    );
    expect(Math.abs(error)).toBeLessThan(errorMax);
  },
  400_000,
);

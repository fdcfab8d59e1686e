// A real small chain: restored to each of its moments, and refused in every way in which it can be corrupt.
import { cp } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { isNightly } from "../../../base/testing/nightly.ts";
import { silentProgress } from "../../../base/progress.ts";
import { embeddedEngines } from "../../../engine/embedded.ts";
import type { Engine } from "../../../engine/engine.ts";
import { privateFolder } from "../../../base/process/reaper.ts";
import { connect, type Connection } from "../../../falkordb/client/connection.ts";
import type { BackupContext } from "../../../vault/backup/backup.ts";
import { Keyring } from "../../../vault/keys/keyring.ts";
import { compact } from "../../../vault/restore/compact.ts";
import { ensureKeys } from "../../../system/reference/reference.ts";
import { restoreBackup } from "../../../vault/restore/restore.ts";
import type { ChainHead } from "../../../vault/chain/segments.ts";
import { type TestChain, testChain } from "../../../vault/testing/test-chain.ts";
import { initVault, listBackupIds, openVault, readManifest } from "../../../vault/store/vault.ts";
import type { Moment, RestoreOutcome } from "../../../system/system.ts";
import { mutilations, readSegmentFolder } from "./mutilate-chain.ts";

const engines = embeddedEngines();
const signal = new AbortController().signal;
const resources = new AsyncDisposableStack();
const segments = 4;
const writesPerSegment = 25;
let root: string;
let source: Connection;
let context: BackupContext;
let chain: TestChain;
let other: TestChain;
let stranger: Awaited<ReturnType<typeof readSegmentFolder>>;
/** End of each segment; the cut of the base comes first. */
const heads: ChainHead[] = [];
let vaults = 0;

async function contextAt(folder: string, keys: string): Promise<BackupContext> {
  const keyring = new Keyring(join(root, keys));
  await ensureKeys(keyring, "interop");
  return { store: await initVault(join(root, folder)), keyring, profile: "interop", partBytes: 65_536 };
}

let written = 0;
async function writeSome(): Promise<void> {
  for (let left = writesPerSegment; left > 0; left--)
    await source.query("g", "MATCH (n:N {id: $id}) SET n.r = rand() CREATE (n)-[:DID]->(:W {number: $number})", {
      id: 1 + (written % 50),
      number: written++,
    });
}

beforeAll(async () => {
  root = resources.use(await privateFolder("chain-test")).path;
  const engine = resources.use(await engines.start({ name: "source", moduleArgs: { EFFECTS_THRESHOLD: "0" } }));
  source = resources.use(await connect(engine.endpoint));
  await source.query("g", "UNWIND range(1, 50) AS i CREATE (:N {id: i})");
  await source.query("g", "CREATE INDEX FOR (n:N) ON (n.id)");
  context = await contextAt("vault", "keys");
  const strange = resources.use(await testChain(await contextAt("strange", "strange-keys"), engine));
  other = resources.use(await testChain(context, engine));
  await source.command("SET", "before", "the backup");
  chain = resources.use(await testChain(context, engine));
  heads.push(chain.head);
  for (let number = 1; number <= segments; number++) {
    await writeSome();
    heads.push(await chain.seal());
    await other.seal();
    await strange.seal();
  }
  stranger = await readSegmentFolder(await openVault(join(root, "strange")), strange.base, 2);
});

afterAll(() => resources.disposeAsync());

/** Copies the vault, so that the copy may be damaged. */
async function vaultCopy(): Promise<BackupContext> {
  const folder = join(root, `copy-${vaults++}`);
  await cp(join(root, "vault"), folder, { recursive: true });
  return { ...context, store: await openVault(folder) };
}

async function restored(
  at: Moment | undefined,
  way: "file" | "wire" = "file",
  where: BackupContext = context,
  point: string = chain.base,
): Promise<RestoreOutcome & { readonly connection: Connection }> {
  const target = way === "wire" ? resources.use(await engines.start({ name: "empty" })) : undefined;
  const request = { point, way, engines, progress: silentProgress, signal, ...(at === undefined ? {} : { at }) };
  const outcome = await restoreBackup(where, { ...request, ...(target === undefined ? {} : { target }) });
  if (outcome.target !== target) resources.use(outcome.target);
  return { ...outcome, connection: resources.use(await connect(outcome.target.endpoint)) };
}

const writesIn = async (connection: Connection): Promise<unknown> =>
  (await connection.roQuery("g", "MATCH (w:W) RETURN count(w), max(w.number)")).rows[0];
const valuesIn = async (connection: Connection): Promise<unknown> =>
  (await connection.roQuery("g", "MATCH (n:N) RETURN n.id, n.r ORDER BY n.id")).rows;

describe("a chain", () => {
  it.each(["file", "wire"] as const)("is restored by %s to its end, random values included", async (way) => {
    const { connection, reached, phases } = await restored("latest", way);
    expect(await writesIn(connection)).toEqual([written, written - 1]);
    expect(await valuesIn(connection)).toEqual(await valuesIn(source));
    expect(reached).toEqual({ offset: heads.at(-1)?.offset, at: heads.at(-1)?.at });
    expect(phases.map(({ name }) => name)).toContain("replay");
    // It runs without a primary and takes writes.
    await connection.query("g", "CREATE (:After)");
    expect((await connection.info("replication"))["role"]).toBe("master");
    const { rows } = await connection.roQuery("g", "MATCH (n:N) WHERE n.id > 0 RETURN count(n)");
    expect(rows).toEqual([[50]]);
  });

  it("is restored to each of its links, by offset and by time", async () => {
    for (const [number, { offset, at }] of heads.entries()) {
      const moments = [{ offset }, { time: at }];
      const byDay = number === 1 ? moments : [];
      for (const moment of isNightly ? moments : byDay) {
        const { connection, reached } = await restored(moment);
        expect(reached).toEqual({ offset, at });
        expect(await writesIn(connection)).toEqual(
          number === 0 ? [0, null] : [number * writesPerSegment, number * writesPerSegment - 1],
        );
      }
    }
  });

  it("is restored to the last whole command before an offset that is inside one", async () => {
    const offset = (heads[2]?.offset ?? 0) - 1;
    const { connection, reached } = await restored({ offset });
    expect(reached?.offset).toBeLessThan(offset);
    expect(await writesIn(connection)).toEqual([2 * writesPerSegment - 1, 2 * writesPerSegment - 2]);
  });

  it.each([
    ["before the backup", { offset: 0 }, "moment-before-backup"],
    ["before the backup, by time", { time: "2020-01-01T00:00:00Z" }, "moment-before-backup"],
    ["after the end", { offset: Number.MAX_SAFE_INTEGER }, "moment-beyond-chain"],
    ["after the end, by time", { time: "2090-01-01T00:00:00Z" }, "moment-beyond-chain"],
  ])("refuses a moment %s", async (_, moment, findingCode) => {
    await expect(restored(moment)).rejects.toMatchObject({ findingCode });
  });

  it("reports missing last segments to a request for a moment in them", async () => {
    const copy = await vaultCopy();
    for (const { path } of await copy.store.list(`segments/${chain.base}/0000000${segments}/`))
      await copy.store.delete(path);
    const last = heads.at(-1);
    const end = heads.at(-2);
    await expect(restored({ offset: last?.offset ?? 0 }, "file", copy)).rejects.toMatchObject({
      findingCode: "moment-beyond-chain",
      message: expect.stringContaining(`(offset ${end?.offset})`) as string,
    });
    expect((await restored("latest", "file", copy)).reached?.offset).toBe(end?.offset);
  });

  it("is restored up to what cannot be replayed exactly, and not beyond", async () => {
    const before = heads[1]?.offset ?? 0;
    const copy = await vaultCopy();
    const hazardous = await testChain(copy, { endpoint: source.endpoint, versions: () => engineVersions } as Engine);
    resources.use(hazardous);
    await writeSome();
    const safe = hazardous.head.offset;
    await hazardous.seal([{ offset: safe, kind: "query-text", message: "a query was replicated as text" }]);
    const at = async (moment: Moment): Promise<unknown> => {
      const request = {
        point: hazardous.base,
        at: moment,
        way: "file",
        engines,
        progress: silentProgress,
        signal,
      } as const;
      const outcome = await restoreBackup(copy, request);
      resources.use(outcome.target);
      return outcome.reached?.offset;
    };
    await expect(at("latest")).rejects.toMatchObject({
      findingCode: "replay-unrepeatable",
      hint: expect.stringContaining(`--at ${safe}`) as string,
    });
    expect(await at({ offset: safe })).toBe(safe);
    expect(safe).toBeGreaterThan(before);
  });
});

const engineVersions = Promise.resolve({ redis: "8.2.3", module: 41_603, encver: 18 });

describe("a chain that is", () => {
  it.each(mutilations.filter((_, at) => isNightly || at % 3 === 0))(
    "$name is refused as $code, and nothing is started",
    async ({ code, inflict }) => {
      const copy = await vaultCopy();
      await inflict({ store: copy.store, keyring: copy.keyring, base: chain.base, other: other.base, stranger });
      let started = 0;
      const counting = { ...engines, start: () => Promise.reject(new Error(`started ${++started}`)) };
      const request = { point: chain.base, at: "latest", way: "file", progress: silentProgress, signal } as const;
      await expect(restoreBackup(copy, { ...request, engines: counting })).rejects.toMatchObject({ findingCode: code });
      expect(started).toBe(0);
      // The intact chain for comparison.
      await expect(restoreBackup(context, { ...request, engines: counting })).rejects.toThrow("started 1");
    },
  );
});

// Last, because it extends the chain.
describe("a chain that is compacted", () => {
  it("becomes a full backup of its end, from which the chain continues", async () => {
    await source.command("SELECT", 3);
    await source.command("SET", "key", "of another database");
    await chain.seal();
    await source.command("SELECT", 0);
    const end = chain.head;
    const { point, increments } = await compact(context, {
      point: chain.base,
      engines,
      progress: silentProgress,
      signal,
    });
    expect(increments).toBe(segments + 1);
    expect(await listBackupIds(context.store)).toContain(point.id);
    const manifest = await readManifest(context.store, point.id, context.keyring);
    expect(manifest.cut).toEqual({ replid: end.replid, offset: end.offset, at: end.at });
    expect(manifest.parent).toEqual({ base: chain.base, segment: end.number, sha256: end.sha256, database: 3 });
    const { connection } = await restored(undefined, "file", context, point.id);
    expect(await valuesIn(connection)).toEqual(await valuesIn(source));

    // The stream continues in the database that it was in.
    await source.command("SELECT", 3);
    await source.command("SET", "key", "changed after the compaction");
    await source.command("SELECT", 0);
    await writeSome();
    const later = await chain.seal();
    for (const base of [point.id, chain.base]) {
      const after = await restored("latest", "file", context, base);
      expect(after.reached).toEqual({ offset: later.offset, at: later.at });
      expect(await writesIn(after.connection)).toEqual([written, written - 1]);
      expect(await valuesIn(after.connection)).toEqual(await valuesIn(source));
      await after.connection.command("SELECT", 3);
      expect(await after.connection.command("GET", "key")).toBe("changed after the compaction");
    }
  });

  it("refuses a backup that has no increments", async () => {
    const copy = await vaultCopy();
    for (const { path } of await copy.store.list("segments/")) await copy.store.delete(path);
    const request = { point: chain.base, engines, progress: silentProgress, signal };
    await expect(compact(copy, request)).rejects.toThrow("has no increments, so there is nothing to compact");
  });
});

// The reference system on a real FalkorDB: round trips, what it leaves on the source, and what it refuses.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { isNightly } from "../../base/testing/nightly.ts";
import { explanationOf, errorMessage } from "../../base/errors.ts";
import { silentProgress } from "../../base/progress.ts";
import { embeddedEngines } from "../../engine/embedded.ts";
import type { Engine } from "../../engine/engine.ts";
import { connect } from "../../falkordb/client/connection.ts";
import type { WriteCoordinator } from "../../service/coordinator.ts";
import { createBackup } from "../../vault/backup/backup.ts";
import { archivePurpose, archiveSettings } from "../../vault/archive/archive-settings.ts";
import { overrideSettings } from "../../vault/backup/override-settings.ts";
import { Keyring } from "../../vault/keys/keyring.ts";
import { referenceSystem } from "./reference.ts";
import { StoreError } from "../../vault/store/store.ts";
import { serverContent, fillSource, serverSettings, sourceGraphs } from "../../vault/testing/test-source.ts";
import { markUnfinished } from "../../vault/store/unfinished.ts";
import { initVault, listBackupIds, openVault, readManifest } from "../../vault/store/vault.ts";

const engines = embeddedEngines();
const { signal } = new AbortController();
const basics = { progress: silentProgress, signal } as const;
const root = await mkdtemp(join(tmpdir(), "falkordrill-reference-"));
let source: Engine;

beforeAll(async () => {
  source = await engines.start({ name: "source" });
  await fillSource(source.endpoint);
});
afterAll(async () => {
  await source[Symbol.asyncDispose]();
  await rm(root, { recursive: true });
});

function recorder(): WriteCoordinator & { readonly calls: string[] } {
  const calls: string[] = [];
  return {
    calls,
    pause: () => {
      calls.push("pause");
      return Promise.resolve({ id: "lease-1", expiresAt: "2030-01-01T00:00:00Z", drainMs: 0 });
    },
    resume: (id) => {
      calls.push(`resume ${id}`);
      return Promise.resolve();
    },
  };
}

describe.each(["interop", "modern"] as const)("a backup of profile %s", (profile) => {
  // Neither way knows of the encryption, so by day each has one.
  const byDay = [profile === "interop" ? "wire" : "file"] as const;
  it.each(isNightly ? (["file", "wire"] as const) : byDay)(
    "is restored by %s, and the source is unchanged",
    async (way) => {
      await using system = await referenceSystem({
        vault: join(root, `${profile}-${way}`),
        profile,
        partBytes: 65_536,
      });
      const coordinator = recorder();
      const settingsBefore = await serverSettings(source.endpoint);
      const before = await serverContent(source.endpoint);
      const { point, pauseMs } = await system.backup({ source, coordinator, ...basics });
      expect(coordinator.calls).toEqual(["pause", "resume lease-1"]);
      expect(pauseMs).toBeGreaterThan(0);
      expect(await serverSettings(source.endpoint)).toEqual(settingsBefore);
      expect(await serverContent(source.endpoint)).toEqual(before);
      expect(await system.list()).toEqual([point]);

      await using empty = await engines.start({ name: "empty" });
      let answered = 0;
      const onFirstAnswer = (): Promise<void> => Promise.resolve(void answered++);
      const outcome = await system.restore({ point: point.id, way, engines, target: empty, ...basics, onFirstAnswer });
      await using target = outcome.target;
      expect(answered).toBe(1);
      expect(await serverContent(target.endpoint)).toEqual(before);
      const names = outcome.phases.map((phase) => phase.name);
      for (const name of ["check", "provision", "decrypt + decompress", "load", "index build", "fully operational"])
        expect(names).toContain(name);
      // The gate is open, and the target is a primary.
      await using connection = await connect(target.endpoint);
      await connection.query("people", "CREATE (:After)");
      expect((await connection.info("replication"))["role"]).toBe("master");
    },
  );
});

describe("the manifest", () => {
  it("reports the same graphs, counts and schema as the engine", async () => {
    const vault = join(root, "manifest");
    await using system = await referenceSystem({ vault, profile: "interop" });
    const { point } = await system.backup({ source, coordinator: undefined, ...basics });
    const { content, source: facts } = await readManifest(
      await openVault(vault),
      point.id,
      new Keyring(`${vault}-keys`),
    );
    expect(facts).toMatchObject({ module: 41_603, redis: "8.2.3" });
    expect(content?.graphs.map(({ name, nodes, edges }) => ({ name, nodes, edges }))).toEqual(sourceGraphs);
    const people = content?.schemas[content.graphs.find(({ name }) => name === "people")?.schema ?? -1];
    expect(people?.labels).toContainEqual({
      name: "Person",
      index: expect.arrayContaining(["id:range", "name:fulltext"]) as string[],
      stopwords: ["the"],
      constraints: ["unique(id)"],
    });
  });
});

describe("verify", () => {
  it("leaves a signed record, of what the proof found too", async () => {
    const vault = join(root, "verify");
    const prove = (): Promise<{ problems: string[] }> => Promise.resolve({ problems: ["one node differs"] });
    await using system = await referenceSystem({ vault, profile: "interop", prove });
    const { point } = await system.backup({ source, coordinator: undefined, ...basics });
    const store = await openVault(vault);
    const path = `backups/${point.id}/validation.json`;
    await store.put(path, Buffer.from("what a fault of the disk left"));
    expect(await system.verify(point.id, engines, signal)).toMatchObject({
      ok: false,
      problems: ["one node differs"],
      notes: [expect.stringContaining("in place of a record that cannot be trusted")],
    });
    const { content } = JSON.parse(String(await store.get(path))) as { content: string };
    expect(JSON.parse(content)).toMatchObject({ ok: false, point: `backups/${point.id}` });
  });
});

describe("a backup that fails", () => {
  it("on a full vault leaves nothing behind, and writes and settings as they were", async () => {
    const vault = join(root, "full");
    await using _system = await referenceSystem({ vault, profile: "interop" });
    const store = await openVault(vault);
    const coordinator = recorder();
    const settingsBefore = await serverSettings(source.endpoint);
    let puts = 0;
    const full: typeof store = {
      ...store,
      put: (path, bytes) =>
        path.endsWith(".pgp") && ++puts > 3
          ? Promise.reject(new StoreError("full", "the vault is full", "Free space."))
          : store.put(path, bytes),
    };
    const context = {
      store: full,
      keyring: new Keyring(`${vault}-keys`),
      profile: "interop",
      partBytes: 65_536,
    } as const;
    await expect(createBackup(context, { source, coordinator, ...basics })).rejects.toThrow("the vault is full");
    expect(coordinator.calls).toEqual(["pause", "resume lease-1"]);
    expect(await serverSettings(source.endpoint)).toEqual(settingsBefore);
    const left = (await store.list("")).map(({ path }) => path.split("/")[0]);
    expect([...new Set(left)].filter((name) => name !== "catalogue")).toEqual(["vault.json"]);
  });

  it("as all its connections are reset within the cut, leaves the settings as they were", async () => {
    const vault = join(root, "reset");
    await using system = await referenceSystem({ vault, profile: "interop" });
    await using connection = await connect(source.endpoint);
    const settingsBefore = await serverSettings(source.endpoint);
    const pause: WriteCoordinator["pause"] = async () => {
      await connection.command("CLIENT", "KILL", "TYPE", "normal");
      return { id: "lease-1", expiresAt: "2030-01-01T00:00:00Z", drainMs: 0 };
    };
    const coordinator = { ...recorder(), pause };
    await expect(system.backup({ source, coordinator, ...basics })).rejects.toThrow("connection");
    expect(await serverSettings(source.endpoint)).toEqual(settingsBefore);
    expect(await (await openVault(vault)).list("guest/")).toEqual([]);
  });

  it.runIf(isNightly)("names the settings that it could not restore, and the commands for that", async () => {
    const store = await initVault(join(root, "gone"));
    const gone = await engines.start({ name: "gone" });
    await using _gone = gone;
    await using connection = await connect(gone.endpoint);
    const settings = await overrideSettings(connection, store);
    await gone.kill();
    const error: unknown = await settings.restore().catch((thrown: unknown) => thrown);
    expect(errorMessage(error)).toContain("may still be rdbcompression no, repl-diskless-sync-delay 0");
    expect(explanationOf(error)).toContain("CONFIG SET rdbcompression yes; CONFIG SET repl-diskless-sync-delay 5");
    expect(await store.list("guest/")).toHaveLength(1);
  });

  it("leaves an unreadable journal: the next run reports it, and continues", async () => {
    const vault = join(root, "note");
    await using system = await referenceSystem({ vault, profile: "interop" });
    const store = await openVault(vault);
    await using connection = await connect(source.endpoint);
    const settings = await overrideSettings(connection, store);
    const [journal] = await store.list("guest/");
    await store.put(journal?.path ?? "", Buffer.from('{"server":'));
    const notes: string[] = [];
    const progress = { ...silentProgress, note: (line: string) => void notes.push(line) };
    await system.backup({ source, coordinator: undefined, signal, progress });
    await settings.restore();
    expect(notes.join()).toContain("Look at repl-diskless-sync, repl-diskless-sync-delay, rdbcompression there");
  });

  it("puts back what a crashed run had changed under another address of the same server", async () => {
    const store = await initVault(join(root, "two-addresses"));
    const settingsBefore = await serverSettings(source.endpoint);
    await using crashed = await connect({ ...source.endpoint, host: "localhost" });
    await overrideSettings(crashed, store);
    await using connection = await connect(source.endpoint);
    const settings = await overrideSettings(connection, store);
    expect(await store.list("guest/")).toHaveLength(1);
    await settings.restore();
    expect(await serverSettings(source.endpoint)).toEqual(settingsBefore);
    expect(await store.list("guest/")).toEqual([]);
  });

  it("restores what a killed archiver had changed, and leaves alone what a living one needs", async () => {
    const vault = join(root, "killed-archiver");
    await using system = await referenceSystem({ vault, profile: "interop" });
    const store = await openVault(vault);
    await using connection = await connect(source.endpoint);
    const graphSetting = (): Promise<unknown> => connection.command("GRAPH.CONFIG", "GET", "EFFECTS_THRESHOLD");
    const allSettings = async (): Promise<unknown> => [await serverSettings(source.endpoint), await graphSetting()];
    const settingsBefore = await allSettings();
    const request = { source, coordinator: undefined, ...basics };
    for (const command of ["backup", "backupIncrement"] as const) {
      await overrideSettings(connection, store, archiveSettings(2 ** 26), archivePurpose);
      const changed = await allSettings();
      expect(changed).not.toEqual(settingsBefore);
      await system[command]?.(request);
      expect(await allSettings()).toEqual(changed);
      const path = (await store.list("guest/")).at(0)?.path ?? "";
      const journal = JSON.parse(String(await store.get(path))) as { owner: object };
      await store.put(path, Buffer.from(JSON.stringify({ ...journal, owner: { ...journal.owner, startedAt: "17" } })));
      await system[command]?.(request);
      expect(await allSettings()).toEqual(settingsBefore);
      expect(await store.list("guest/")).toEqual([]);
    }
  });

  it("that crashes leaves garbage and overridden settings, which the next run cleans up", async () => {
    const vault = join(root, "crash");
    await using system = await referenceSystem({ vault, profile: "interop" });
    const store = await openVault(vault);
    const settingsBefore = await serverSettings(source.endpoint);
    {
      await using connection = await connect(source.endpoint);
      // What a killed run leaves: settings changed and in the journal, parts without a manifest.
      await overrideSettings(connection, store);
      await markUnfinished(store, "backups/20260101T000000Z-00000000", "backup");
      await store.put("backups/20260101T000000Z-00000000/part-00000.zst.pgp", Buffer.from("x"));
    }
    expect(await serverSettings(source.endpoint)).not.toEqual(settingsBefore);
    expect(await listBackupIds(store)).toEqual([]);
    const { point } = await system.backup({ source, coordinator: undefined, ...basics });
    expect(await serverSettings(source.endpoint)).toEqual(settingsBefore);
    const folders = new Set((await store.list("")).map(({ path }) => path.split("/").slice(0, 2).join("/")));
    expect([...folders]).toEqual([
      `backups/${point.id}`,
      "catalogue/00000001.json",
      "catalogue/00000002.json",
      "catalogue/summary.json",
      "vault.json",
    ]);
  });
});

describe("what is refused", () => {
  it("a replica as the source, and a target that is not empty", async () => {
    await using replica = await engines.start({
      name: "replica",
      redisConfig: { masterauth: source.endpoint.password ?? "" },
    });
    await using connection = await connect(replica.endpoint);
    await using system = await referenceSystem({ vault: join(root, "refused"), profile: "interop" });
    const { point } = await system.backup({ source, coordinator: undefined, ...basics });
    await connection.command("REPLICAOF", source.endpoint.host, String(source.endpoint.port));
    await expect(system.backup({ source: replica, coordinator: undefined, ...basics })).rejects.toThrow(
      "is a replica of",
    );
    await expect(system.restore({ point: point.id, way: "wire", engines, target: source, ...basics })).rejects.toThrow(
      "is not empty",
    );
    await expect(
      system.restore({ point: "20200101T000000Z-00000000", way: "file", engines, ...basics }),
    ).rejects.toThrow("has no backup 20200101T000000Z-00000000");
  });
});

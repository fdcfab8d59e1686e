// The conformance suite of engines: an implementation declares what it can do and is tested for it.
import { readdir, readFile, stat } from "node:fs/promises";
import { createConnection } from "node:net";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { isNightly } from "../../base/testing/nightly.ts";
import type { Endpoint } from "../../base/endpoint.ts";
import { connect } from "../../falkordb/client/connection.ts";
import { ask, countItems, seed } from "./conformance-data.ts";
import { enginesWithFiles, indexesAfterLoad, startingFromBrokenFiles } from "./conformance-files.ts";
import type { EngineProvider } from "../engine.ts";
import { runCommand } from "../../base/process/run-command.ts";
import { loadDespiteStall } from "../stall-watch.ts";

export interface ConformanceSubject {
  readonly provider: () => EngineProvider;
  /** Abilities of the provider's engines; anything else must end in a DrillError that says so. */
  readonly can: { readonly processes: boolean; readonly files: boolean };
  /** Leaves out what is the same code for every engine, and was tested on another one. */
  readonly onlyLaunch?: boolean;
}

export function engineConformance({ provider, can, onlyLaunch = false }: ConformanceSubject): void {
  everyEngine(provider);
  if (can.processes) {
    enginesWithProcesses(provider);
    limits(provider);
  }
  if (can.files) enginesWithFiles(provider);
  if (onlyLaunch) return;
  readiness(provider);
  if (can.files) {
    indexesAfterLoad(provider);
    startingFromBrokenFiles(provider);
  }
}

function accepts({ host, port }: Endpoint): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ host, port });
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}

function everyEngine(provider: () => EngineProvider): void {
  describe("every engine", () => {
    test("is ready when started, and says what it is", async () => {
      expect(await provider().unavailable()).toBeUndefined();
      await using engine = await provider().start({ name: "source" });
      await using connection = await ask(engine);
      expect(await connection.command("PING")).toBe("PONG");
      expect((await connection.info("persistence"))["loading"]).toBe("0");
      const versions = await engine.versions();
      expect(versions.redis).toMatch(/^\d+\.\d+\.\d+$/);
      expect(versions.module).toBeGreaterThanOrEqual(41600);
      expect(versions.encver).toBe(18);
      expect(await engine.rssBytes()).toBeGreaterThan(5e6);
      expect(engine.name).toBe("source");
    });

    test("may be disposed twice", async () => {
      const engine = await provider().start();
      await engine[Symbol.asyncDispose]();
      await expect(engine[Symbol.asyncDispose]()).resolves.toBeUndefined();
    });
  });
}

function readiness(provider: () => EngineProvider): void {
  describe("an engine that gets ready", () => {
    test("waits for its indexes", async () => {
      await using engine = await provider().start();
      await seed(engine, 20_000);
      await using connection = await ask(engine);
      await connection.query("seeded", "CREATE INDEX FOR (n:Item) ON (n.text)");
      await engine.ready("operational");
      const indexes = await connection.roQuery("seeded", "CALL db.indexes() YIELD status RETURN status");
      expect(indexes.rows.flat()).toEqual(["OPERATIONAL"]);
      await connection.command("GRAPH.DELETE", "seeded");
    });

    test.each(isNightly ? [3000] : [])("is ready in time with %i graphs", async (graphs) => {
      await using engine = await provider().start();
      await using connection = await ask(engine);
      const names = Array.from({ length: graphs }, (_, index) => `tenant-${index}`);
      await connection.pipeline(names.map((name) => ["GRAPH.QUERY", name, "CREATE INDEX FOR (n:Entity) ON (n.uuid)"]));
      await engine.ready("operational", 5000);
      expect(await connection.graphs()).toHaveLength(graphs);
      await connection.pipeline(names.map((name) => ["GRAPH.DELETE", name]));
    });
  });
}

function enginesWithProcesses(provider: () => EngineProvider): void {
  describe("an engine of ours", () => {
    test("refuses clients without the password, and is reachable through the loopback only", async () => {
      await using engine = await provider().start();
      const { host, port } = engine.endpoint;
      expect(host).toBe("127.0.0.1");
      await using stranger = await connect({ host, port });
      await expect(stranger.command("GRAPH.LIST")).rejects.toThrow("NOAUTH");
      const wrong = connect({ host, port, password: "not-the-password" });
      await expect(wrong).rejects.toThrow(`cannot connect to FalkorDB at 127.0.0.1:${port}: WRONGPASS`);
    });

    test("keeps its password out of argv and off the disk", async () => {
      await using engine = await provider().start();
      const password = engine.endpoint.password ?? "";
      expect(password.length).toBeGreaterThan(20);
      const processes = await runCommand("ps", ["-eo", "args"], { timeoutMs: 10_000 });
      // Started through a newer loader, a server shows the loader's name and nothing more.
      expect(processes.stdout).toMatch(/redis-server|ld-linux/);
      expect(processes.stdout).not.toContain(password);
      const folder = join(engine.dataDir ?? "", "..");
      const entries = await readdir(folder, { withFileTypes: true, recursive: true });
      const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
      const texts = await Promise.all(files.map((path) => readFile(path, "latin1")));
      expect(texts.join("\n")).not.toContain(password);
      expect((await stat(folder)).mode & 0o777).toBe(0o700);
    });

    test("ends on SIGKILL, and restarts with the data of its append-only file", async () => {
      await using engine = await provider().start({ redisConfig: { appendonly: "yes", appendfsync: "always" } });
      await seed(engine);
      await using connection = await ask(engine);
      await engine.kill();
      await expect(connection.command("PING")).rejects.toThrow("lost the connection to FalkorDB");
      expect(await accepts(engine.endpoint)).toBe(false);
      await loadDespiteStall(() => engine.restart());
      expect(await countItems(engine)).toBe(1000);
      expect(await engine.logs()).toContain("Ready to accept connections");
    });

    test("answers nothing while paused, and everything afterwards; its processor time stands still", async () => {
      await using engine = await provider().start();
      expect(engine.cpuMs()).toBeGreaterThan(0);
      await using connection = await ask(engine);
      await engine.pause();
      let hasAnswered = false;
      const ping = connection.command("PING").then((reply) => {
        hasAnswered = true;
        return reply;
      });
      await expect(engine.ready("loaded", 300)).rejects.toThrow(
        /timed out after \d+ ms waiting for engine "engine" to be loaded/,
      );
      expect(hasAnswered).toBe(false);
      expect((await engine.threads()).map((thread) => thread.split(" ")[2])).toContain("T");
      await engine.resume();
      expect(await ping).toBe("PONG");
    });

    test("can be killed while paused", async () => {
      await using engine = await provider().start();
      await engine.pause();
      await engine.kill();
      await engine.restart();
      expect(await countItems(engine)).toBe(0);
    });

    test("stops, refuses to be wiped before, and is empty after", async () => {
      await using engine = await provider().start({ redisConfig: { appendonly: "yes" } });
      await seed(engine);
      await expect(engine.wipe()).rejects.toThrow("still runs");
      await engine.stop();
      expect(await accepts(engine.endpoint)).toBe(false);
      await expect(engine.pause()).rejects.toThrow("does not run");
      await expect(engine.rssBytes()).rejects.toThrow("does not run");
      await engine.wipe();
      expect(await readdir(engine.dataDir ?? "")).toEqual([]);
      await engine.restart();
      expect(await countItems(engine)).toBe(0);
    });

    test("leaves no folder and no listener when disposed", async () => {
      const engine = await provider().start();
      const { endpoint, dataDir = "" } = engine;
      await engine[Symbol.asyncDispose]();
      expect(await accepts(endpoint)).toBe(false);
      await expect(stat(join(dataDir, ".."))).rejects.toThrow("ENOENT");
    });

    test("stops starting when aborted", async () => {
      const aborted = provider().start({ signal: AbortSignal.abort(new Error("enough")) });
      await expect(aborted).rejects.toThrow("enough");
    });
  });
}

function limits(provider: () => EngineProvider): void {
  test("no limit cuts results short or ends queries", async () => {
    await using engine = await provider().start({ moduleArgs: { CACHE_SIZE: "10" } });
    await using connection = await ask(engine);
    const settings = Object.fromEntries((await connection.command("GRAPH.CONFIG", "GET", "*")) as [string, unknown][]);
    expect(settings).toMatchObject({
      TIMEOUT_MAX: 0,
      TIMEOUT_DEFAULT: 0,
      TIMEOUT: 0,
      RESULTSET_SIZE: -1,
      QUERY_MEM_CAPACITY: 0,
      MAX_QUEUED_QUERIES: 2 ** 32 - 1,
      CACHE_SIZE: 10,
    });
    expect((await connection.query("g", "UNWIND range(1, 50000) AS i RETURN i")).rows).toHaveLength(50_000);
    expect(await connection.command("CONFIG", "GET", "save")).toEqual(["save", ""]);
  });
}

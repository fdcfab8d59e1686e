// The part of the conformance suite for engines that start from files: dumps, pipes, append-only folders, and
// what cannot be loaded.
import { createHash } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { copyFile, cp, readFile, stat, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { describe, expect, test } from "vitest";
import { isNightly } from "../../base/testing/nightly.ts";
import { DrillError } from "../../base/errors.ts";
import { ask, countItems, seed } from "./conformance-data.ts";
import type { Engine, EngineProvider } from "../engine.ts";
import { privateFolder } from "../../base/process/reaper.ts";
import { runCommand } from "../../base/process/run-command.ts";
import { loadDespiteStall } from "../stall-watch.ts";

export function enginesWithFiles(provider: () => EngineProvider): void {
  describe("starting from files", () => {
    test("an RDB, which is not changed by it", async () => {
      await using folder = await privateFolder("test");
      const rdb = await savedRdb(provider(), folder.path);
      const before = sha256(await readFile(rdb));
      await using engine = await loadDespiteStall(() => provider().start({ rdb }));
      expect(await countItems(engine)).toBe(1000);
      await using connection = await ask(engine);
      await connection.query("seeded", "MATCH (n:Item) DELETE n");
      await connection.command("SAVE");
      await loadDespiteStall(() => engine.restart());
      expect(await countItems(engine)).toBe(0);
      expect(sha256(await readFile(rdb))).toBe(before);
      await loadDespiteStall(() => engine.restart({ rdb }));
      expect(await countItems(engine)).toBe(1000);
    });

    test("an RDB under a name of the user's, with an append-only file from then on", async () => {
      await using folder = await privateFolder("test");
      const rdb = await savedRdb(provider(), folder.path);
      const redisConfig = { appendonly: "YES", appendfsync: "always", dbfilename: "graph.rdb" };
      await using engine = await loadDespiteStall(() => provider().start({ rdb, redisConfig }));
      await using connection = await ask(engine);
      await connection.query("seeded", "CREATE (:Item {id: 1001})");
      await engine.kill();
      await loadDespiteStall(() => engine.restart());
      expect(await countItems(engine)).toBe(1001);
    });

    test("a named pipe, loading while it is written", async () => {
      await using folder = await privateFolder("test");
      const rdb = await savedRdb(provider(), folder.path);
      const pipe = join(folder.path, "pipe");
      expect((await runCommand("mkfifo", [pipe], { timeoutMs: 5000 })).status).toBe(0);
      const [engine] = await loadDespiteStall(() =>
        Promise.all([provider().start({ rdb: pipe }), pipeline(createReadStream(rdb), createWriteStream(pipe))]),
      );
      await using _disposed = engine;
      expect(await countItems(engine)).toBe(1000);
      await engine.restart();
      expect(await countItems(engine)).toBe(0);
    });

    test("an append-only folder, which is copied", async () => {
      await using folder = await privateFolder("test");
      const copy = join(folder.path, "append");
      {
        await using source = await provider().start({ redisConfig: { appendonly: "yes", appendfsync: "always" } });
        await seed(source);
        await source.kill();
        await cp(join(source.dataDir ?? "", "appendonlydir"), copy, { recursive: true });
      }
      await using engine = await loadDespiteStall(() => provider().start({ appendOnlyDir: copy }));
      expect(await countItems(engine)).toBe(1000);
    });
  });
}

export function indexesAfterLoad(provider: () => EngineProvider): void {
  test.runIf(isNightly)("indexes built after the load are waited for only where that is asked", async () => {
    await using folder = await privateFolder("test");
    const rdb = await savedRdb(provider(), folder.path, 200_000);
    const start = { rdb, moduleArgs: { DELAY_INDEXING: "yes" }, readiness: "loaded" } as const;
    await using engine = await loadDespiteStall(() => provider().start(start));
    await using connection = await ask(engine);
    const status = async (): Promise<unknown> =>
      (await connection.roQuery("seeded", "CALL db.indexes() YIELD status RETURN status")).rows[0]?.[0];
    expect(await status()).toContain("UNDER CONSTRUCTION");
    await engine.ready("operational");
    expect(await status()).toBe("OPERATIONAL");
  });
}

export function startingFromBrokenFiles(provider: () => EngineProvider): void {
  describe("starting from what cannot be loaded", () => {
    const failure = async (start: Promise<Engine>): Promise<DrillError> => {
      const error = await start.then(
        async (engine) => {
          await engine[Symbol.asyncDispose]();
          return undefined;
        },
        (thrown: unknown) => thrown,
      );
      expect(error).toBeInstanceOf(DrillError);
      return error as DrillError;
    };

    test("a file that is not an RDB", async () => {
      await using folder = await privateFolder("test");
      const rdb = join(folder.path, "notes.txt");
      await writeFile(rdb, "this is a shopping list\n");
      const error = await failure(provider().start({ rdb, name: "target" }));
      expect(error.message).toMatch(/engine "target" exited with status 1 before it was ready; its log ends:/);
      expect(error.hint).toBe("The file is not an RDB.");
    });

    test("an RDB that is cut off", async () => {
      await using folder = await privateFolder("test");
      const rdb = await savedRdb(provider(), folder.path);
      await truncate(rdb, (await stat(rdb)).size - 100);
      expect((await failure(provider().start({ rdb }))).hint).toBe("The dump is damaged or incomplete.");
    });

    test("an RDB that is not there, and a folder without a manifest", async () => {
      await using folder = await privateFolder("test");
      expect((await failure(provider().start({ rdb: join(folder.path, "no.rdb") }))).message).toContain("ENOENT");
      const error = await failure(provider().start({ appendOnlyDir: folder.path }));
      expect(error.message).toContain("is not an append-only folder");
    });

    test.runIf(isNightly)("64,000 nodes of one label, which 4.16 writes and cannot read", async () => {
      await using folder = await privateFolder("test");
      const rdb = join(folder.path, "unloadable.rdb");
      {
        await using source = await provider().start();
        await using connection = await ask(source);
        await connection.query("g", "UNWIND range(1, 64000) AS i CREATE (:Item)");
        await connection.command("SAVE");
        await copyFile(join(source.dataDir ?? "", "dump.rdb"), rdb);
      }
      const error = await failure(provider().start({ rdb, timeoutMs: 30_000 }));
      expect(error.hint).toContain("64,000 nodes of one label");
    });

    test("a pipe without a writer: the wait has an end", async () => {
      await using folder = await privateFolder("test");
      const pipe = join(folder.path, "pipe");
      await runCommand("mkfifo", [pipe], { timeoutMs: 5000 });
      const error = await failure(provider().start({ rdb: pipe, timeoutMs: 1500, name: "target" }));
      expect(error.message).toMatch(/timed out after 1\d\d\d ms waiting for engine "target" to be loaded/);
    });
  });
}

async function savedRdb(provider: EngineProvider, folder: string, nodes = 1000): Promise<string> {
  await using source = await provider.start();
  await seed(source, nodes);
  await using connection = await ask(source);
  await connection.command("SAVE");
  const rdb = join(folder, "saved.rdb");
  await copyFile(join(source.dataDir ?? "", "dump.rdb"), rdb);
  return rdb;
}

function sha256(bytes: Buffer): string {
  return createHash("sha256").update(bytes).digest("hex");
}

// What a backup does with a source that cannot be backed up, or not now.
import net from "node:net";
import { once } from "node:events";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { errorsOf, errorMessage } from "../../base/errors.ts";
import { embeddedEngines } from "../../engine/embedded.ts";
import type { Engine } from "../../engine/engine.ts";
import { connect } from "../../falkordb/client/connection.ts";
import { RequestParser } from "../../falkordb/replication/replication-requests.ts";
import type { WriteCoordinator } from "../../service/coordinator.ts";
import { checkSource, takeCut } from "./cut.ts";

// A backup overrides this setting (override-settings.ts); here the cut is tested alone.
const forkAtOnce = { "repl-diskless-sync-delay": "0" } as const;
const { signal } = new AbortController();
const notes: string[] = [];
const note = (line: string): void => void notes.push(line);
let source: Engine;
beforeAll(async () => {
  source = await embeddedEngines().start({ name: "source", redisConfig: forkAtOnce });
});
afterAll(() => source[Symbol.asyncDispose]());

interface FakeRedis {
  /** How often it says that it is loading, before it is ready. */
  readonly loads?: number;
  /** Its answer to everything but INFO. */
  readonly answer: string;
}

/** A server as far as the check of a source sees it. */
async function fakeRedis({ loads = 0, answer }: FakeRedis): Promise<{ readonly port: number } & AsyncDisposable> {
  let asked = 0;
  const bulk = (text: string): string => `$${text.length}\r\n${text}\r\n`;
  const server = net.createServer((socket) => {
    const parser = new RequestParser();
    socket.on("error", () => socket.destroy());
    socket.on("data", (chunk: Buffer) => {
      for (const [name, section] of parser.push(chunk)) {
        const isLoading = asked < loads;
        if (section === "persistence") asked++;
        if (name?.toUpperCase() === "INFO") socket.write(bulk(`role:master\r\nloading:${isLoading ? 1 : 0}\r\n`));
        else socket.write(isLoading ? "-LOADING Redis is loading the dataset in memory\r\n" : answer);
      }
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as net.AddressInfo).port,
    [Symbol.asyncDispose]: async () => {
      server.close();
      await once(server, "close");
    },
  };
}

describe("the check of a source", () => {
  it("passes a FalkorDB, and refuses a Redis without the graph module", async () => {
    {
      await using connection = await connect(source.endpoint);
      await checkSource(connection, { note, signal });
    }
    await using redis = await fakeRedis({ answer: "-ERR unknown command\r\n" });
    await using connection = await connect({ host: "127.0.0.1", port: redis.port });
    await expect(checkSource(connection, { note, signal })).rejects.toThrow("is not a FalkorDB");
    expect(notes).toEqual([]);
  });

  it("waits for a server that still loads its data", async () => {
    await using redis = await fakeRedis({ loads: 3, answer: "*0\r\n" });
    await using connection = await connect({ host: "127.0.0.1", port: redis.port });
    await checkSource(connection, { note, signal });
    expect(notes.join()).toContain("is still loading its data");
    await using slow = await fakeRedis({ loads: 1e6, answer: "*0\r\n" });
    await using stopped = await connect({ host: "127.0.0.1", port: slow.port });
    const controller = new AbortController();
    const waiting = checkSource(stopped, {
      note: () => controller.abort(new Error("Ctrl-C")),
      signal: controller.signal,
    });
    await expect(waiting).rejects.toThrow("Ctrl-C");
  });
});

describe("the cut", () => {
  it("waits for a running BGSAVE before it pauses writers", async () => {
    await using connection = await connect(source.endpoint);
    await connection.query("g", "UNWIND range(1, 100000) AS i CREATE (:N {id: i, a: toString(rand())})");
    await connection.command("BGSAVE");
    let wasSaving: string | undefined;
    const coordinator: WriteCoordinator = {
      pause: async () => {
        wasSaving = (await connection.info("persistence"))["rdb_bgsave_in_progress"];
        return { id: "a", expiresAt: "2030-01-01T00:00:00Z", drainMs: 0 };
      },
      resume: () => Promise.resolve(),
    };
    const cut = await takeCut(connection, coordinator, signal);
    await cut.client[Symbol.asyncDispose]();
    expect(wasSaving).toBe("0");
    expect(cut.replid).toMatch(/^[0-9a-f]{40}$/);
  });

  it("does not hold writers for a fork that began while they drained, and tries again after it", async () => {
    await using connection = await connect(source.endpoint);
    const calls: string[] = [];
    const coordinator: WriteCoordinator = {
      pause: async () => {
        calls.push("pause");
        // Each key of the snapshot takes this long, so the save outlasts the patience of the cut.
        if (calls.length === 1) {
          await connection.command("CONFIG", "SET", "rdb-key-save-delay", "400000");
          await connection.command("SET", "slow", "key");
          await connection.command("BGSAVE");
        }
        return { id: "a", expiresAt: "2030-01-01T00:00:00Z", drainMs: 0 };
      },
      resume: async () => {
        const saving = (await connection.info("persistence"))["rdb_bgsave_in_progress"];
        calls.push(saving === "1" ? "resume beside the save" : "resume");
        await connection.command("CONFIG", "SET", "rdb-key-save-delay", "0");
      },
    };
    const cut = await takeCut(connection, coordinator, signal);
    await cut.client[Symbol.asyncDispose]();
    expect(calls.slice(0, 2)).toEqual(["pause", "resume beside the save"]);
    expect(calls.slice(2, 3)).toEqual(["pause"]);
    expect(calls.filter((call) => call === "pause").length).toBeLessThan(5);
    expect(cut.pauseMs).toBeDefined();
  });

  it("resumes writes when the source is gone, and says so", async () => {
    const lost = await embeddedEngines().start({ name: "lost", redisConfig: forkAtOnce });
    await using _lost = lost;
    await using connection = await connect(lost.endpoint);
    const calls: string[] = [];
    const coordinator: WriteCoordinator = {
      pause: async () => {
        calls.push("pause");
        await lost.kill();
        return { id: "a", expiresAt: "2030-01-01T00:00:00Z", drainMs: 0 };
      },
      resume: () => Promise.resolve(void calls.push("resume")),
    };
    await expect(takeCut(connection, coordinator, signal)).rejects.toThrow("the replication connection to");
    expect(calls).toEqual(["pause", "resume"]);
  });

  it("names the first of two failures: no answer, and then no lease to release", async () => {
    const controller = new AbortController();
    await using connection = await connect(source.endpoint);
    const coordinator: WriteCoordinator = {
      pause: () => {
        controller.abort(new Error("interrupted by SIGINT"));
        return Promise.resolve({ id: "a", expiresAt: "2030-01-01T00:00:00Z", drainMs: 0 });
      },
      resume: () => Promise.reject(new Error("the lease ran out")),
    };
    const thrown: unknown = await takeCut(connection, coordinator, controller.signal).catch((error: unknown) => error);
    expect(errorsOf(thrown).map(errorMessage)).toEqual(["interrupted by SIGINT", "the lease ran out"]);
  });

  it("is worth nothing when the lease was lost", async () => {
    await using connection = await connect(source.endpoint);
    const coordinator: WriteCoordinator = {
      pause: () => Promise.resolve({ id: "a", expiresAt: "2030-01-01T00:00:00Z", drainMs: 0 }),
      resume: () => Promise.reject(new Error("the lease ran out")),
    };
    await expect(takeCut(connection, coordinator, signal)).rejects.toThrow("the lease ran out");
  });
});

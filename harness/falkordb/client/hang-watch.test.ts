// Against a server that answers what it is told to; no FalkorDB.
import { createServer, type Socket } from "node:net";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { pace } from "../../base/timer.ts";
import { EngineHungError, unlessHung, type WatchedServer } from "./hang-watch.ts";

let answers = true;
const sockets = new Set<Socket>();
const server = createServer((socket) => {
  sockets.add(socket);
  // What a client says at its connect is answered in any case.
  socket.on("data", (said) => (answers || !/PING/i.test(String(said))) && socket.write("+OK\r\n"));
  socket.on("error", () => {});
});
let port = 0;
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  port = typeof address === "object" && address !== null ? address.port : 0;
});
afterAll(() => {
  for (const socket of sockets) socket.destroy();
  server.close();
});
beforeEach(() => {
  answers = true;
});

const limits = { stillMs: 60, silenceMs: 120 };
const never = (): Promise<never> => new Promise(() => {});
const later = async (ms: number): Promise<string> => {
  await pace(ms, new AbortController().signal);
  return "done";
};

function watched(seen: Partial<WatchedServer>): WatchedServer {
  const endpoint = { host: "127.0.0.1", port };
  return { endpoint, cpuMs: () => undefined, threads: async () => [], logs: async () => "", ...seen };
}

test("a server that answers is left alone, however long the work takes", async () => {
  expect(await unlessHung(watched({ cpuMs: () => 7 }), "a test", () => later(300), limits)).toBe("done");
});

test("a server that answers nothing and uses no processor time hangs", async () => {
  answers = false;
  const threads = async (): Promise<string[]> => ["1 redis-server S futex_wait_queue"];
  const hung = unlessHung(watched({ cpuMs: () => 7, threads }), "a test", never, limits);
  await expect(hung).rejects.toThrow(/hangs in a test: no answer to PING for \d+ ms, and no processor time used/);
  await expect(hung).rejects.toMatchObject({ findingCode: "engine-hung", evidence: { threads: await threads() } });
});

test("one that works, or would if the machine let it, is only busy", async () => {
  answers = false;
  let cpuMs = 0;
  const busy = watched({ cpuMs: () => (cpuMs += 20) });
  expect(await unlessHung(busy, "a test", () => later(300), limits)).toBe("done");
  const starved = watched({ cpuMs: () => 7, threads: async () => ["1 redis-server R 0"] });
  expect(await unlessHung(starved, "a test", () => later(300), limits)).toBe("done");
});

test("where its processor time cannot be seen, a longer silence decides", async () => {
  answers = false;
  const hung = unlessHung(watched({}), "a test", never, limits);
  await expect(hung).rejects.toBeInstanceOf(EngineHungError);
  expect(await unlessHung(watched({}), "a test", () => later(80), limits)).toBe("done");
});

test("the work's own error comes through", async () => {
  const failed = unlessHung(watched({}), "a test", () => Promise.reject(new Error("no such graph")), limits);
  await expect(failed).rejects.toThrow("no such graph");
});

// How the client handles services that misbehave. Small real HTTP servers replace them; the good answers of our own
// service are tested in harness/service/server.
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { type AddressInfo, createServer as createTcpServer } from "node:net";
import { expect, test } from "vitest";
import { systemClock } from "../base/clock.ts";
import { exitCodes } from "../base/errors.ts";
import { adminClient, type AdminClient, LeaseLostError } from "./admin-client.ts";

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

async function against(handler: Handler): Promise<{ client: AdminClient; url: string } & AsyncDisposable> {
  const server = createServer(handler);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const client = adminClient({ url, token: "secret-of-the-test", callTimeoutMs: 200, resumeRetryMs: 400 });
  const stop = async (): Promise<void> => {
    server.close();
    server.closeAllConnections();
    await Promise.resolve();
  };
  return { client, url, [Symbol.asyncDispose]: stop };
}

const answer =
  (status: number, body: unknown): Handler =>
  (_, response) => {
    response.writeHead(status, { "content-type": "application/json" });
    response.end(typeof body === "string" ? body : JSON.stringify(body));
  };
const pause = (client: AdminClient): Promise<unknown> => client.pause({ leaseMs: 1000, drainTimeoutMs: 100 });

test.each([
  ["a page", 200, "<html>", "something that is not the /admin contract", "usage"],
  ["other JSON", 200, { status: "ok" }, "something that is not the /admin contract", "usage"],
  ["no such route", 404, "not found", "speaks something else than the /admin contract", "usage"],
  ["no token", 401, { error: "token-missing", message: "expected a token" }, "refused the admin token (401)", "usage"],
  ["a wrong token", 403, { error: "wrong-token", message: "no" }, "refused the admin token (403)", "usage"],
  ["a drain that failed", 504, { error: "drain-failed", message: "writes go on" }, "writes go on", "notRecovered"],
] as const)("%s is a clear error", async (_, status, body, expected, exit) => {
  await using service = await against(answer(status, body));
  const error: unknown = await pause(service.client).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ message: expect.stringContaining(expected) as string, exit });
  expect(String(error)).not.toContain("secret-of-the-test");
  expect(Object.keys(exitCodes)).toContain(exit);
});

test("names a server that does not speak HTTP, without retrying", async () => {
  let calls = 0;
  const server = createTcpServer((socket) => {
    calls += 1;
    socket.on("error", () => {});
    // A FalkorDB's reply to HTTP.
    socket.end("-ERR unknown command 'POST', with args beginning with: '/admin/pause-writes'\r\n");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const client = adminClient({ url: `http://127.0.0.1:${port}`, token: "t" });
  for (const call of [pause(client), client.resume("lease")])
    await expect(call).rejects.toMatchObject({
      message: expect.stringContaining("does not speak HTTP") as string,
      exit: "usage",
    });
  expect(calls).toBe(2);
  server.close();
});

test.each([
  [5 * 3_600_000, 1000],
  [-5 * 3_600_000, 1000],
])("reports a service whose clock is %i ms ahead, and by how much", async (aheadMs, withinMs) => {
  const leaseMs = 1000;
  const expiresAt = (): string => new Date(systemClock.nowMs() + aheadMs + leaseMs).toISOString();
  await using service = await against((request, response) =>
    answer(200, { leaseId: "l", expiresAt: expiresAt(), drainMs: 0 })(request, response),
  );
  const seen: number[] = [];
  const options = { url: service.url, token: "t", onClockSkew: (ms: number) => void seen.push(ms) };
  await adminClient(options).pause({ leaseMs, drainTimeoutMs: 100 });
  expect(seen).toHaveLength(1);
  expect(Math.abs((seen[0] ?? 0) - aheadMs)).toBeLessThan(withinMs);
});

test("does not report a service whose clock agrees", async () => {
  const expiresAt = (): string => new Date(systemClock.nowMs() + 1000).toISOString();
  await using service = await against((request, response) =>
    answer(200, { leaseId: "l", expiresAt: expiresAt(), drainMs: 0 })(request, response),
  );
  const seen: number[] = [];
  const options = { url: service.url, token: "t", onClockSkew: (ms: number) => void seen.push(ms) };
  await adminClient(options).pause({ leaseMs: 1000, drainTimeoutMs: 100 });
  expect(seen).toEqual([]);
});

test("a 409 names the holder of the pause and its expiry", async () => {
  const held = {
    error: "writes-paused",
    message: "writes are already paused",
    holder: "nightly",
    expiresAt: "2026-01-01T00:00:00Z",
  };
  await using service = await against(answer(409, held));
  await expect(pause(service.client)).rejects.toThrow("held by nightly until 2026-01-01T00:00:00Z");
});

test("a service that is not there, and one that never answers", async () => {
  await using service = await against(() => {});
  await expect(service.client.status()).rejects.toThrow("no answer within 200 ms");
  const { url } = service;
  await service[Symbol.asyncDispose]();
  await expect(adminClient({ url, token: "t" }).status()).rejects.toThrow("ECONNREFUSED");
});

test("retries a resume whose answer got lost", async () => {
  let calls = 0;
  await using service = await against((request, response) => {
    calls += 1;
    if (calls < 3) request.socket.destroy();
    else answer(200, { resumed: true, pausedMs: 12 })(request, response);
  });
  await service.client.resume("lease");
  expect(calls).toBe(3);
});

test("gives up a resume that never gets through, and does not retry one of a lost lease", async () => {
  await using silent = await against((request) => request.socket.destroy());
  await expect(silent.client.resume("lease")).rejects.toThrow("the graph service to resume writes");
  let calls = 0;
  await using lost = await against((request, response) => {
    calls += 1;
    answer(409, { error: "lease-lost", message: "this lease is not held" })(request, response);
  });
  await expect(lost.client.resume("lease")).rejects.toThrow(LeaseLostError);
  expect(calls).toBe(1);
});

test("rejects an invalid URL and an empty token before any call", () => {
  expect(() => adminClient({ url: "falkordb:6379", token: "t" })).toThrow("is not the URL of a graph service");
  expect(() => adminClient({ url: "http://127.0.0.1:1", token: "" })).toThrow("the admin token is empty");
});

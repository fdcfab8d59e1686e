import { request } from "node:https";
import { readFile } from "node:fs/promises";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { Hono } from "hono";
import { expect, it } from "vitest";
import { listen } from "./listen.ts";

const file = (name: string): string => fileURLToPath(new URL(`../../../fixtures/tls/${name}`, import.meta.url));
const tls = { certFile: file("server.pem"), keyFile: file("server.key") };
const app = new Hono().get("/", (c) => c.text("answered"));

it.each(["0.0.0.0", "::", "192.0.2.1", "graph.example"])("refuses %s without TLS", async (host) => {
  await expect(listen(app, { host, port: 0 })).rejects.toThrow("does not listen");
});

it("answers over TLS to who trusts its authority", async () => {
  await using listening = await listen(app, { host: "0.0.0.0", port: 0, tls });
  const { port } = new URL(listening.url);
  const ca = await readFile(file("ca.pem"));
  const answer = await new Promise<string>((resolve, reject) => {
    const asked = request({ host: "127.0.0.1", port, ca, servername: "db.example", agent: false }, (response) => {
      text(response).then(resolve, reject);
    });
    asked.once("error", reject).end();
  });
  expect(answer).toBe("answered");
});

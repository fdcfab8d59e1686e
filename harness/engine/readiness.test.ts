import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { expect, it } from "vitest";
import { waitUntilReady } from "./readiness.ts";

it("does not wait for a server that wants another password", async () => {
  const server = createServer((socket) => {
    socket.on("error", () => {});
    socket.on("data", () => socket.write("-NOAUTH Authentication required.\r\n"));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const endpoint = { host: "127.0.0.1", port: (server.address() as AddressInfo).port };
  const ready = waitUntilReady(() => endpoint, { readiness: "loaded", timeoutMs: 60_000, name: "target" });
  await expect(ready).rejects.toThrow(/NOAUTH/);
  server.close();
}, 20_000);

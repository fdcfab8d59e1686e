// The HTTP side of starting and stopping: a stop lets open requests be answered, then closes all connections.
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { getRequestListener } from "@hono/node-server";
import type { Hono } from "hono";
import { environmentError, errorMessage } from "../../base/errors.ts";
import { waitFor } from "../../base/wait.ts";

export interface Listening extends AsyncDisposable {
  readonly url: string;
}

const closeGraceMs = 5000;

export async function listen(app: Hono, host: string, port: number): Promise<Listening> {
  const answer = getRequestListener(app.fetch);
  let openRequests = 0;
  const server = createServer((request, response) => {
    openRequests += 1;
    response.once("close", () => {
      openRequests -= 1;
    });
    void answer(request, response);
  });
  // Writers keep their connections; Node would close an idle one after 5 s, in the middle of a client's next request.
  server.keepAliveTimeout = 120_000;
  server.listen(port, host);
  try {
    await once(server, "listening");
  } catch (cause) {
    const message = `the graph service cannot listen on ${host}:${port}: ${errorMessage(cause)}`;
    throw environmentError(message, "choose another port", cause);
  }
  const { port: chosen } = server.address() as AddressInfo;
  const close = async (): Promise<void> => {
    if (!server.listening) return;
    const closed = once(server, "close");
    server.close();
    const answered = waitFor(() => openRequests === 0 || undefined, {
      exit: "environment",
      what: "open requests to be answered",
      timeoutMs: closeGraceMs,
      intervalMs: 2,
    });
    // Node's own method closes only idle connections, and one without any request so far does not count as idle.
    await answered.catch(() => {});
    server.closeAllConnections();
    await closed;
  };
  return { url: `http://${host}:${chosen}`, [Symbol.asyncDispose]: close };
}

// The HTTP side of starting and stopping: a stop lets open requests be answered, then closes all connections.
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer, type RequestListener, type Server } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { type AddressInfo, isIP } from "node:net";
import { getRequestListener } from "@hono/node-server";
import type { Hono } from "hono";
import { environmentError, errorMessage, usageError } from "../../base/errors.ts";
import { waitFor } from "../../base/wait.ts";

export interface Listening extends AsyncDisposable {
  readonly url: string;
}

export interface ListenOptions {
  /** What listens, in messages. */
  readonly name?: string;
  readonly host: string;
  /** 0 picks a free one. */
  readonly port: number;
  /** PEM files; needed where others than this machine can connect, because tokens and data would cross in clear. */
  readonly tls?: { readonly certFile: string; readonly keyFile: string } | undefined;
}

const closeGraceMs = 5000;
/** A client that sends slowly holds a connection, and no more than this. */
const headersTimeoutMs = 10_000;
const requestTimeoutMs = 30_000;
const mostConnections = 1024;

export async function listen(
  app: Hono,
  { name = "the graph service", host, port, tls }: ListenOptions,
): Promise<Listening> {
  if (tls === undefined && !isLoopback(host))
    throw usageError(
      `${name} does not listen on ${host} without TLS: its tokens would cross the network in clear`,
      "give it a certificate (tls.certFile, tls.keyFile), or listen on 127.0.0.1 behind a proxy that has one",
    );
  const answer = getRequestListener(app.fetch);
  let openRequests = 0;
  const server = await newServer(tls, (request, response) => {
    openRequests += 1;
    response.once("close", () => {
      openRequests -= 1;
    });
    void answer(request, response);
  });
  // Writers keep their connections; Node would close an idle one after 5 s, in the middle of a client's next request.
  server.keepAliveTimeout = 120_000;
  server.headersTimeout = headersTimeoutMs;
  server.requestTimeout = requestTimeoutMs;
  server.maxConnections = mostConnections;
  server.listen(port, host);
  try {
    await once(server, "listening");
  } catch (cause) {
    const message = `${name} cannot listen on ${host}:${port}: ${errorMessage(cause)}`;
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
  const address = isIP(host) === 6 ? `[${host}]` : host;
  return { url: `${tls === undefined ? "http" : "https"}://${address}:${chosen}`, [Symbol.asyncDispose]: close };
}

async function newServer(tls: ListenOptions["tls"], listener: RequestListener): Promise<Server> {
  if (tls === undefined) return createServer(listener);
  const [cert, key] = await Promise.all([readFile(tls.certFile), readFile(tls.keyFile)]);
  return createTlsServer({ cert, key, minVersion: "TLSv1.2" }, listener);
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || (isIP(host) === 4 && host.startsWith("127."));
}

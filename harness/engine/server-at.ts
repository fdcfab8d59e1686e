// A server that this program did not start: it is backed up or restored into, and never stopped or wiped.
import { address, type Endpoint, type EndpointOverrides, parseServerUrl } from "../base/endpoint.ts";
import { usageError } from "../base/errors.ts";
import type { Engine } from "./engine.ts";
import { waitUntilReady } from "./readiness.ts";
import { readVersions } from "./versions.ts";

const readyTimeoutMs = 3_600_000;

export function serverAt(url: string, overrides: EndpointOverrides = {}): Engine {
  return serverOf(parseServerUrl(url, overrides));
}

export function serverOf(endpoint: Endpoint): Engine {
  const notOurs = (): Promise<never> =>
    Promise.reject(usageError(`${address(endpoint)} is not a server of this program, so it is not stopped or wiped`));
  return {
    kind: "external",
    name: address(endpoint),
    endpoint,
    dataDir: undefined,
    versions: () => readVersions(endpoint),
    ready: (readiness, timeoutMs = readyTimeoutMs, signal) =>
      waitUntilReady(() => endpoint, { readiness, timeoutMs, name: address(endpoint), signal }),
    kill: notOurs,
    pause: notOurs,
    resume: notOurs,
    stop: notOurs,
    restart: notOurs,
    wipe: notOurs,
    logs: () => Promise.resolve(""),
    rssBytes: notOurs,
    cpuMs: () => undefined,
    threads: () => Promise.resolve([]),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

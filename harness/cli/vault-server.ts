// The servers of `vault`: one that runs somewhere and is not ours, which is backed up or restored into and never stopped
// or wiped; and engines of our own that nobody else knows.
import { usageError } from "../base/errors.ts";
import type { Endpoint, Engine, EngineProvider } from "../engine/engine.ts";
import { engineProvider } from "../engine/engines.ts";
import { waitUntilReady } from "../engine/readiness.ts";
import { readVersions } from "../engine/versions.ts";
import { address } from "../falkordb/connection.ts";

const readyTimeoutMs = 3_600_000;

export function serverAt(url: string, password: string | undefined): Engine {
  const endpoint = endpointOf(url, password);
  const notOurs = (): Promise<never> =>
    Promise.reject(usageError(`${address(endpoint)} is not a server of this program, so it is not stopped or wiped`));
  return {
    kind: "external",
    name: address(endpoint),
    endpoint,
    dataDir: undefined,
    versions: () => readVersions(endpoint),
    ready: (readiness, timeoutMs = readyTimeoutMs) =>
      waitUntilReady(() => endpoint, { readiness, timeoutMs, name: address(endpoint) }),
    kill: notOurs,
    pause: notOurs,
    resume: notOurs,
    stop: notOurs,
    restart: notOurs,
    wipe: notOurs,
    logs: notOurs,
    rssBytes: notOurs,
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

const isolatedKinds = ["auto", "embedded", "container"] as const;

export function isolatedEngines(name: string): EngineProvider {
  const kind = isolatedKinds.find((known) => known === name);
  if (kind === undefined) throw usageError(`--engine "${name}" is none of ${isolatedKinds.join(", ")}`);
  return engineProvider(kind);
}

/** `redis://[user[:password]@]host[:port]`; a password in the URL is seen by everybody who can list processes. */
function endpointOf(url: string, password: string | undefined): Endpoint {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed?.protocol !== "redis:" || parsed.hostname === "")
    throw usageError(`"${url.replace(/\/\/.*@/, "//...@")}" is not a FalkorDB URL such as redis://127.0.0.1:6379`);
  const username = decodeURIComponent(parsed.username);
  const secret = password ?? decodeURIComponent(parsed.password);
  return {
    host: parsed.hostname.replace(/^\[(.*)\]$/, "$1"),
    port: parsed.port === "" ? 6379 : Number(parsed.port),
    ...(username === "" ? {} : { username }),
    ...(secret === "" ? {} : { password: secret }),
  };
}

// A FalkorDB that the user runs, by its URL. The harness only connects to it: it cannot kill or pause it, and empties
// it only with consent that names it.
import { address, type Endpoint } from "../base/endpoint.ts";
import { type DrillError, environmentError, explanationOf, errorMessage, usageError } from "../base/errors.ts";
import { connect, type Connection } from "../falkordb/client/connection.ts";
import type { Engine, EngineProvider, EngineVersions, StartOptions } from "./engine.ts";
import { type Readiness, waitUntilReady } from "./readiness.ts";
import { graphModuleVersion, readVersions } from "./versions.ts";

const defaultTimeoutMs = 120_000;
const connectTimeoutMs = 5000;

export interface ExternalOptions {
  readonly endpoint: Endpoint;
  /** The engine may be emptied when this is its host:port. */
  readonly wipeConsent?: string | undefined;
}

export function externalEngines(options: ExternalOptions): EngineProvider {
  const { endpoint } = options;
  return {
    kind: "external",
    unavailable: async () => {
      try {
        await checkServer(endpoint);
        return undefined;
      } catch (error) {
        return explanationOf(error);
      }
    },
    start: async (start = {}) => {
      if (start.rdb !== undefined || start.appendOnlyDir !== undefined) {
        throw cannot(endpoint, "be started from a file", "Restore into it over the wire instead.");
      }
      await checkServer(endpoint);
      const engine = new ExternalEngine(endpoint, options.wipeConsent, start);
      await engine.ready(start.readiness ?? "operational", start.timeoutMs);
      return engine;
    },
  };
}

/** Checks that the server is reachable, a FalkorDB, and not a replica, which would refuse every write. */
async function checkServer(endpoint: Endpoint): Promise<void> {
  await using connection = await connect(endpoint, { timeoutMs: connectTimeoutMs });
  const where = `the server at ${address(endpoint)}`;
  const pong = await ask(connection, where, "PING");
  if (pong !== "PONG") throw environmentError(`${where} answered PING with ${JSON.stringify(pong)}`);
  if (graphModuleVersion(await ask(connection, where, "MODULE", "LIST")) === undefined) {
    throw environmentError(`${where} is not a FalkorDB: it has no graph module`, "Give the URL of a FalkorDB.");
  }
  const [role, masterHost, masterPort] = (await ask(connection, where, "ROLE")) as [string, string, number];
  if (role !== "master") {
    throw environmentError(
      `${where} is a replica of ${masterHost}:${masterPort}, and a drill needs to write`,
      `Give the URL of its master.`,
    );
  }
}

async function ask(connection: Connection, where: string, ...command: [string, ...string[]]): Promise<unknown> {
  try {
    return await connection.command(...command);
  } catch (error) {
    const message = errorMessage(error);
    if (message.startsWith("LOADING")) return command[0] === "PING" ? "PONG" : [];
    const hint = message.startsWith("NOAUTH") ? "Give the password with --password-file." : undefined;
    throw environmentError(`${where} refused ${command.join(" ")}: ${message}`, hint);
  }
}

function cannot(endpoint: Endpoint, what: string, hint?: string): DrillError {
  return environmentError(
    `the external engine at ${address(endpoint)} cannot ${what}: the harness did not start it`,
    hint ?? "Use --engine embedded or --engine container for this scenario.",
  );
}

class ExternalEngine implements Engine {
  readonly kind = "external";
  readonly name: string;
  readonly endpoint: Endpoint;
  readonly dataDir = undefined;
  readonly #wipeConsent: string | undefined;

  constructor(endpoint: Endpoint, wipeConsent: string | undefined, options: StartOptions) {
    this.name = options.name ?? "external";
    this.endpoint = endpoint;
    this.#wipeConsent = wipeConsent;
  }

  async versions(): Promise<EngineVersions> {
    return await readVersions(this.endpoint);
  }

  async ready(readiness: Readiness, timeoutMs: number = defaultTimeoutMs, signal?: AbortSignal): Promise<void> {
    const name = `external engine ${address(this.endpoint)}`;
    await waitUntilReady(() => this.endpoint, { readiness, timeoutMs, name, signal });
  }

  kill(): Promise<void> {
    return Promise.reject(cannot(this.endpoint, "be killed"));
  }

  pause(): Promise<void> {
    return Promise.reject(cannot(this.endpoint, "be paused"));
  }

  resume(): Promise<void> {
    return Promise.reject(cannot(this.endpoint, "be resumed"));
  }

  stop(): Promise<void> {
    return Promise.reject(cannot(this.endpoint, "be stopped"));
  }

  restart(): Promise<void> {
    return Promise.reject(cannot(this.endpoint, "be restarted"));
  }

  async wipe(): Promise<void> {
    const name = address(this.endpoint);
    if (this.#wipeConsent !== name) {
      const given =
        this.#wipeConsent === undefined ? "no consent was given" : `the consent names "${this.#wipeConsent}"`;
      throw usageError(
        `this would remove every graph of the external engine ${name}, and ${given}`,
        `If that is meant, pass --i-understand-this-wipes ${name}`,
      );
    }
    await using connection = await connect(this.endpoint, { timeoutMs: connectTimeoutMs });
    await connection.command("FLUSHALL");
  }

  logs(): Promise<string> {
    return Promise.resolve("");
  }

  /** Memory as the server reports it; its process is not accessible. */
  async rssBytes(): Promise<number> {
    await using connection = await connect(this.endpoint, { timeoutMs: connectTimeoutMs });
    return Number((await connection.info("memory"))["used_memory_rss"] ?? 0);
  }

  cpuMs(): undefined {
    return undefined;
  }

  threads(): Promise<readonly string[]> {
    return Promise.resolve([]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // The server keeps running, for its owner.
  }
}

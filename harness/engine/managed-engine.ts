// An engine that the harness starts itself, as a process or in a container: placing the data, starting, waiting,
// stopping, restarting. `Launch` hides the differences between the two.
import { randomBytes } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Endpoint } from "../base/endpoint.ts";
import { DrillError, environmentError } from "../base/errors.ts";
import { explainSystemError } from "../base/system-error.ts";
import { connect } from "../falkordb/client/connection.ts";
import { isOn, untilAppendOnlyHolds } from "./append-only.ts";
import { emptyFolder, placeAppendOnly, placeRdb } from "./data-folder.ts";
import type { Engine, EngineKind, EngineVersions, StartOptions } from "./engine.ts";
import { loadFailure, readinessFailure } from "./load-failure.ts";
import { loadFromPipe } from "./pipe-load.ts";
import { keptFolder, privateFolder, type PrivateFolder } from "../base/process/reaper.ts";
import { type Readiness, waitUntilReady } from "./readiness.ts";
import { rdbName } from "./redis-config.ts";
import type { Launch, RunningServer } from "./running-server.ts";
import { EngineStalledError, stallWatch } from "./stall-watch.ts";
import { readVersions } from "./versions.ts";

/** Enough for a graph of a million nodes; callers that load more pass their own deadline. */
const defaultTimeoutMs = 60_000;
const launchAttempts = 5;
const logsKept = 64 * 1024;

/** The engine's folder is created and kept in `keepIn`; else it is temporary and removed with the engine. */
export async function startManagedEngine(
  kind: EngineKind,
  launch: Launch,
  options: StartOptions,
  keepIn?: string,
): Promise<Engine> {
  const name = `engine-${(options.name ?? "engine").replaceAll(/[^\w-]/g, "_")}`;
  const folder = keepIn === undefined ? await privateFolder(name) : keptFolder(keepIn, name);
  const engine = new ManagedEngine(kind, launch, folder, options);
  try {
    await engine.restart(options);
    return engine;
  } catch (error) {
    // Computed at once, while the disk is as full as at the failure.
    const explained = explainSystemError(error, folder.path);
    await engine[Symbol.asyncDispose]();
    throw explained ?? error;
  }
}

class ManagedEngine implements Engine {
  readonly kind: EngineKind;
  readonly name: string;
  readonly dataDir: string;
  readonly #launch: Launch;
  readonly #folder: PrivateFolder;
  readonly #password = randomBytes(24).toString("base64url");
  /** Defaults for `restart`. */
  #settings: StartOptions;
  #server: RunningServer | undefined;
  #earlierLogs = "";

  constructor(kind: EngineKind, launch: Launch, folder: PrivateFolder, options: StartOptions) {
    this.kind = kind;
    this.name = options.name ?? "engine";
    this.#launch = launch;
    this.#folder = folder;
    this.#settings = options;
    this.dataDir = join(folder.path, "data");
  }

  get endpoint(): Endpoint {
    if (this.#server === undefined) throw environmentError(`engine "${this.name}" was never started`);
    return { host: this.#server.host, port: this.#server.port, password: this.#password };
  }

  get container(): string | undefined {
    return this.#server?.container;
  }

  async restart(options: StartOptions = {}): Promise<void> {
    await this.stop();
    this.#settings = { ...this.#settings, ...options };
    const { rdb, appendOnlyDir, signal } = options;
    const { redisConfig = {}, readiness = "operational", timeoutMs = defaultTimeoutMs } = this.#settings;
    await mkdir(this.dataDir, { recursive: true, mode: 0o700 });
    if (rdb !== undefined || appendOnlyDir !== undefined) await emptyFolder(this.dataDir);
    const appendConfig = appendOnlyDir === undefined ? {} : await placeAppendOnly(appendOnlyDir, this.dataDir);
    const placed = join(this.dataDir, rdbName(redisConfig));
    const isPipe = rdb === undefined ? false : (await placeRdb(rdb, placed, this.kind)).isPipe;
    // With appendonly on and no append-only files, redis starts empty and ignores the RDB; so it is switched on later.
    const appendLater = rdb !== undefined && appendOnlyDir === undefined && isOn(redisConfig["appendonly"]);
    const config = { ...redisConfig, ...appendConfig, ...(appendLater ? { appendonly: "no" } : {}) };
    const starting = this.#start(config, readiness, timeoutMs, signal);
    if (rdb === undefined || !isPipe) await starting;
    else {
      await loadFromPipe({ pipe: rdb, link: placed, starting, timeoutMs, logs: () => this.#ownLogs() });
    }
    if (appendLater) await this.#switchAppendOnlyOn(timeoutMs, signal);
  }

  /** Another process may take the port between its choice and the server's bind: then the next launch uses another. */
  async #start(
    redisConfig: Readonly<Record<string, string>>,
    readiness: Readiness,
    timeoutMs: number,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const { moduleArgs = {}, volume = "data" } = this.#settings;
    const { dataDir } = this;
    const settings = { folder: this.#folder.path, dataDir, volume, password: this.#password, redisConfig, moduleArgs };
    let isPortTaken = false;
    for (let attempt = 1; ; attempt++) {
      this.#earlierLogs = await this.logs();
      await this.#server?.remove();
      this.#server = undefined;
      this.#server = await this.#launch({ ...settings, isPortTaken });
      try {
        await this.#waitUntilReady(this.#server, readiness, timeoutMs, signal);
        return;
      } catch (error) {
        await this.#server.kill();
        const lastLines = (await this.#server.logs()).trimEnd().split("\n").slice(-3);
        isPortTaken = lastLines.some((line) => line.includes("Address already in use"));
        if (!isPortTaken || attempt === launchAttempts) throw error;
      }
    }
  }

  async #waitUntilReady(
    server: RunningServer,
    readiness: Readiness,
    timeoutMs: number,
    signal?: AbortSignal,
  ): Promise<void> {
    const name = `engine "${this.name}"`;
    const stalled = stallWatch({ name, server });
    const fatal = async (): Promise<Error | undefined> =>
      server.ended === undefined ? await stalled() : new Error(server.ended);
    try {
      await waitUntilReady(() => this.endpoint, { readiness, timeoutMs, name, signal, fatal });
    } catch (error) {
      // A broken connection is often the first sign of a crash that is reported a moment later.
      const hasEnded = await server.waitForEnd(100);
      signal?.throwIfAborted();
      if (error instanceof EngineStalledError) throw error;
      if (hasEnded) throw loadFailure(this.name, server.ended ?? "ended", await server.logs());
      throw error instanceof DrillError ? readinessFailure(error, await server.logs()) : error;
    }
  }

  async #switchAppendOnlyOn(timeoutMs: number, signal: AbortSignal | undefined): Promise<void> {
    await using connection = await connect(this.endpoint);
    await connection.command("CONFIG", "SET", "appendonly", "yes");
    await untilAppendOnlyHolds(connection, { name: `engine "${this.name}"`, timeoutMs, signal });
  }

  #running(purpose: string): RunningServer {
    const server = this.#server;
    if (server !== undefined && server.ended === undefined) return server;
    throw environmentError(`engine "${this.name}" does not run, so it cannot ${purpose}`, "Restart it first.");
  }

  async ready(readiness: Readiness, timeoutMs: number = defaultTimeoutMs, signal?: AbortSignal): Promise<void> {
    const ended = this.#server?.ended;
    if (ended !== undefined && (await this.#server?.revived()) !== true)
      throw loadFailure(this.name, ended, await this.#ownLogs());
    await this.#waitUntilReady(this.#running("become ready"), readiness, timeoutMs, signal);
  }

  async versions(): Promise<EngineVersions> {
    return await readVersions(this.endpoint);
  }

  async kill(): Promise<void> {
    await this.#server?.kill();
  }

  async pause(): Promise<void> {
    await this.#running("be paused").pause();
  }

  async resume(): Promise<void> {
    const server = this.#running("be resumed");
    await server.resume();
    await this.#waitUntilReady(server, "loaded", defaultTimeoutMs);
  }

  async stop(): Promise<void> {
    const server = this.#server;
    if (server === undefined || server.ended !== undefined) return;
    await server.resume();
    try {
      await using connection = await connect(this.endpoint, { timeoutMs: 2000 });
      await Promise.race([connection.command("SHUTDOWN", "NOSAVE", "NOW", "FORCE"), server.waitForEnd(5000)]);
    } catch {
      // A closed connection is the reply to SHUTDOWN; if there was no connection at all, signals follow.
    }
    if (await server.waitForEnd(5000)) return;
    await server.terminate();
    if (await server.waitForEnd(2000)) return;
    await server.kill();
  }

  async wipe(): Promise<void> {
    if (this.#server !== undefined && this.#server.ended === undefined) {
      throw environmentError(
        `engine "${this.name}" still runs, so its files cannot be wiped`,
        "Stop or kill it first.",
      );
    }
    await emptyFolder(this.dataDir);
  }

  async #ownLogs(): Promise<string> {
    return (await this.#server?.logs()) ?? "";
  }

  async logs(): Promise<string> {
    return (this.#earlierLogs + (await this.#ownLogs())).slice(-logsKept);
  }

  async rssBytes(): Promise<number> {
    return await this.#running("be measured").rssBytes();
  }

  cpuMs(): number | undefined {
    return this.#server?.cpuMs();
  }

  async threads(): Promise<readonly string[]> {
    return (await this.#server?.threads()) ?? [];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server?.kill();
    await this.#server?.remove();
    await this.#folder[Symbol.asyncDispose]();
  }
}

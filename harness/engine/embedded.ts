// FalkorDB as a child process: the real redis-server and falkordb.so from npm, in a private folder, on a loopback
// port, with a password of its own. Nothing of it outlives the harness (reaper.ts).
import { randomBytes } from "node:crypto";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { environmentError, messageOf } from "../base/errors.ts";
import type { Progress } from "../base/progress.ts";
import { waitFor } from "../base/wait.ts";
import { connect } from "../falkordb/connection.ts";
import { engineBinaries, type EngineBinaries } from "./binaries.ts";
import { emptyFolder, placeAppendOnly, placeRdb, rdbName } from "./data-folder.ts";
import type { Endpoint, Engine, EngineProvider, EngineVersions, StartOptions } from "./engine.ts";
import { loadFailure } from "./load-failure.ts";
import { freePort } from "./ports.ts";
import { privateFolder, type PrivateFolder } from "./reaper.ts";
import { type Readiness, waitUntilReady } from "./readiness.ts";
import { redisConfiguration } from "./redis-config.ts";
import { ServerProcess, tailOf } from "./server-process.ts";
import { readVersions } from "./versions.ts";

const defaultTimeoutMs = 120_000;
const portAttempts = 5;

/** `progress` hears about libraries that have to be fetched first. */
export function embeddedEngines(options: { progress?: Progress } = {}): EngineProvider {
  return {
    kind: "embedded",
    unavailable: async () => {
      try {
        await engineBinaries(options);
        return undefined;
      } catch (error) {
        return messageOf(error);
      }
    },
    start: async (start = {}) => {
      const binaries = await engineBinaries({
        ...options,
        ...(start.signal === undefined ? {} : { signal: start.signal }),
      });
      const folder = await privateFolder(`engine-${(start.name ?? "engine").replaceAll(/[^\w-]/g, "_")}`);
      const engine = new EmbeddedEngine(binaries, folder, start);
      try {
        await engine.restart(start);
        return engine;
      } catch (error) {
        await engine[Symbol.asyncDispose]();
        throw error;
      }
    },
  };
}

class EmbeddedEngine implements Engine {
  readonly kind = "embedded";
  readonly name: string;
  readonly dataDir: string;
  readonly #binaries: EngineBinaries;
  readonly #folder: PrivateFolder;
  readonly #password = randomBytes(24).toString("base64url");
  /** What `restart` falls back to; set by the first start. */
  #settings: StartOptions;
  #server: ServerProcess | undefined;
  #port = 0;

  constructor(binaries: EngineBinaries, folder: PrivateFolder, options: StartOptions) {
    this.name = options.name ?? "engine";
    this.#binaries = binaries;
    this.#folder = folder;
    this.#settings = options;
    this.dataDir = join(folder.path, "data");
  }

  get endpoint(): Endpoint {
    return { host: "127.0.0.1", port: this.#port, password: this.#password };
  }

  async restart(options: StartOptions = {}): Promise<void> {
    await this.stop();
    this.#settings = { ...this.#settings, ...options };
    const { rdb, appendOnlyDir } = options;
    const { redisConfig = {}, readiness = "operational", timeoutMs = defaultTimeoutMs } = this.#settings;
    await mkdir(this.dataDir, { recursive: true, mode: 0o700 });
    if (rdb !== undefined || appendOnlyDir !== undefined) await emptyFolder(this.dataDir);
    const appendConfig = appendOnlyDir === undefined ? {} : await placeAppendOnly(appendOnlyDir, this.dataDir);
    const pipe = rdb === undefined ? false : (await placeRdb(rdb, this.dataDir)).isPipe;
    // With appendonly on and no append-only files, redis starts empty and ignores the RDB; so it is switched on later.
    const appendLater = rdb !== undefined && appendOnlyDir === undefined && redisConfig["appendonly"] === "yes";
    const config = { ...redisConfig, ...appendConfig, ...(appendLater ? { appendonly: "no" } : {}) };
    await this.#launch(config, readiness, timeoutMs, options.signal);
    if (pipe) await rm(join(this.dataDir, rdbName), { force: true });
    if (appendLater) await this.#switchAppendOnlyOn(timeoutMs);
  }

  /** Somebody else may take the port between our choice and the server's bind: then try another one. */
  async #launch(
    redisConfig: Readonly<Record<string, string>>,
    readiness: Readiness,
    timeoutMs: number,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      if (this.#port === 0 || attempt > 1) this.#port = await freePort();
      const config = redisConfiguration({
        port: this.#port,
        dataDir: this.dataDir,
        password: this.#password,
        modulePath: this.#binaries.module,
        moduleArgs: { TEMP_FOLDER: this.#folder.path, ...this.#settings.moduleArgs },
        redisConfig,
      });
      this.#server = await ServerProcess.start(this.#binaries.command(), config, this.#folder.path, this.#logFile);
      try {
        await this.#waitUntilReady(readiness, timeoutMs, signal);
        return;
      } catch (error) {
        await this.#server.kill();
        const isPortTaken = (await tailOf(this.#logFile, 2000)).includes("Address already in use");
        if (!isPortTaken || attempt === portAttempts) throw error;
      }
    }
  }

  async #waitUntilReady(readiness: Readiness, timeoutMs: number, signal?: AbortSignal): Promise<void> {
    const server = this.#running("be ready");
    let dead = false;
    await waitUntilReady(() => this.endpoint, {
      readiness,
      timeoutMs,
      name: `engine "${this.name}"`,
      signal,
      fatal: () => {
        dead = server.ended !== undefined;
        return dead ? new Error(server.ended) : undefined;
      },
    }).catch(async (error: unknown) => {
      throw dead ? loadFailure(this.name, server.ended ?? "ended", await this.logs()) : error;
    });
  }

  async #switchAppendOnlyOn(timeoutMs: number): Promise<void> {
    await using connection = await connect(this.endpoint);
    await connection.command("CONFIG", "SET", "appendonly", "yes");
    const isRewritten = async (): Promise<true | undefined> => {
      const info = await connection.info("persistence");
      const isDone = info["aof_rewrite_in_progress"] === "0" && info["aof_rewrite_scheduled"] === "0";
      return isDone && info["aof_enabled"] === "1" && info["aof_last_bgrewrite_status"] === "ok" ? true : undefined;
    };
    await waitFor(isRewritten, {
      what: `the first append-only file of engine "${this.name}"`,
      timeoutMs,
      exit: "environment",
    });
  }

  get #logFile(): string {
    return join(this.#folder.path, "server.log");
  }

  #running(purpose: string): ServerProcess {
    if (this.#server === undefined || this.#server.ended !== undefined) {
      throw environmentError(`engine "${this.name}" does not run, so it cannot ${purpose}`, "Restart it first.");
    }
    return this.#server;
  }

  async ready(readiness: Readiness, timeoutMs: number = defaultTimeoutMs): Promise<void> {
    await this.#waitUntilReady(readiness, timeoutMs);
  }

  async versions(): Promise<EngineVersions> {
    return await readVersions(this.endpoint);
  }

  async kill(): Promise<void> {
    await this.#server?.kill();
  }

  pause(): Promise<void> {
    this.#running("be paused").signal("SIGSTOP");
    return Promise.resolve();
  }

  async resume(): Promise<void> {
    this.#running("be resumed").signal("SIGCONT");
    await this.#waitUntilReady("loaded", defaultTimeoutMs);
  }

  async stop(): Promise<void> {
    const server = this.#server;
    if (server === undefined || server.ended !== undefined) return;
    server.signal("SIGCONT");
    try {
      await using connection = await connect(this.endpoint, { timeoutMs: 2000 });
      await Promise.race([connection.command("SHUTDOWN", "NOSAVE", "NOW", "FORCE"), server.waitForEnd(5000)]);
    } catch {
      // The answer to SHUTDOWN is a closed connection; where there was none at all, ruder means follow.
    }
    if (await server.waitForEnd(5000)) return;
    server.signal("SIGTERM");
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

  async logs(): Promise<string> {
    return await tailOf(this.#logFile);
  }

  async rssBytes(): Promise<number> {
    return await this.#running("be measured").rssBytes();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server?.kill();
    await this.#folder[Symbol.asyncDispose]();
  }
}

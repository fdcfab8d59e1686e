// The contract of a FalkorDB in a drill, however it is started. One conformance suite tests every implementation.

import type { Endpoint } from "../base/endpoint.ts";

export type EngineKind = "embedded" | "container" | "external";

export interface EngineVersions {
  /** `redis_version` of INFO, e.g. "8.2.3". */
  readonly redis: string;
  /** Version of the graph module, e.g. 41603. */
  readonly module: number;
  /** Encoding version of the RDB that this module writes; undefined for a version without a known encoding. */
  readonly encver: number | undefined;
}

export interface StartOptions {
  /** An RDB file to start from; it is read, never changed. A named pipe will do for the embedded engine. */
  readonly rdb?: string;
  /** An append-only folder (`appendonlydir`) to start from; it is copied. */
  readonly appendOnlyDir?: string;
  /**
   * `elsewhere`: the data folder is mounted where the server does not write, a common mistake with containers. What the
   * server writes is then gone when it is started again, as with a container that is re-created.
   */
  readonly volume?: "data" | "elsewhere";
  /** Extra redis-server settings, e.g. `{ appendonly: "yes" }`. */
  readonly redisConfig?: Readonly<Record<string, string>>;
  /** Extra module arguments, e.g. `{ DELAY_INDEXING: "yes" }`. */
  readonly moduleArgs?: Readonly<Record<string, string>>;
  /** `operational` waits for PONG, loading:0 and every index OPERATIONAL; `loaded` does not wait for the indexes. */
  readonly readiness?: "operational" | "loaded";
  /** Deadline for readiness. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
  /** Engine name used in logs and messages: "source", "target". */
  readonly name?: string;
}

/** A running FalkorDB. Disposing kills it and removes all its files; disposing twice is harmless. */
export interface Engine extends AsyncDisposable {
  readonly kind: EngineKind;
  readonly name: string;
  readonly endpoint: Endpoint;
  /** Folder of its RDB and append-only files where this process can reach it; undefined for an external engine. */
  readonly dataDir: string | undefined;
  /** Name of its container, for `docker exec`; undefined where it runs in none of ours. */
  readonly container?: string | undefined;
  versions(): Promise<EngineVersions>;
  /** Resolves when a restarted or resumed engine is ready in the sense of `readiness`. */
  ready(readiness: "operational" | "loaded", timeoutMs?: number, signal?: AbortSignal): Promise<void>;
  /** SIGKILL; the data folder stays. */
  kill(): Promise<void>;
  /** SIGSTOP and SIGCONT. */
  pause(): Promise<void>;
  resume(): Promise<void>;
  /** SHUTDOWN NOSAVE, then the kill ladder. */
  stop(): Promise<void>;
  /** Starts it again on its own data folder, or from the given files. The endpoint may change. */
  restart(options?: StartOptions): Promise<void>;
  /** Removes every graph and file that it holds; the engine must be stopped or killed (external: FLUSHALL). */
  wipe(): Promise<void>;
  logs(): Promise<string>;
  rssBytes(): Promise<number>;
  /** Processor time used so far; undefined where it is unknown. */
  cpuMs(): number | undefined;
  /** One line per thread: id, name, state, kernel wait channel. Empty where threads cannot be read. */
  threads(): Promise<readonly string[]>;
}

/** Starts engines of one kind. */
export interface EngineProvider {
  readonly kind: EngineKind;
  /** Undefined when engines can be started here, else one sentence with the reason. */
  unavailable(): Promise<string | undefined>;
  start(options?: StartOptions): Promise<Engine>;
}

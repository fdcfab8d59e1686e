// One running server, as a process or in a container. ManagedEngine builds an engine on it.

export interface LaunchSettings {
  /** Private folder of the engine; the server's files are in `dataDir` below it. */
  readonly folder: string;
  readonly dataDir: string;
  /** `elsewhere`: the server does not write into `dataDir`, and what it writes ends with it. */
  readonly volume: "data" | "elsewhere";
  readonly password: string;
  readonly redisConfig: Readonly<Record<string, string>>;
  readonly moduleArgs: Readonly<Record<string, string>>;
  /** Whether the previous launch found its port taken by another program. */
  readonly isPortTaken: boolean;
}

/** Starts a server and does not wait until it is ready. Called again, it starts another one on the same folder. */
export type Launch = (settings: LaunchSettings) => Promise<RunningServer>;

export interface RunningServer {
  readonly host: string;
  readonly port: number;
  /** How the server ended, as a predicate: "exited with status 1". Undefined while it runs. */
  readonly ended: string | undefined;
  /** Name of its container, where it has one. */
  readonly container?: string;
  /** Resolves to false when the server still runs at the deadline. */
  waitForEnd(timeoutMs: number): Promise<boolean>;
  /** Whether somebody else started it again after its end; then it is watched again. */
  revived(): Promise<boolean>;
  pause(): Promise<void>;
  resume(): Promise<void>;
  /** Sends SIGTERM. */
  terminate(): Promise<void>;
  /** Sends SIGKILL; resolves when the server has ended. Harmless when it has ended before. */
  kill(): Promise<void>;
  /** The end of the server's log, also after it has ended. */
  logs(): Promise<string>;
  rssBytes(): Promise<number>;
  /** Processor time used so far; undefined where it is unknown. */
  cpuMs(): number | undefined;
  /** One line per thread: id, name, state, kernel wait channel. Empty where threads cannot be read. */
  threads(): Promise<readonly string[]>;
  /** Removes what an ended server left outside of its folder. */
  remove(): Promise<void>;
}

// One running server, however it runs: what a process and a container have in common. ManagedEngine builds an
// engine on it.

export interface LaunchSettings {
  /** Private folder of the engine; the server's files are in `dataDir` below it. */
  readonly folder: string;
  readonly dataDir: string;
  readonly password: string;
  readonly redisConfig: Readonly<Record<string, string>>;
  readonly moduleArgs: Readonly<Record<string, string>>;
  /** The launch before this one found its port taken by another program. */
  readonly isPortTaken: boolean;
}

/** Starts a server and does not wait until it is ready. Called again it starts another one on the same folder. */
export type Launch = (settings: LaunchSettings) => Promise<RunningServer>;

export interface RunningServer {
  readonly host: string;
  readonly port: number;
  /** How it ended, as a sentence's end: "exited with status 1". Undefined while it runs. */
  readonly ended: string | undefined;
  /** False when it still runs at the deadline. */
  waitForEnd(timeoutMs: number): Promise<boolean>;
  pause(): Promise<void>;
  resume(): Promise<void>;
  /** SIGTERM. */
  terminate(): Promise<void>;
  /** SIGKILL; resolves when it is gone. Harmless when it has ended. */
  kill(): Promise<void>;
  /** The end of its own log, also after it has ended. */
  logs(): Promise<string>;
  rssBytes(): Promise<number>;
  /** Processor time used so far; undefined where it cannot be told. */
  cpuMs(): number | undefined;
  /** One line a thread: id, name, state, where in the kernel it waits. Empty where they are out of reach. */
  threads(): Promise<readonly string[]>;
  /** Removes what is left of it besides the folder; it has ended. */
  remove(): Promise<void>;
}

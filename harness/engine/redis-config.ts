// The configuration of an engine as redis reads it, and as arguments of the graph module.

export interface ServerSettings {
  readonly port: number;
  readonly dataDir: string;
  readonly password: string;
  readonly modulePath: string;
  readonly moduleArgs: Readonly<Record<string, string>>;
  readonly redisConfig: Readonly<Record<string, string>>;
}

/**
 * Limits that cut results short or end queries are off: with them a reader gets 10,000 rows of 50,000 without an
 * error, and an append-only file is replayed to less than was written.
 */
export const limitsOff: Readonly<Record<string, string>> = {
  TIMEOUT_MAX: "0",
  TIMEOUT_DEFAULT: "0",
  RESULTSET_SIZE: "-1",
  QUERY_MEM_CAPACITY: "0",
};

export function moduleArguments(args: Readonly<Record<string, string>>): string[] {
  return Object.entries({ ...limitsOff, ...args }).flat();
}

export function redisConfiguration(settings: ServerSettings): string {
  const directives: [string, ...string[]][] = [
    ["bind", "127.0.0.1"],
    ["port", String(settings.port)],
    ["protected-mode", "yes"],
    ["requirepass", settings.password],
    ["enable-debug-command", "no"],
    ["daemonize", "no"],
    ["logfile", ""],
    ["dir", settings.dataDir],
    ["dbfilename", "dump.rdb"],
    ["save", ""],
    ...Object.entries(settings.redisConfig),
    ["loadmodule", settings.modulePath, ...moduleArguments(settings.moduleArgs)],
  ];
  return directives.map(([name, ...values]) => `${name} ${values.map(quoted).join(" ")}\n`).join("");
}

/** `save 3600 1` is several words to redis, so plain words stay as they are. */
function quoted(value: string): string {
  return /^[\w./:@%+ -]+$/.test(value) && !value.startsWith("/") ? value : JSON.stringify(value);
}

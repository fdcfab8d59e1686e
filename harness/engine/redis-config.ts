// The configuration of an engine in redis's format, with the arguments of the graph module.

/**
 * Limits that truncate results or abort queries are off: with them a reader gets 10,000 rows of 50,000 without an
 * error, and the replay of an append-only file loses writes.
 */
const limitsOff = {
  TIMEOUT_MAX: "0",
  TIMEOUT_DEFAULT: "0",
  RESULTSET_SIZE: "-1",
  QUERY_MEM_CAPACITY: "0",
} as const;

export function moduleArguments(args: Readonly<Record<string, string>>): string[] {
  const { TIMEOUT_MAX, TIMEOUT_DEFAULT, ...others } = limitsOff;
  // The engine does not start with the old TIMEOUT together with its replacements.
  const off = args["TIMEOUT"] === undefined ? { TIMEOUT_MAX, TIMEOUT_DEFAULT, ...others } : others;
  return Object.entries({ ...off, ...args }).flat();
}

export interface RedisConfiguration {
  readonly directives: Readonly<Record<string, string>>;
  /** The caller's settings, which override the directives. */
  readonly redisConfig: Readonly<Record<string, string>>;
  /** The graph module to load; undefined where the image loads it. */
  readonly module?: { readonly path: string; readonly args: Readonly<Record<string, string>> };
}

/** Name of the RDB file that a server with these settings loads and saves. */
export function rdbName({ dbfilename = "dump.rdb" }: Readonly<Record<string, string>>): string {
  return dbfilename;
}

/** By default a crashing server tests all its mapped memory for half a minute; a drill must know at once. */
const crashSettings = { "crash-memcheck-enabled": "no" };

/** Configuration text: nothing is saved unless a drill asks for it, and DEBUG, which can crash a server, is off. */
export function redisConfiguration({ directives, redisConfig, module }: RedisConfiguration): string {
  const all = {
    ...crashSettings,
    "enable-debug-command": "no",
    daemonize: "no",
    logfile: "",
    dbfilename: rdbName({}),
    save: "",
  };
  const lines = Object.entries({ ...all, ...directives, ...redisConfig }).map(
    ([name, value]) => `${name} ${quoted(value)}`,
  );
  if (module !== undefined) {
    lines.push(["loadmodule", module.path, ...moduleArguments(module.args)].map(quoted).join(" "));
  }
  return `${lines.join("\n")}\n`;
}

/** Quotes a value where needed; settings such as `save 3600 1` are several words, so plain words stay unquoted. */
function quoted(value: string): string {
  return /^[\w.,:@%+#~&* -]+$/.test(value) ? value : JSON.stringify(value);
}

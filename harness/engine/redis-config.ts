// The configuration of an engine as redis reads it, and as arguments of the graph module.

/**
 * Limits that cut results short or end queries are off: with them a reader gets 10,000 rows of 50,000 without an
 * error, and an append-only file is replayed to less than was written.
 */
const limitsOff = {
  TIMEOUT_MAX: "0",
  TIMEOUT_DEFAULT: "0",
  RESULTSET_SIZE: "-1",
  QUERY_MEM_CAPACITY: "0",
} as const;

export function moduleArguments(args: Readonly<Record<string, string>>): string[] {
  const { TIMEOUT_MAX, TIMEOUT_DEFAULT, ...others } = limitsOff;
  // The engine does not start with the old TIMEOUT beside those that took its place.
  const off = args["TIMEOUT"] === undefined ? { TIMEOUT_MAX, TIMEOUT_DEFAULT, ...others } : others;
  return Object.entries({ ...off, ...args }).flat();
}

export interface RedisConfiguration {
  readonly directives: Readonly<Record<string, string>>;
  /** The caller's settings; they win. */
  readonly redisConfig: Readonly<Record<string, string>>;
  /** Undefined where something else loads the module. */
  readonly module?: { readonly path: string; readonly args: Readonly<Record<string, string>> };
}

/** A crashing server tests all memory that it has mapped, for half a minute; a drill wants to know at once. */
const crashSettings = { "crash-memcheck-enabled": "no" };

/** Nothing is saved unless a drill asks for it, and nobody can make the server crash by DEBUG. */
export function redisConfiguration({ directives, redisConfig, module }: RedisConfiguration): string {
  const all = {
    ...crashSettings,
    "enable-debug-command": "no",
    daemonize: "no",
    logfile: "",
    dbfilename: "dump.rdb",
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

/** Settings such as `save 3600 1` are several words, so plain words stay as they are. */
function quoted(value: string): string {
  return /^[\w.,:@%+#~&* -]+$/.test(value) ? value : JSON.stringify(value);
}

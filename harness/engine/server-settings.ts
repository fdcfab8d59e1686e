// Production settings for the servers that a drill starts: `RESULTSET_SIZE=10000`, `appendonly=yes`. A name in capitals
// is an argument of the graph module, any other one a setting of redis.
import { type DrillError, errorMessage, usageError } from "../base/errors.ts";
import type { EngineProvider } from "./engine.ts";

export type ServerSettings = Readonly<Record<string, string>>;

/** Names from GRAPH.CONFIG GET * of 4.16, without folders, which the drill sets. */
const moduleArguments = [
  "ASYNC_DELETE",
  "CACHE_SIZE",
  "CMD_INFO",
  "DELAY_INDEXING",
  "DELTA_MAX_PENDING_CHANGES",
  "EFFECTS_THRESHOLD",
  "JS_HEAP_SIZE",
  "JS_STACK_SIZE",
  "MAX_INFO_QUERIES",
  "MAX_QUEUED_QUERIES",
  "NODE_CREATION_BUFFER",
  "OMP_THREAD_COUNT",
  "QUERY_MEM_CAPACITY",
  "RESULTSET_SIZE",
  "THREAD_COUNT",
  "TIMEOUT",
  "TIMEOUT_DEFAULT",
  "TIMEOUT_MAX",
  "VKEY_MAX_ENTITY_COUNT",
];
/** Settings reserved for the drill, because they isolate an engine from the rest of the machine. */
const ours =
  /^(?:port|bind|bind-.*|unixsocket.*|dir|dbfilename|requirepass|masterauth|masteruser|daemonize|logfile|pidfile|loadmodule|include|protected-mode|tls-.*|rename-command|aclfile|user|enable-.*|cluster-.*|replicaof|slaveof|supervised)$/;

export function parseServerSettings(texts: readonly string[]): ServerSettings {
  const settings: Record<string, string> = {};
  for (const text of texts) {
    const [, name, value] = /^([A-Za-z_-]+)=([^\r\n]*)$/.exec(text) ?? [];
    if (name === undefined || value === undefined)
      throw usageError(`--server "${text}" is not a setting such as RESULTSET_SIZE=10000 or appendonly=yes`);
    const isArgument = name === name.toUpperCase();
    if (isArgument && !moduleArguments.includes(name))
      throw usageError(
        `--server ${name}: the graph module has no such argument`,
        `It has ${moduleArguments.join(", ")}; settings of redis are written in small letters.`,
      );
    if (!isArgument && ours.test(name))
      throw usageError(`--server ${name}: a drill sets that itself, so that its engines stay apart from others`);
    settings[name] = value;
  }
  if (settings["TIMEOUT"] !== undefined && ("TIMEOUT_MAX" in settings || "TIMEOUT_DEFAULT" in settings))
    throw usageError("--server TIMEOUT: no server starts with it together with TIMEOUT_MAX or TIMEOUT_DEFAULT");
  return settings;
}

/** Starts every engine of the provider with these settings; settings of a single engine override them. */
export function withSettings(engines: EngineProvider, settings: ServerSettings): EngineProvider {
  const entries = Object.entries(settings);
  if (entries.length === 0) return engines;
  const [args, config] = [true, false].map((isArgument) =>
    Object.fromEntries(entries.filter(([name]) => (name === name.toUpperCase()) === isArgument)),
  );
  return {
    kind: engines.kind,
    unavailable: () => engines.unavailable(),
    start: async (options = {}) => {
      const moduleArgs = { ...args, ...options.moduleArgs };
      const redisConfig = { ...config, ...options.redisConfig };
      try {
        return await engines.start({ ...options, moduleArgs, redisConfig });
      } catch (error) {
        throw refusedSetting(entries, errorMessage(error)) ?? error;
      }
    },
  };
}

/** The error for a user's setting that, by the end of the log, kept the server from starting. */
function refusedSetting(entries: readonly (readonly [string, string])[], log: string): DrillError | undefined {
  const [, line = ""] = /(?:Unresolved Configuration|FATAL CONFIG FILE ERROR)[^]*?>>> '(.*)'/i.exec(log) ?? [];
  const [name] = line.split(" ");
  const entry = entries.find((each) => each[0] === name);
  return entry && usageError(`--server ${entry.join("=")}: the server does not start with it`, refusedHint);
}

const refusedHint =
  "Is it a setting of this version of redis, with a value that it takes? `redis-server` names what it refuses.";

// Production settings for the servers that a drill starts: `RESULTSET_SIZE=10000`, `appendonly=yes`. A name in capitals
// is an argument of the graph module, any other one a setting of redis.
import { isAbsolute } from "node:path";
import { type DrillError, errorMessage, usageError } from "../base/errors.ts";
import { didYouMean } from "../base/suggest.ts";
import { connect } from "../falkordb/client/connection.ts";
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
  /^(?:port|bind|bind-.*|unixsocket.*|requirepass|masterauth|masteruser|daemonize|logfile|pidfile|loadmodule|include|protected-mode|tls-.*|rename-command|aclfile|user|enable-.*|cluster-.*|replicaof|slaveof|supervised)$/;
/** Redis settings that are often written in capitals by mistake. A server itself knows all of its names. */
const wellKnown = [
  "appendonly",
  "appendfsync",
  "save",
  "maxmemory",
  "maxmemory-policy",
  "dir",
  "dbfilename",
  "databases",
];

export function parseServerSettings(texts: readonly string[]): ServerSettings {
  const settings: Record<string, string> = {};
  for (const text of texts) {
    const [, given, value] = /^([A-Za-z_-]+)=([^\r\n]*)$/.exec(text) ?? [];
    if (given === undefined || value === undefined)
      throw usageError(`--server "${text}" is not a setting such as RESULTSET_SIZE=10000 or appendonly=yes`);
    // Redis takes its own names in any case.
    const name = isArgument(given) ? given : given.toLowerCase();
    checkSetting(name, value);
    settings[name] = value;
  }
  return checkTogether(settings);
}

/** Refuses settings with which no server starts. Those of a configuration and of flags come together late. */
export function checkTogether(settings: ServerSettings): ServerSettings {
  if (settings["TIMEOUT"] !== undefined && ("TIMEOUT_MAX" in settings || "TIMEOUT_DEFAULT" in settings))
    throw usageError("--server TIMEOUT: no server starts with it together with TIMEOUT_MAX or TIMEOUT_DEFAULT");
  return settings;
}

function isArgument(name: string): boolean {
  return name === name.toUpperCase();
}

function checkSetting(name: string, value: string): void {
  if (isArgument(name)) {
    if (moduleArguments.includes(name)) return;
    const kinds = "Arguments of the graph module are written in capitals, settings of redis in small letters.";
    const near = didYouMean(name, [...moduleArguments, ...wellKnown]);
    const hint = near === undefined ? `It has ${moduleArguments.join(", ")}. ${kinds}` : `${near} ${kinds}`;
    throw usageError(`--server ${name}: the graph module has no such argument`, hint);
  }
  const argument = name.toUpperCase().replaceAll("-", "_");
  // TIMEOUT of the module ends queries, and timeout of redis idle clients.
  if (moduleArguments.includes(argument) && name !== "timeout")
    throw usageError(`--server ${name}: redis has no such setting`, `Did you mean ${argument}, of the graph module?`);
  if (ours.test(name))
    throw usageError(`--server ${name}: a drill sets that itself, so that its engines stay apart from others`);
  if (name === "dbfilename" && !/^[\w.-]+$/.test(value))
    throw usageError(`--server dbfilename=${value}: expected a file name, such as dump.rdb`);
  if (name === "dir" && !isAbsolute(value))
    throw usageError(`--server dir=${value}: expected an absolute path, such as /data`);
}

/** The settings of redis among these, without the arguments of the graph module. */
export function redisSettings(settings: ServerSettings): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(settings).filter(([name]) => !isArgument(name)));
}

/** Starts every engine of the provider with these settings; settings of a single engine override them. */
export function withSettings(engines: EngineProvider, settings: ServerSettings): EngineProvider {
  const entries = Object.entries(settings);
  if (entries.length === 0) return engines;
  if (settings["dir"] !== undefined && engines.kind !== "container")
    throw usageError(
      "--server dir: an engine that is not in a container writes into a private folder of the drill",
      "With --engine container it is the path inside the container.",
    );
  const args = Object.fromEntries(entries.filter(([name]) => isArgument(name)));
  const config = redisSettings(settings);
  return {
    kind: engines.kind,
    unavailable: () => engines.unavailable(),
    start: async (options = {}) => {
      const moduleArgs = { ...args, ...options.moduleArgs };
      const redisConfig = { ...config, ...options.redisConfig };
      try {
        return await engines.start({ ...options, moduleArgs, redisConfig });
      } catch (error) {
        throw (await refusedSetting(engines, entries, errorMessage(error))) ?? error;
      }
    },
  };
}

/** The error for a user's setting that, by the end of the log, kept the server from starting. */
async function refusedSetting(
  engines: EngineProvider,
  entries: readonly (readonly [string, string])[],
  log: string,
): Promise<DrillError | undefined> {
  const [, line = ""] = /(?:Unresolved Configuration|FATAL CONFIG FILE ERROR)[^]*?>>> '(.*)'/i.exec(log) ?? [];
  const [name] = line.split(" ");
  const entry = entries.find((each) => each[0] === name);
  if (entry === undefined) return undefined;
  const known = await knownSettings(engines).catch((): string[] => []);
  const near = known.includes(entry[0]) ? undefined : didYouMean(entry[0], known);
  return usageError(`--server ${entry.join("=")}: the server does not start with it`, near ?? refusedHint);
}

/** Names that a server of this version takes. */
async function knownSettings(engines: EngineProvider): Promise<string[]> {
  await using engine = await engines.start({ name: "settings" });
  await using connection = await connect(engine.endpoint);
  const flat = (await connection.command("CONFIG", "GET", "*")) as string[];
  return flat.filter((_, at) => at % 2 === 0);
}

const refusedHint =
  "Is it a setting of this version of redis, with a value that it takes? `redis-server` names what it refuses.";

// What a server holds and how it is set beside its graphs: settings, keys that are no graphs, functions, and whether it
// takes writes. Plain JSON, part of an Observation.

export interface ServerState {
  /** As INFO says: master or slave. */
  role: string;
  /** CONFIG GET; a secret only as "(set)" or "". Absent where the server refuses the command. */
  settings?: Record<string, string>;
  /** GRAPH.CONFIG GET. */
  moduleSettings?: Record<string, string>;
  keys: OtherKeys;
  /** SHA-256 of the code by the name of the library: FUNCTION LIST. */
  functions: Record<string, string>;
  /** The same of the graph module's own: GRAPH.UDF LIST. */
  graphFunctions: Record<string, string>;
  /** An engine that the drill started in place of the user's server, whose settings are nobody's claim. */
  isStandIn?: true;
  /** How an attempted write ended; only attempted on restored targets. */
  write?: { taken: boolean; error?: string };
}

/** Keys that are no graphs, without the module's own record of queries (`telemetry{...}`), which also reads change. */
export interface OtherKeys {
  count: number;
  /** The first ones by database and name, at most `otherKeysMax`. */
  items: OtherKey[];
}

export interface OtherKey {
  database: number;
  key: string;
  type: string;
  /** SHA-256 of the value. */
  digest: string;
  /** Whether it may go by itself. */
  expires: boolean;
}

export const otherKeysMax = 1000;

/**
 * Settings that decide what an application gets from the server. A restored server has to have what the source had:
 * limits cut answers off or refuse writes, the others decide whether what is written then is kept.
 */
export const comparedSettings = [
  "appendfsync",
  "appendonly",
  "databases",
  "maxclients",
  "maxmemory",
  "maxmemory-clients",
  "maxmemory-policy",
  "min-replicas-max-lag",
  "min-replicas-to-write",
  "notify-keyspace-events",
  "replica-read-only",
  "save",
  "stop-writes-on-bgsave-error",
  "timeout",
] as const;

export const comparedModuleSettings = [
  "CMD_INFO",
  "MAX_QUEUED_QUERIES",
  "QUERY_MEM_CAPACITY",
  "RESULTSET_SIZE",
  "TIMEOUT",
  "TIMEOUT_DEFAULT",
  "TIMEOUT_MAX",
] as const;

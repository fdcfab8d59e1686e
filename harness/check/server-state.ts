// State of a server besides its graphs: settings, keys that are not graphs, functions, and whether it accepts writes.
// Plain JSON, part of an Observation.

export interface ServerState {
  /** Role from INFO: master or slave. */
  role: string;
  /** Settings from CONFIG GET; a secret only as "(set)" or "". Absent where the server refuses the command. */
  settings?: Record<string, string>;
  /** Settings of the graph module from GRAPH.CONFIG GET. */
  moduleSettings?: Record<string, string>;
  keys: OtherKeys;
  /** When graphs expire, in milliseconds since the epoch, by database and name; most never do, and are not here. */
  graphExpiries?: Record<string, string>;
  /** SHA-256 of each function library by name, from FUNCTION LIST. */
  functions: Record<string, string>;
  /** SHA-256 of each library of the graph module by name, from GRAPH.UDF LIST. */
  graphFunctions: Record<string, string>;
  /** SHA-256 of the rights of each user by name, from ACL LIST. Absent where the server refuses the command. */
  users?: Record<string, string>;
  /** Set for an engine that the drill started in place of the user's server: its settings are not judged. */
  isStandIn?: true;
  /** Result of a test write; only attempted on restored targets. */
  write?: { taken: boolean; error?: string };
}

/** Keys that are not graphs, without the module's query log (`telemetry{...}`), which changes with reads too. */
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
  /** Whether the key has an expiry time. */
  expires: boolean;
  /** When it expires, in milliseconds since the epoch; absent in runs of older versions. */
  expiresAtMs?: number;
}

export const otherKeysMax = 1000;

/**
 * Settings that affect an application. A restored server must have the source's values: limits truncate answers or
 * refuse writes, the others decide whether later writes are kept.
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

/**
 * Settings that a restore may have changed for its own use, with the engine's defaults: a server that was started apart
 * from the source may have those.
 */
export const leftoverSettings = {
  settings: { dbfilename: "dump.rdb", masterauth: "", "rdb-key-save-delay": "0" },
  moduleSettings: { EFFECTS_THRESHOLD: "300" },
} as const;

export const comparedModuleSettings = [
  "CMD_INFO",
  "MAX_QUEUED_QUERIES",
  "QUERY_MEM_CAPACITY",
  "RESULTSET_SIZE",
  "TIMEOUT",
  "TIMEOUT_DEFAULT",
  "TIMEOUT_MAX",
] as const;

// Reads what a server holds besides its graphs, and its settings. What a server refuses to report, because a command is
// forbidden or renamed, is left out, and the check says that it was not compared.
import { createHash } from "node:crypto";
import { errorMessage } from "../base/errors.ts";
import { type OtherKey, type OtherKeys, otherKeysMax, type ServerState } from "../check/server-state.ts";
import type { Command, Connection } from "../falkordb/client/connection.ts";
import { isQueryLog } from "../falkordb/client/query-log.ts";

const keysPerScan = 1000;
/** Names of secret settings, of which only whether they are set is recorded. */
const secret = /^(requirepass|masterauth|tls-.*-pass)$/;

export async function observeServer(connection: Connection): Promise<ServerState> {
  const { role = "" } = await connection.info("replication");
  const settings = await readSettings(connection, "CONFIG", "GET", "*");
  const users = await usersOf(connection);
  const moduleSettings = await readSettings(connection, "GRAPH.CONFIG", "GET", "*");
  return {
    role,
    ...(settings === undefined ? {} : { settings }),
    ...(moduleSettings === undefined ? {} : { moduleSettings }),
    ...(await readKeys(connection)),
    functions: await librariesOf(connection, "FUNCTION", "LIST", "WITHCODE"),
    graphFunctions: await librariesOf(connection, "GRAPH.UDF", "LIST", "WITHCODE"),
    ...(users === undefined ? {} : { users }),
  };
}

/** Settings from a reply of name-value pairs, flat or nested; undefined where the server refuses the command. */
export async function readSettings(
  connection: Connection,
  ...command: Command
): Promise<Record<string, string> | undefined> {
  const reply = await connection.command(...command).catch((error: unknown) => error);
  if (!Array.isArray(reply)) return undefined;
  const flat: unknown[] = reply.flat();
  const found: Record<string, string> = {};
  for (let at = 0; at + 1 < flat.length; at += 2) {
    const [name, value] = [String(flat[at]), String(flat[at + 1])];
    found[name] = secret.test(name) && value !== "" ? "(set)" : value;
  }
  return found;
}

/** Digests of the function libraries by name, over all that the server reports about each. */
async function librariesOf(connection: Connection, ...command: Command): Promise<Record<string, string>> {
  const reply = await connection.command(...command).catch((error: unknown) => error);
  const found: Record<string, string> = {};
  for (const library of Array.isArray(reply) ? (reply as unknown[][]) : []) {
    const name = String(library[library.indexOf("library_name") + 1]);
    found[name] = sha256(JSON.stringify(library));
  }
  return found;
}

/** A line of the list is `user <name> <rules>`, with hashed passwords. */
async function usersOf(connection: Connection): Promise<Record<string, string> | undefined> {
  const reply = await connection.command("ACL", "LIST").catch((error: unknown) => error);
  if (!Array.isArray(reply)) return undefined;
  return Object.fromEntries(reply.map((line) => [String(line).split(" ")[1] ?? "", sha256(String(line))]));
}

async function readKeys(connection: Connection): Promise<Pick<ServerState, "keys" | "graphExpiries">> {
  const databases = Object.keys(await connection.info("keyspace")).flatMap(
    (field) => /^db(\d+)$/.exec(field)?.[1] ?? [],
  );
  const found: OtherKeys = { count: 0, items: [] };
  const graphExpiries: Record<string, string> = {};
  try {
    for (const database of databases.map(Number)) {
      await connection.command("SELECT", database);
      const here: OtherKey[] = [];
      const graphs: string[] = [];
      for await (const { key, type } of keysHere(connection))
        if (type === "graphdata") graphs.push(key);
        else if (type !== "none" && !isQueryLog(key)) here.push({ database, key, type, digest: "", expires: false });
      found.count += here.length;
      const first = here.toSorted((a, b) => (a.key < b.key ? -1 : 1)).slice(0, otherKeysMax - found.items.length);
      found.items.push(...(await withValues(connection, first)));
      const ends = await connection.pipeline(graphs.map((graph): Command => ["PEXPIRETIME", graph]));
      for (const [at, graph] of graphs.entries())
        if (Number(ends[at]) > 0) graphExpiries[`${database}/${graph}`] = String(ends[at]);
    }
  } finally {
    await connection.command("SELECT", 0);
  }
  return { keys: found, graphExpiries };
}

async function* keysHere(connection: Connection): AsyncGenerator<{ readonly key: string; readonly type: string }> {
  // SCAN may return a key twice.
  const seen = new Set<string>();
  let cursor = "0";
  do {
    const [next, batch] = (await connection.command("SCAN", cursor, "COUNT", keysPerScan)) as [string, string[]];
    const keys = batch.filter((key) => !seen.has(key));
    const types = await connection.pipeline(keys.map((key): Command => ["TYPE", key]));
    for (const [at, key] of keys.entries()) {
      seen.add(key);
      yield { key, type: String(types[at]) };
    }
    cursor = next;
  } while (cursor !== "0");
}

/** Command that reads a value of each type; `width` groups the parts of a value that has no order. */
const readers: Readonly<Record<string, { readonly read: (key: string) => Command; readonly width: number }>> = {
  string: { read: (key) => ["GET", key], width: 0 },
  list: { read: (key) => ["LRANGE", key, 0, -1], width: 0 },
  zset: { read: (key) => ["ZRANGE", key, 0, -1, "WITHSCORES"], width: 0 },
  stream: { read: (key) => ["XRANGE", key, "-", "+"], width: 0 },
  set: { read: (key) => ["SMEMBERS", key], width: 1 },
  hash: { read: (key) => ["HGETALL", key], width: 2 },
};

async function withValues(connection: Connection, keys: readonly OtherKey[]): Promise<OtherKey[]> {
  const values = await connection.pipeline(
    keys.map(({ key, type }): Command => readers[type]?.read(key) ?? ["OBJECT", "ENCODING", key]),
  );
  const ends = await connection.pipeline(keys.map(({ key }): Command => ["PEXPIRETIME", key]));
  return keys.map((key, at) => {
    const expiresAtMs = Number(ends[at]);
    return {
      ...key,
      digest: sha256(valueText(values[at], readers[key.type]?.width ?? 0)),
      expires: expiresAtMs >= 0,
      ...(expiresAtMs >= 0 && { expiresAtMs }),
    };
  });
}

function valueText(value: unknown, width: number): string {
  if (value instanceof Error) return errorMessage(value);
  if (width === 0 || !Array.isArray(value)) return JSON.stringify(value);
  const parts: string[] = [];
  for (let at = 0; at < value.length; at += width) parts.push(JSON.stringify(value.slice(at, at + width)));
  return parts.toSorted().join(",");
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

// A small source with something of everything that a backup must carry, and a way to compare it. For tests.
import { join } from "node:path";
import type { Endpoint } from "../../base/endpoint.ts";
import { waitFor } from "../../base/wait.ts";
import { embeddedEngines } from "../../engine/embedded.ts";
import type { Engine, StartOptions } from "../../engine/engine.ts";
import { privateFolder } from "../../base/process/reaper.ts";
import { connect, type Connection } from "../../falkordb/client/connection.ts";
import type { BackupContext } from "../backup/backup.ts";
import { Keyring } from "../keys/keyring.ts";
import { ensureKeys } from "../../system/reference/reference.ts";
import { initVault } from "../store/vault.ts";

export interface TestSource extends AsyncDisposable {
  readonly source: Engine;
  readonly connection: Connection;
  /** An empty vault; all of them have the same keys. */
  newVault(): Promise<BackupContext>;
}

/** An engine that holds what `fillSource` makes. */
export async function testSource(options: StartOptions = {}): Promise<TestSource> {
  await using resources = new AsyncDisposableStack();
  const root = resources.use(await privateFolder("test-source")).path;
  const keyring = new Keyring(join(root, "keys"));
  await ensureKeys(keyring, "interop");
  const source = resources.use(await embeddedEngines().start({ name: "source", ...options }));
  await fillSource(source.endpoint);
  const connection = resources.use(await connect(source.endpoint));
  let vaults = 0;
  const owned = resources.move();
  return {
    source,
    connection,
    newVault: async () => {
      const store = await initVault(join(root, `vault-${vaults++}`));
      return { store, keyring, profile: "interop", partBytes: 2 ** 20 };
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

export const sourceGraphs: readonly { readonly name: string; readonly nodes: number; readonly edges: number }[] = [
  { name: "empty", nodes: 0, edges: 0 },
  { name: "people", nodes: 3000, edges: 2999 },
];

export async function fillSource(endpoint: Endpoint): Promise<void> {
  await using connection = await connect(endpoint);
  await connection.query("empty", "MATCH (n) RETURN n.x");
  const write = (cypher: string): Promise<unknown> => connection.query("people", cypher);
  await write(
    "UNWIND range(1, 3000) AS i CREATE (:Person {id: i, name: 'the name ' + i + ' żółć 🚀', weight: i / 7.0, " +
      "tags: ['a', i, true], secret: toString(rand()) + toString(rand()), v: vecf32([i, 0.5, -1])})",
  );
  await write(
    "MATCH (a:Person), (b:Person) WHERE b.id = a.id + 1 CREATE (a)-[:KNOWS {since: a.id, fact: 'f' + a.id}]->(b)",
  );
  await write("CREATE INDEX FOR (p:Person) ON (p.id)");
  await write("CALL db.idx.fulltext.createNodeIndex({label: 'Person', stopwords: ['the']}, 'name')");
  await connection.command("GRAPH.CONSTRAINT", "CREATE", "people", "UNIQUE", "NODE", "Person", "PROPERTIES", 1, "id");
  const isEnforced = async (): Promise<true | undefined> => {
    const { rows } = await connection.roQuery("people", "CALL db.constraints() YIELD status RETURN status");
    return rows.length === 1 && rows[0]?.[0] === "OPERATIONAL" ? true : undefined;
  };
  await waitFor(isEnforced, { what: "the constraint to be enforced", timeoutMs: 20_000 });
  await connection.command("SET", "plain", "value");
}

/** Everything, as text; also what only a complete index finds. */
export async function serverContent(endpoint: Endpoint): Promise<readonly unknown[]> {
  await using connection = await connect(endpoint);
  const read = async (cypher: string): Promise<unknown> => (await connection.roQuery("people", cypher)).rows;
  return [
    (await connection.graphs()).sort(),
    await connection.command("GET", "plain"),
    await read("MATCH (n:Person) RETURN n.id, n.name, n.weight, n.tags, n.secret, n.v ORDER BY n.id"),
    await read("MATCH (a)-[r:KNOWS]->(b) RETURN a.id, r.since, r.fact, b.id ORDER BY a.id"),
    await read("CALL db.idx.fulltext.queryNodes('Person', '1234') YIELD node RETURN node.id"),
    await read("CALL db.constraints() YIELD type, label, properties, status RETURN type, label, properties, status"),
  ];
}

/** The server gives its settings in any order. */
export async function serverSettings(endpoint: Endpoint): Promise<Readonly<Record<string, string>>> {
  await using connection = await connect(endpoint);
  const flat = (await connection.command("CONFIG", "GET", "*")) as string[];
  return Object.fromEntries(flat.flatMap((name, index) => (index % 2 === 0 ? [[name, flat[index + 1] ?? ""]] : [])));
}

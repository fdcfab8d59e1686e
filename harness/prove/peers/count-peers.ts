// Peers that count, or look at one row, on the source before the backup and on what came back.
import { type Connection, connect } from "../../falkordb/client/connection.ts";
import type { Alarm, PeerCheck } from "./peer.ts";

/** Looks at both servers in the same way, and compares. */
function comparing<T>(
  about: Pick<PeerCheck, "name" | "looks">,
  look: (connection: Connection, before?: T) => Promise<T>,
  compare: (before: T, after: T) => Alarm,
): PeerCheck {
  return {
    ...about,
    begin: async (source) => {
      await using connection = await connect(source.endpoint);
      const before = await look(connection);
      return {
        restored: async (target) => {
          await using restored = await connect(target.endpoint);
          return compare(before, await look(restored, before));
        },
      };
    },
  };
}

interface Counts {
  readonly nodes: number;
  readonly edges: number;
}

async function countsOf(connection: Connection): Promise<ReadonlyMap<string, Counts>> {
  const counts = new Map<string, Counts>();
  for (const graph of (await connection.graphs()).toSorted()) {
    const count = async (pattern: string): Promise<number> =>
      Number((await connection.roQuery(graph, `MATCH ${pattern} RETURN count(x)`)).rows[0]?.[0] ?? 0);
    counts.set(graph, { nodes: await count("(x)"), edges: await count("()-[x]->()") });
  }
  return counts;
}

const differs = (before: unknown, after: unknown): Alarm => {
  const [was, is] = [before, after].map((value) => JSON.stringify(value));
  return was === is ? undefined : `${was} before, ${is} now`;
};

function sumOf(counts: ReadonlyMap<string, Counts>): Counts {
  const all = [...counts.values()];
  const sum = (of: (each: Counts) => number): number => all.reduce((total, each) => total + of(each), 0);
  return { nodes: sum(({ nodes }) => nodes), edges: sum(({ edges }) => edges) };
}

const tolerance = 0.1;

function isNear(before: number, after: number): boolean {
  return Math.abs(after - before) <= before * tolerance;
}

const withinTolerance = (before: Counts, after: Counts): Alarm =>
  isNear(before.nodes, after.nodes) && isNear(before.edges, after.edges) ? undefined : differs(before, after);

interface Row {
  readonly graph: string;
  readonly uuid: string;
  readonly text: string | undefined;
}

/** One row that was chosen before, or the first one that there is. */
async function rowOf(connection: Connection, before?: Row): Promise<Row | undefined> {
  for (const graph of before === undefined ? (await connection.graphs()).toSorted() : [before.graph]) {
    const match = before === undefined ? "MATCH (n) WHERE n.uuid IS NOT NULL" : "MATCH (n {uuid: $uuid})";
    const cypher = `${match} RETURN n.uuid, n.name ORDER BY n.uuid LIMIT 1`;
    const { rows } = await connection.roQuery(graph, cypher, { uuid: before?.uuid ?? "" });
    const [[uuid, text] = []] = rows;
    if (typeof uuid === "string") return { graph, uuid, text: typeof text === "string" ? text : undefined };
  }
  return undefined;
}

export const countPeers: readonly PeerCheck[] = [
  comparing(
    { name: "key count", looks: "compares DBSIZE" },
    async (connection) => Number(await connection.command("DBSIZE")),
    differs,
  ),
  comparing(
    { name: "node and edge counts", looks: "counts the nodes and edges of each graph" },
    async (connection) => Object.fromEntries(await countsOf(connection)),
    differs,
  ),
  comparing(
    { name: "counts within 10 %", looks: "counts all nodes and edges, and takes a tenth more or less" },
    async (connection) => sumOf(await countsOf(connection)),
    withinTolerance,
  ),
  comparing<Row | undefined>({ name: "one-row sentinel", looks: "reads the name of one known node" }, rowOf, differs),
];

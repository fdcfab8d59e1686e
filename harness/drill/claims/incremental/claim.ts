// What a change had to leave, as its author knows it: the third opinion where a chain restores something else than its
// source holds (check/source-divergence.ts).
import type { Finding } from "../../../check/check.ts";
import { type ByEntity, judgeDivergence } from "../../../check/checks/source-divergence.ts";
import { compareDigests } from "../../../observe/digest/compare-digests.ts";
import type { Connection } from "../../../falkordb/client/connection.ts";
import type { ServerDigest } from "../../../observe/digest/server-digest.ts";
import { graphsOfDatabase } from "../../../falkordb/client/graphs-by-database.ts";

/** Selects one property of some entities of a graph: `pattern` binds `x`. */
interface ClaimedProperty {
  readonly graph: string;
  readonly pattern: string;
  readonly property: string;
}

/** Expected values of that property by engine id; entities that are not listed must not exist. */
export interface Claim extends ClaimedProperty {
  readonly wanted: ByEntity;
}

/** One side of a claim: the property, and everything else that the graph holds. */
interface ClaimedSide {
  readonly values: ByEntity;
  readonly entities: ByEntity;
}

/** What the source held where the claim does not hold. */
export interface BrokenClaim {
  readonly claim: Claim;
  readonly source: ClaimedSide;
}

export async function readClaimed(
  connection: Connection,
  { graph, pattern, property }: ClaimedProperty,
): Promise<Map<string, string>> {
  const kind = pattern.includes("-[x") ? "edge" : "node";
  const { rows } = await connection.roQuery(graph, `MATCH ${pattern} RETURN id(x), x.${property}`);
  return new Map(
    rows.map(([id, value]) => [`${kind} ${Number(id)}`, typeof value === "string" ? value : JSON.stringify(value)]),
  );
}

/** Returns undefined if the claim holds on the source. */
export async function askClaim(connection: Connection, claim: Claim): Promise<BrokenClaim | undefined> {
  const values = await readClaimed(connection, claim);
  const { wanted } = claim;
  if (values.size === wanted.size && [...wanted].every(([key, value]) => values.get(key) === value)) return undefined;
  return { claim, source: { values, entities: await readEntities(connection, claim.graph) } };
}

/** Splits differences into those caused by the engine and the remaining ones. */
export async function judgeBrokenClaim(
  subject: string,
  { claim, source }: BrokenClaim,
  target: Connection,
  digests: { readonly source: ServerDigest; readonly chain: ServerDigest },
): Promise<{ readonly findings: readonly Finding[]; readonly differences: readonly string[] }> {
  const { graph, wanted } = claim;
  const there = (await graphsOfDatabase(target)).includes(graph);
  const chain = there ? await readClaimed(target, claim) : new Map<string, string>();
  const entities = there ? await readEntities(target, graph) : new Map<string, string>();
  const keys = new Set([...source.entities.keys(), ...entities.keys()]);
  const besideEntities = withEntitiesOf(digests.chain, digests.source, graph);
  const differing = new Set([
    ...[...keys].filter((key) => source.entities.get(key) !== entities.get(key)),
    ...compareDigests(besideEntities, digests.chain),
  ]);
  const { findings, explainsAll } = judgeDivergence({ subject, wanted, source: source.values, chain, differing });
  const expected = explainsAll ? besideEntities : digests.source;
  return { findings, differences: compareDigests(expected, digests.chain) };
}

/** Returns `source` with the nodes and edges of the chain, so that only everything else is compared. */
function withEntitiesOf(chain: ServerDigest, source: ServerDigest, graph: string): ServerDigest {
  const given = chain.graphs.find(({ name, database }) => name === graph && database === 0);
  if (given === undefined) return source;
  const { nodes, edges } = given;
  return { ...source, graphs: source.graphs.map((each) => (each.name === graph ? { ...each, nodes, edges } : each)) };
}

async function readEntities(connection: Connection, graph: string): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for (const [kind, query] of [
    ["node", "MATCH (x) RETURN id(x), properties(x), labels(x)"],
    ["edge", "MATCH (a)-[x]->(b) RETURN id(x), properties(x), [type(x), id(a), id(b)]"],
  ] as const) {
    const { rows } = await connection.roQuery(graph, query);
    for (const [id, properties, rest] of rows) {
      const sorted = Object.entries(properties as Record<string, unknown>).toSorted(([a], [b]) => (a < b ? -1 : 1));
      const names = rest as string[];
      // Labels come in any order; an edge's type and ends in a fixed one.
      const tied = kind === "edge" ? names : names.toSorted((a, b) => (a < b ? -1 : 1));
      found.set(`${kind} ${Number(id)}`, JSON.stringify([sorted, tied]));
    }
  }
  return found;
}

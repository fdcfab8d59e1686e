// The vault of which metrics, an analysis and looks into backups are compared with what is in it.
import type { Engine } from "../../../engine/engine.ts";
import { connect } from "../../../falkordb/client/connection.ts";

type SizesByGraph = ReadonlyMap<string, { readonly nodes: number; readonly edges: number }>;

export interface OperatedVault {
  /** Folder of its replica. */
  readonly far: string;
  /** Backups in the order in which they were made; the last one is damaged. */
  readonly old: OperatedBackup;
  readonly base: OperatedBackup;
  readonly damaged: OperatedBackup;
}

export interface OperatedBackup {
  readonly id: string;
  /** What the source held when it was made. */
  readonly graphs: SizesByGraph;
}

/** The graph that the second backup is the first to have; each entity has a uuid. */
export const laterGraph = "operate-later";

export async function sizesOf({ endpoint }: Engine): Promise<SizesByGraph> {
  await using connection = await connect(endpoint);
  const sizes = new Map<string, { readonly nodes: number; readonly edges: number }>();
  for (const graph of await connection.graphs()) {
    const count = async (pattern: string): Promise<number> =>
      Number((await connection.query(graph, `MATCH ${pattern} RETURN count(x)`)).rows[0]?.[0]);
    sizes.set(graph, { nodes: await count("(x)"), edges: await count("()-[x]->()") });
  }
  return sizes;
}

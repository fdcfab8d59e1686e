// What was proven of a vault, and of each graph in its newest backup: from the signed records next to its restore points.
import type { Keyring } from "../../vault/keys/keyring.ts";
import type { Inventory } from "../../vault/retention/inventory.ts";
import type { RetentionPoint } from "../../vault/retention/retention.ts";
import type { ManifestGraph } from "../../vault/store/manifest.ts";
import { isInFuture } from "../../vault/store/shrinkage.ts";
import type { Store } from "../../vault/store/store.ts";
import { readValidation, type Validation } from "../../vault/store/validation.ts";
import { baseOf, numberOf, readManifest } from "../../vault/store/vault.ts";
import type { PointState } from "./restorable.ts";

/** How much a proof compared: `property` everything with the source, `loaded` what the snapshot says of itself. */
export const proofDepths = ["property", "loaded"] as const;
type Depth = (typeof proofDepths)[number];
/** Milliseconds since 1970; 0 for never. */
type ByDepth = Readonly<Record<Depth, number>>;

export interface GraphProof {
  readonly name: string;
  readonly database: number;
  readonly nodes: number;
  readonly edges: number;
  readonly provenMs: ByDepth;
}

export interface ProvenMoments {
  /** The last proof of the graph for which that is the oldest. */
  readonly leastMs: ByDepth;
  /** The newest restore point that was proven. */
  readonly newestPointMs: ByDepth;
}

/** What is on record for one restore point. */
export interface PointProof {
  readonly state: Exclude<PointState, "damaged">;
  readonly judged: { readonly atMs: number; readonly ms: number } | undefined;
}

interface ProofRecord {
  readonly point: RetentionPoint;
  readonly atMs: number;
  readonly depths: readonly Depth[];
}

interface ProvenContext {
  readonly store: Store;
  readonly keyring: Keyring;
  readonly inventory: Inventory;
  readonly nowMs: number;
}

export async function readProven(context: ProvenContext): Promise<{
  readonly proven: ProvenMoments;
  readonly graphs: readonly GraphProof[];
  readonly states: { readonly [state in PointState]: number };
  readonly byPoint: ReadonlyMap<string, PointProof>;
}> {
  const { inventory, nowMs } = context;
  const records: ProofRecord[] = [];
  const byPoint = new Map<string, PointProof>();
  const states = { proven: 0, loaded: 0, unproven: 0, faulty: 0, doubtful: 0, damaged: inventory.damaged.size };
  for (const { point, folder } of inventory.points.values()) {
    const found = point.verified === "good" ? await readValidation(context.store, folder, context.keyring) : undefined;
    // A proof that lies ahead would look young for as long.
    const isGood = found?.ok === true && !isInFuture(Date.parse(found.at), nowMs);
    const isCompared = found?.offset !== undefined;
    if (isGood) records.push({ point, atMs: Date.parse(found.at), depths: isCompared ? proofDepths : ["loaded"] });
    const sound = isGood ? (isCompared ? "proven" : "loaded") : "unproven";
    const state = point.verified === "bad" ? "faulty" : point.doubt !== undefined ? "doubtful" : sound;
    states[state] += 1;
    byPoint.set(point.id, { state, judged: isGood ? judgedBy(found) : undefined });
  }
  const graphs = await graphsOf(context, records);
  return { proven: provenOf(graphs, records), graphs, states, byPoint };
}

function judgedBy({ at, phases }: Validation): PointProof["judged"] {
  return { atMs: Date.parse(at), ms: Math.max(0, ...phases.map(({ startMs, ms }) => startMs + ms)) };
}

function provenOf(graphs: readonly GraphProof[], records: readonly ProofRecord[]): ProvenMoments {
  const newest = (depth: Depth, of: (record: ProofRecord) => number): number =>
    records.reduce((max, record) => (record.depths.includes(depth) ? Math.max(max, of(record)) : max), 0);
  const least = (depth: Depth): number =>
    graphs.length === 0
      ? newest(depth, ({ atMs }) => atMs)
      : graphs.reduce((min, { provenMs }) => Math.min(min, provenMs[depth]), Number.POSITIVE_INFINITY);
  return {
    leastMs: { property: least("property"), loaded: least("loaded") },
    newestPointMs: {
      property: newest("property", ({ point }) => point.atMs),
      loaded: newest("loaded", ({ point }) => point.atMs),
    },
  };
}

/** The graphs of the newest backup whose content is not in doubt, each with the newest proof of a backup that has it. */
async function graphsOf(
  { store, keyring, inventory }: ProvenContext,
  records: readonly ProofRecord[],
): Promise<readonly GraphProof[]> {
  const sound = [...inventory.points.values()].map(({ point }) => point).filter(({ doubt }) => doubt === undefined);
  const newest = sound.filter((point) => numberOf(point.id) === 0).toSorted((a, b) => b.atMs - a.atMs)[0];
  if (newest === undefined) return [];
  const contentOf = async (base: string): Promise<readonly ManifestGraph[]> =>
    (await readManifest(store, base, keyring)).content?.graphs ?? [];
  const current = await contentOf(newest.id);
  const proven = new Map<string, { property: number; loaded: number }>(
    current.map((graph) => [keyOf(graph), { property: 0, loaded: 0 }]),
  );
  const newestFirst = records.toSorted((a, b) => b.atMs - a.atMs);
  for (const { point, atMs, depths } of newestFirst) {
    if ([...proven.values()].every(({ property }) => property > 0)) break;
    for (const graph of await contentOf(baseOf(point.id))) {
      const known = proven.get(keyOf(graph));
      if (known !== undefined) for (const depth of depths) known[depth] = Math.max(known[depth], atMs);
    }
  }
  return current.map((graph) => {
    const { name, database = 0, nodes, edges } = graph;
    return { name, database, nodes, edges, provenMs: proven.get(keyOf(graph)) ?? { property: 0, loaded: 0 } };
  });
}

function keyOf({ name, database = 0 }: Pick<ManifestGraph, "name" | "database">): string {
  return `${database} ${name}`;
}

// Compares two graphs to the property. One reading of both gives sums; where these are equal, nothing more is read.
import type { Finding } from "../check/check.ts";
import { compareConstraints } from "../check/checks/constraints.ts";
import { compareIndexes } from "../check/checks/indexes.ts";
import { bucketsFor } from "../check/fingerprint/fingerprint.ts";
import { chooseBuckets } from "../check/locate/capture.ts";
import { describeDifference, sampleDifferences, sourceEnd, targetEnd } from "../check/locate/locate.ts";
import type { Difference, Fingerprint } from "../check/observation.ts";
import type { Progress } from "../base/progress.ts";
import { differingEntities, type DifferingEntities, type Readers } from "./differing-entities.ts";
import type { EntityName } from "./graph-reader.ts";

/** Counts of the nodes, or edges, of both graphs, and of what differs between them. */
export interface SideCounts {
  readonly a: number;
  readonly b: number;
  readonly missing: number;
  readonly extra: number;
  readonly changed: number;
}

export interface DescribedDifference extends Difference {
  /** Both ends of an edge that only one graph holds. */
  readonly ends?: readonly [source: string, target: string];
}

export interface GraphDifferences {
  readonly nodes: SideCounts;
  readonly edges: SideCounts;
  /** One of each way in which entities differ, with the number of alike ones. */
  readonly differences: readonly DescribedDifference[];
  /** Indexes, constraints and the last bits of doubles. */
  readonly findings: readonly Finding[];
  /** What limits the comparison, as sentences. */
  readonly notes: readonly string[];
}

/** Differences of one graph that are described in full. */
const describedMax = 20;
/** Entities whose hashes are kept at a time, in twelve bytes each. */
const hashedMax = 8_000_000;

export function bucketCounts(a: Counted, b: Counted): { readonly nodes: number; readonly edges: number } {
  return { nodes: bucketsFor(Math.max(a.nodes, b.nodes)), edges: bucketsFor(Math.max(a.edges, b.edges)) };
}

type Counted = Readonly<Record<"nodes" | "edges", number>>;

export async function diffGraph(name: string, readers: Readers, progress: Progress): Promise<GraphDifferences> {
  const [a, b] = await Promise.all([readers.a.sums(), readers.b.sums()]);
  const choice = chooseBuckets(a.content, b.content, hashedMax);
  const contents = { a: a.content, b: b.content };
  const look = async (entity: EntityName, buckets: ReadonlySet<number>): Promise<DifferingEntities> => {
    if (buckets.size === 0) return alike;
    progress.step(`${name}: look for the ${entity}s that differ`);
    return await differingEntities(entity, readers, choice);
  };
  const nodes = await look("node", choice.nodes);
  followNodes(nodes, readers);
  const edges = await look("edge", choice.edges);
  const slots = Object.keys(a.doubles).filter((slot) => a.doubles[slot]?.sum !== b.doubles[slot]?.sum);
  // They are summed by the keys of their entities, so they are comparable only where the entities are the same.
  const isAlike = (slot: string): boolean => nodes === alike && (edges === alike || slot.startsWith("NODE."));
  return {
    nodes: countsOf("nodes", contents, nodes),
    edges: countsOf("edges", contents, edges),
    differences: [...(await described(nodes, readers)), ...(await described(edges, readers))],
    findings: [...schemaFindings(name, readers), ...slots.filter(isAlike).map((slot) => doubleFinding(name, slot))],
    notes: [
      ...(nodes.isMoving || edges.isMoving
        ? [`${name} was written to while it was read: what differs may be those writes`]
        : []),
      ...slots
        .filter((slot) => !isAlike(slot))
        .map((slot) => `${name}: beyond 15 digits ${slot} was not compared, because entities differ already`),
    ],
  };
}

const alike: DifferingEntities = { missing: 0, extra: 0, changed: 0, pairs: [], isMoving: false };

/** The edges of a node that changed its key still belong to it. */
function followNodes({ pairs }: DifferingEntities, { b }: Readers): void {
  for (const { expected, actual } of pairs) {
    const [id] = actual?.ids ?? [];
    if (id !== undefined && expected !== undefined && expected.key !== actual?.key) b.rename(id, expected.key);
  }
}

function countsOf(
  side: "nodes" | "edges",
  { a, b }: Readonly<Record<"a" | "b", Fingerprint>>,
  { missing, extra, changed }: DifferingEntities,
): SideCounts {
  return { a: a[side].count, b: b[side].count, missing, extra, changed };
}

async function described({ pairs }: DifferingEntities, { a, b }: Readers): Promise<DescribedDifference[]> {
  const found: DescribedDifference[] = [];
  for (const { pair, alike: count } of sampleDifferences(pairs, describedMax)) {
    const difference = await describeDifference(
      pair,
      (captured, name) => a.show(captured, name),
      (captured, name) => b.show(captured, name),
    );
    const [alone, reader] = pair.actual === undefined ? [pair.expected, a] : [pair.actual, b];
    const isEdge = alone?.entity === "edge" && difference.kind !== "changed";
    const ends = isEdge
      ? { ends: [await reader.show(alone, sourceEnd), await reader.show(alone, targetEnd)] as const }
      : {};
    found.push({ ...difference, alike: count, ...ends });
  }
  return found;
}

function schemaFindings(name: string, { a, b }: Readers): Finding[] {
  return [
    ...compareIndexes(a.schema.indexes, b.schema.indexes)(name),
    ...compareConstraints(name, a.schema.constraints, b.schema.constraints),
  ];
}

function doubleFinding(name: string, slot: string): Finding {
  return {
    code: "double-differs",
    severity: "error",
    subject: `${name}/${slot}`,
    message: `values of ${slot} differ beyond the 15 digits that replies show`,
    evidence: { slot },
  };
}

// Counts, labels, types, property keys, stored types and the whole-graph fingerprint: the same content, entity for
// entity. Located differences are reported by entity, the others by sums.
import type { Check, Finding } from "../check.ts";
import type { Evidence } from "../evidence.ts";
import type { Difference, Expectation, EntityPair, Side } from "../observation.ts";
import { type Pair, pairs } from "../pairs.ts";

export const contentCheck: Check<Evidence> = {
  name: "content",
  claim: "Every node and edge is back with its labels or type, ends, properties and stored types, and nothing else.",
  judge({ expectation, observation }) {
    const findings: Finding[] = [];
    const witnesses = { nodesCompared: 0, edgesCompared: 0, propertiesCompared: 0 };
    const compared = entitiesOf(expectation);
    for (const pair of pairs(expectation, observation)) {
      const { expected, observed } = pair;
      findings.push(...judgeSide(pair, "nodes"), ...judgeSide(pair, "edges"), ...judgeCounted(pair));
      if (observed.located !== undefined) findings.push(...locatedFindings(expected.name, observed.located));
      // Counts what was expected, not what was found: a graph that came back empty was compared completely.
      witnesses.nodesCompared += expected.fingerprint.nodes.count;
      witnesses.edgesCompared += expected.fingerprint.edges.count;
      witnesses.propertiesCompared += properties(expected.fingerprint.nodes) + properties(expected.fingerprint.edges);
    }
    // Totals of which the damage is a share.
    const told = findings.map((found) => Object.assign({}, found, { evidence: { ...found.evidence, compared } }));
    return { findings: told, witnesses };
  },
};

/** The engine's own counters must agree with what was read, else the read was truncated or the counters are wrong. */
function judgeCounted({ expected, observed }: Pair): Finding[] {
  const { nodes, edges } = observed.fingerprint;
  if (observed.counted.nodes === nodes.count && observed.counted.edges === edges.count) return [];
  return [
    {
      code: "count-contradicts",
      severity: "error",
      subject: expected.name,
      message: "the engine counts other numbers than it gives when everything is read",
      evidence: { counted: observed.counted, read: { nodes: nodes.count, edges: edges.count } },
    },
  ];
}

function judgeSide({ expected, observed }: Pair, side: "nodes" | "edges"): Finding[] {
  const want = expected.fingerprint[side];
  const got = observed.fingerprint[side];
  const findings: Finding[] = [];
  const noun = side === "nodes" ? "label set" : "type";
  for (const kind of new Set([...Object.keys(want.kinds), ...Object.keys(got.kinds)])) {
    const subject = `${expected.name}/${kind === "" ? "(no label)" : kind}`;
    const before = want.kinds[kind];
    const after = got.kinds[kind];
    // An index on a type without edges registers the type; absent and zero are the same content.
    if ((before?.count ?? 0) === 0 && (after?.count ?? 0) === 0) continue;
    if (before?.count !== after?.count)
      findings.push({
        code: side === "nodes" ? "node-count-differs" : "edge-count-differs",
        severity: "error",
        subject,
        message: `${side} with the ${noun} ${kind}: expected ${before?.count ?? 0}, found ${after?.count ?? 0}`,
        evidence: { expected: before?.count ?? 0, found: after?.count ?? 0 },
      });
    else if (before?.sum !== after?.sum)
      findings.push({
        code: side === "nodes" ? "node-content-differs" : "edge-content-differs",
        severity: "error",
        subject,
        message: `as many ${side} with the ${noun} ${kind} as expected, but their content differs`,
        evidence: { expected: before?.sum ?? null, found: after?.sum ?? null },
      });
    if (before !== undefined && after !== undefined)
      findings.push(...storedFindings(subject, before.stored, after.stored));
  }
  if (findings.length === 0 && want.buckets.some((sum, at) => sum !== got.buckets[at]))
    findings.push({
      code: side === "nodes" ? "node-content-differs" : "edge-content-differs",
      severity: "error",
      subject: expected.name,
      message: `the content of the ${side} differs`,
      evidence: { buckets: want.buckets.filter((sum, at) => sum !== got.buckets[at]).length },
    });
  return findings;
}

function storedFindings(subject: string, want: Side["kinds"][string]["stored"], got: typeof want): Finding[] {
  const findings: Finding[] = [];
  for (const key of new Set([...Object.keys(want), ...Object.keys(got)])) {
    const [expected, found] = [want[key] ?? {}, got[key] ?? {}];
    const types = new Set([...Object.keys(expected), ...Object.keys(found)]);
    if ([...types].every((type) => expected[type] === found[type])) continue;
    // A property that no entity has on one side has lost its values, or got some, and did not change its type.
    const isOnOneSide = [expected, found].some((counts) => Object.keys(counts).length === 0);
    const sameTypes = isOnOneSide || [...types].every((type) => type in expected && type in found);
    findings.push({
      code: sameTypes ? "property-count-differs" : "property-type-differs",
      severity: "error",
      subject: `${subject}/${key}`,
      message: `stored types of ${key}: expected ${JSON.stringify(expected)}, found ${JSON.stringify(found)}`,
      evidence: { expected, found },
    });
  }
  return findings;
}

function locatedFindings(graph: string, located: EntityPair): Finding[] {
  return located.differences.map((difference) => ({
    code: `${difference.entity}-${difference.kind}`,
    severity: "error",
    subject: [graph, difference.label, difference.key, ...onlyProperty(difference)].join("/"),
    message: describe(difference),
    evidence: {
      ...difference,
      differingEntities: located.found,
      differingBuckets: located.buckets,
      bucketsRead: located.bucketsRead,
    },
  }));
}

function onlyProperty(difference: Difference): string[] {
  const [first] = difference.properties;
  return difference.kind === "changed" && difference.properties.length === 1 && first !== undefined ? [first.name] : [];
}

function describe(difference: Difference): string {
  const what = `${difference.entity} ${difference.label} ${difference.key}`;
  if (difference.kind !== "changed")
    return difference.kind === "missing" ? `the ${what} is missing` : `the ${what} should not be there`;
  return `the ${what} differs in ${difference.properties.map((property) => property.name).join(", ")}`;
}

function properties(side: Side): number {
  let total = 0;
  for (const kind of Object.values(side.kinds))
    for (const types of Object.values(kind.stored)) for (const count of Object.values(types)) total += count;
  return total;
}

/** Numbers of nodes and edges of all expected graphs. */
export function entitiesOf({ graphs }: Pick<Expectation, "graphs">): number {
  return graphs.reduce((sum, { fingerprint: { nodes, edges } }) => sum + nodes.count + edges.count, 0);
}

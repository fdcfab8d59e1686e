// The differences of a graph as findings: one for each way in which entities differ, with the first one named.
import { formatCount } from "../base/units.ts";
import type { Finding } from "../check/check.ts";
import type { DescribedDifference, GraphDifferences, SideCounts } from "./diff-graph.ts";

export function differenceFindings(name: string, found: GraphDifferences): Finding[] {
  return [
    ...entityFindings(name, "node", found.nodes, found.differences),
    ...entityFindings(name, "edge", found.edges, found.differences),
    ...found.findings,
  ];
}

function entityFindings(
  name: string,
  entity: "node" | "edge",
  counts: SideCounts,
  differences: readonly DescribedDifference[],
): Finding[] {
  return (["missing", "extra", "changed"] as const).flatMap((kind) => {
    const count = counts[kind];
    if (count === 0) return [];
    const examples = differences.filter((difference) => difference.entity === entity && difference.kind === kind);
    const [first] = examples;
    return [
      {
        code: `${entity}-${kind}`,
        severity: "error",
        subject: first === undefined ? name : `${name}/${first.label}/${first.key}`,
        message: `${count === 1 ? `1 ${entity}` : `${formatCount(count)} ${entity}s`} ${says[kind]}`,
        evidence: { graph: name, count, inA: counts.a, inB: counts.b, examples },
      },
    ];
  });
}

const says = { missing: "of A not in B", extra: "of B not in A", changed: "changed" } as const;

/** An entity as a line of text: what it is, and of a changed one both values of each property. */
export function differenceText({ label, key, properties, ends }: DescribedDifference): string {
  const name = label === "" ? "(no label)" : label;
  const what = `${name} ${key}`;
  if (properties.length === 0) return ends === undefined ? what : `${what}, from ${ends[0]} to ${ends[1]}`;
  const text = (value: DescribedDifference["properties"][number]["expected"]): string =>
    value === null ? "absent" : `${value.text || '""'}${value.type === "" ? "" : ` (${value.type})`}`;
  const changes = properties.map(
    (property) => `${property.name}: ${text(property.expected)} -> ${text(property.actual)}`,
  );
  return `${what}: ${changes.join("; ")}`;
}

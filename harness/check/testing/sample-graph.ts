// A hand-made graph for tests, fed through the fingerprint and its visitors like an engine's rows.
import type { EdgeRecord, NodeRecord, Properties } from "../../../generators/model.ts";
import { EntityRow } from "../fingerprint/entity-row.ts";
import { GraphFingerprint, type Kind } from "../fingerprint/fingerprint.ts";
import { RecordRows } from "../fingerprint/record-row.ts";

export interface Visitor {
  node?(row: EntityRow, id: number, kind: Kind): void;
  nodesRead?(): void;
  edge?(row: EntityRow, ids: { id: number; source: number; target: number }, kind: Kind): void;
}

export function node(id: number, labels: string | readonly string[], properties: Properties): NodeRecord {
  return { id, labels: typeof labels === "string" ? [labels] : labels, properties };
}

export function edge(type: string, source: number, target: number, properties: Properties): EdgeRecord {
  return { type, source, target, properties };
}

export function feed(
  nodes: readonly NodeRecord[],
  edges: readonly EdgeRecord[],
  makeVisitor: (fingerprint: GraphFingerprint) => Visitor = () => ({}),
): GraphFingerprint {
  const fingerprint = new GraphFingerprint(4, 4);
  const visitor = makeVisitor(fingerprint);
  const rows = new RecordRows(fingerprint.names);
  const row = new EntityRow();
  for (const { id, labels, properties } of nodes) {
    const kind = fingerprint.nodes.kind(labels.toSorted().join(":"));
    rows.record(row, properties);
    fingerprint.addNode(row, id, kind);
    visitor.node?.(row, id, kind);
  }
  visitor.nodesRead?.();
  for (const [id, { type, source, target, properties }] of edges.entries()) {
    const kind = fingerprint.edges.kind(type);
    rows.record(row, properties);
    fingerprint.addEdge(row, source, target, kind);
    visitor.edge?.(row, { id, source, target }, kind);
  }
  return fingerprint;
}

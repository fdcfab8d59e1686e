// The hard rules H1 to H11 of what Graphiti writes, held over whole generated graphs.
import { expect, test } from "vitest";
import { dataset } from "./dataset.ts";
import type { DatasetOptions, EdgeRecord, GraphPlan, NodeRecord, Properties } from "./model.ts";

const base: DatasetOptions = { seed: 1, nodes: 3000, shape: "personal", variant: "clean", dims: 0, schema: "post1856" };
const ends: Readonly<Record<string, readonly [string, string]>> = {
  MENTIONS: ["Episodic", "Entity"],
  RELATES_TO: ["Entity", "Entity"],
  HAS_MEMBER: ["Community", "Entity"],
  HAS_EPISODE: ["Saga", "Episodic"],
  NEXT_EPISODE: ["Episodic", "Episodic"],
};

const cases: readonly Partial<DatasetOptions>[] = [
  {},
  { schema: "pre1856" },
  { shape: "large", nodes: 8000, seed: 7 },
  { shape: "team", nodes: 4000, dims: 5 },
  { shape: "tenants", nodes: 600 },
  { nodes: 7 },
  { nodes: 60 },
];

test.each(cases)("clean graphs keep the hard rules: %o", (options) => {
  for (const plan of dataset({ ...base, ...options }).graphs()) expect(problemsOf(plan)).toEqual([]);
});

function problemsOf(plan: GraphPlan): string[] {
  const nodes = [...plan.nodes()];
  const edges = [...plan.edges()];
  const { counts } = plan;
  return [
    ...(nodes.length === counts.nodes && edges.length === counts.edges ? [] : ["the counts are wrong"]),
    ...nodes.flatMap(({ id }, index) => (id === index ? [] : [`node ${index} says it is ${id}`])),
    ...unique(nodes, edges),
    ...nodes.flatMap((node) => nodeProblems(node, plan)),
    ...edges.flatMap((edge) => edgeProblems(edge, nodes, plan)),
    ...references(nodes, edges),
    ...contradictions(edges),
  ];
}

function unique(nodes: readonly NodeRecord[], edges: readonly EdgeRecord[]): string[] {
  const kinds = [
    ...nodes.map(({ labels, properties }) => `${labels[0]} ${text(properties, "uuid")}`),
    ...edges.map(({ type, properties }) => `${type} ${text(properties, "uuid")}`),
  ];
  return new Set(kinds).size === kinds.length ? [] : ["H1: a uuid twice"];
}

function nodeProblems({ labels, properties }: NodeRecord, plan: GraphPlan): string[] {
  const problems: string[] = [];
  if (properties["group_id"] !== plan.name || text(properties, "created_at") === "") problems.push("H2");
  const stored = properties["labels"];
  if (stored !== undefined && new Set([...labels, ...(stored as string[])]).size !== labels.length) problems.push("H8");
  const vector = properties["name_embedding"];
  if (vector !== undefined && !(vector instanceof Float32Array && vector.length === 5)) problems.push("H9");
  return problems.map((code) => `${code}: node ${text(properties, "uuid")}`);
}

function edgeProblems(
  { type, source, target, properties }: EdgeRecord,
  nodes: readonly NodeRecord[],
  plan: GraphPlan,
): string[] {
  const [from, to] = [nodes[source], nodes[target]];
  const problems: string[] = [];
  if (properties["group_id"] !== plan.name) problems.push("H2");
  if (properties["expired_at"] !== undefined && properties["invalid_at"] === undefined) problems.push("H3");
  const { expired_at: expired, created_at: created } = properties;
  if (expired !== undefined && text(properties, "expired_at") < text(properties, "created_at")) problems.push("H5");
  const episode = type === "MENTIONS" ? from : to;
  if (type !== "RELATES_TO" && type !== "HAS_MEMBER" && episode?.properties["created_at"] !== created)
    problems.push("H6");
  const [label, other] = ends[type] ?? [];
  if (from?.labels[0] !== label || to?.labels[0] !== other) problems.push("H7");
  if (type === "RELATES_TO") {
    if (properties["source_node_uuid"] !== from?.properties["uuid"]) problems.push("H7");
    if (properties["target_node_uuid"] !== to?.properties["uuid"]) problems.push("H7");
  }
  return problems.map((code) => `${code}: ${type} ${text(properties, "uuid")}`);
}

/** H5 (created after its first episode), H10, H11. */
function references(nodes: readonly NodeRecord[], edges: readonly EdgeRecord[]): string[] {
  const episodes = new Map(
    nodes.filter(({ labels }) => labels[0] === "Episodic").map((node) => [node.properties["uuid"], node.properties]),
  );
  const facts = new Set(edges.filter(({ type }) => type === "RELATES_TO").map(({ properties }) => properties["uuid"]));
  const problems: string[] = [];
  for (const { type, properties } of edges) {
    if (type !== "RELATES_TO") continue;
    for (const [index, uuid] of (properties["episodes"] as string[]).entries()) {
      const episode = episodes.get(uuid);
      if (episode === undefined) problems.push(`H10: ${uuid}`);
      else if (!(episode["entity_edges"] as string[]).includes(text(properties, "uuid"))) problems.push(`H11: ${uuid}`);
      else if (index === 0 && text(episode, "created_at") > text(properties, "created_at"))
        problems.push(`H5: ${uuid}`);
    }
  }
  for (const { entity_edges: listed } of episodes.values())
    for (const uuid of listed as string[]) if (!facts.has(uuid)) problems.push(`S3 in a clean graph: ${uuid}`);
  return problems;
}

/** H4: what was contradicted began before it ended; here nothing else is generated either. */
function contradictions(edges: readonly EdgeRecord[]): string[] {
  return edges.flatMap(({ properties }) => {
    const [valid, invalid] = [text(properties, "valid_at"), text(properties, "invalid_at")];
    return invalid === "" || (valid !== "" && valid < invalid) ? [] : [`H4: ${text(properties, "uuid")}`];
  });
}

function text(properties: Properties, name: string): string {
  const value = properties[name];
  return typeof value === "string" ? value : "";
}

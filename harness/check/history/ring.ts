// The ring is one cycle of all its nodes.
import { ringNodes } from "../../../generators/writes/ring.ts";
import type { Judgement } from "../check.ts";
import { type KindObservation, type KindState, momentFinding } from "./moment.ts";

type State = Extract<KindState, { kind: "ring" }>;

export function judgeRing({ graph }: KindObservation, { nodes, edges }: State): Judgement {
  const next = new Map(edges);
  const cycle: number[] = [];
  const seen = new Set<number>();
  for (let at: number | undefined = 0; at !== undefined && !seen.has(at); at = next.get(at)) {
    seen.add(at);
    cycle.push(at);
  }
  const closes = next.get(cycle.at(-1) ?? 0) === 0;
  const isWhole = closes && cycle.length === ringNodes && nodes === ringNodes && edges.length === ringNodes;
  const witnesses = { ringNodesWalked: cycle.length };
  if (isWhole) return { findings: [], witnesses };
  const message =
    `the ring is broken: ${nodes} nodes and ${edges.length} edges, and from node 0 ` +
    `${cycle.length} nodes are reached ${closes ? "before it closes" : "and it does not close"}; one cycle of ${ringNodes} was expected`;
  const forks = repeated(edges.map(([from]) => from));
  const joins = repeated(edges.map(([, to]) => to));
  const evidence = { nodes, edges: edges.length, walked: cycle.slice(0, ringNodes), forks, joins };
  const hint = "A rotation is there in part: the cut fell inside one query, or edges were lost.";
  return { findings: [momentFinding("ring-broken", graph, message, evidence, hint)], witnesses };
}

function repeated(numbers: readonly number[]): number[] {
  return [...new Set(numbers.filter((number, index) => numbers.indexOf(number) !== index))];
}

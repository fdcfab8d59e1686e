import { expect, test } from "vitest";
import { messagesPerSaga, randomMessage } from "../../../generators/writes/episode-message.ts";
import type { GraphPlan } from "../../../generators/model.ts";
import { expectedGraphs } from "./expected-graph.ts";
import type { WriteRef } from "./expected-writes.ts";

const source = { seed: 5, dims: 4, schema: "post1856" } as const;

function write(writer: string, sequence: number, graph = "g"): WriteRef {
  const { uuid } = randomMessage({ ...source, writer, sequence, groupId: graph });
  return { writer, sequence, graph, uuid, outcome: "ok", invokedMs: 0, completedMs: 1 };
}

function planOf(writes: readonly WriteRef[]): GraphPlan {
  const [plan] = expectedGraphs(writes, source);
  if (plan === undefined) throw new Error("no plan");
  return plan;
}

test("ids are ascending, counts are right, and any node is found by its id", () => {
  const plan = planOf([write("a", 0), write("a", 1), write("b", 0), write("a", 48), write("b", 7)]);
  const nodes = [...plan.nodes()];
  const edges = [...plan.edges()];
  expect(nodes.map(({ id }) => id)).toEqual(nodes.map((_, index) => index));
  expect({ nodes: nodes.length, edges: edges.length }).toEqual(plan.counts);
  for (const node of nodes) expect(plan.node(node.id)).toEqual(node);
  expect(() => plan.node(nodes.length)).toThrow(RangeError);
});

test("every edge has ends of the right kind, and a fact's ends are the ones it names", () => {
  const plan = planOf([write("a", 0), write("a", 1), write("b", 0)]);
  const edges = [...plan.edges()].map(({ type, properties, source: from, target }) => {
    const ends = [plan.node(from), plan.node(target)];
    return { type, properties, ends };
  });
  const kinds = edges.map(({ type, ends }) => [type, ...ends.map(({ labels }) => labels[0])].join(" "));
  expect(new Set(kinds)).toEqual(
    new Set([
      "MENTIONS Episodic Entity",
      "RELATES_TO Entity Entity",
      "HAS_EPISODE Saga Episodic",
      "NEXT_EPISODE Episodic Episodic",
    ]),
  );
  const facts = edges.filter(({ type }) => type === "RELATES_TO");
  expect(facts.map(({ ends }) => ends.map(({ properties }) => properties["uuid"]))).toEqual(
    facts.map(({ properties }) => [properties["source_node_uuid"], properties["target_node_uuid"]]),
  );
});

test("a fact is invalidated, and a chain link drawn, only where the other write is stored too", () => {
  const both = [...planOf([write("a", 3), write("a", 4)]).edges()];
  const alone = [...planOf([write("a", 3), write("a", 5)]).edges()];
  const count = (edges: typeof both, type: string): number => edges.filter((edge) => edge.type === type).length;
  expect([count(both, "NEXT_EPISODE"), count(alone, "NEXT_EPISODE")]).toEqual([1, 0]);
  const ended = (edges: typeof both): number => edges.filter(({ properties }) => "expired_at" in properties).length;
  expect([ended(both), ended(alone)]).toEqual([1, 0]);
});

test("a saga knows the first and last of its stored episodes; a new one starts after its last", () => {
  const plan = planOf([write("a", 1), write("a", 2), write("a", messagesPerSaga)]);
  const sagas = [...plan.nodes()].filter(({ labels }) => labels[0] === "Saga").map(({ properties }) => properties);
  expect(sagas.map((saga) => [saga["first_episode_uuid"], saga["last_episode_uuid"]])).toEqual([
    [write("a", 1).uuid, write("a", 2).uuid],
    [write("a", messagesPerSaga).uuid, write("a", messagesPerSaga).uuid],
  ]);
});

test("each graph has its own plan", () => {
  const plans = expectedGraphs([write("a", 0, "g"), write("b", 0, "h")], source);
  expect(plans.map(({ name, groupId }) => [name, groupId])).toEqual([
    ["g", "g"],
    ["h", "h"],
  ]);
});

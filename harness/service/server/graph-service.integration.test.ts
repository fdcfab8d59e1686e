// The service end to end on a real engine: what it stores, finds, removes, refuses, and how it reports its health.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { randomMessage, uuidOf } from "../../../generators/writes/episode-message.ts";
import { graphitiIndexes } from "../../../generators/schema/graphiti-schema.ts";
import { waitFor } from "../../base/wait.ts";
import { episodeMessageBody } from "../messages.ts";
import { expectedGraphs } from "../../workload/history/expected-graph.ts";
import type { WriteRef } from "../../workload/history/expected-writes.ts";
import { graphContent, plannedContent, send, type Setup, setUp } from "./testing/graph-service-kit.ts";

const source = { seed: 21, dims: 8, schema: "post1856" } as const;
const message = (
  sequence: number,
  groupId: string,
  schema: "pre1856" | "post1856" = "post1856",
): ReturnType<typeof randomMessage> => randomMessage({ ...source, schema, writer: "w", sequence, groupId });

const planned = (graph: string, sequences: readonly number[], schema: "pre1856" | "post1856" = "post1856"): unknown => {
  const writes = sequences.map((sequence): WriteRef => {
    const { uuid } = message(sequence, graph);
    return { writer: "w", sequence, graph, uuid, outcome: "ok", invokedMs: 0, completedMs: 0 };
  });
  const [plan] = expectedGraphs(writes, { ...source, schema });
  return plan && plannedContent(plan);
};

let setup: Setup;
beforeAll(async () => {
  setup = await setUp();
});
afterAll(() => setup[Symbol.asyncDispose]());

const postEpisode = async (sequence: number, groupId: string, schema?: "pre1856" | "post1856"): Promise<number> =>
  (await send(setup.service, "POST", "/messages", episodeMessageBody(message(sequence, groupId, schema)))).status;

describe("episodes", () => {
  test.each(["post1856", "pre1856"] as const)("are stored exactly as planned (%s)", async (schema) => {
    const graph = `exact_${schema}`;
    for (const sequence of [0, 1, 2, 4]) expect(await postEpisode(sequence, graph, schema)).toBe(200);
    expect(await graphContent(setup.connection, graph)).toEqual(planned(graph, [0, 1, 2, 4], schema));
  });

  test("written twice are the same as written once", async () => {
    for (const sequence of [0, 1, 1, 0, 1]) await postEpisode(sequence, "twice");
    const { nodes, edges } = await graphContent(setup.connection, "twice");
    const once = planned("twice", [0, 1]) as { nodes: object; edges: object };
    expect(Object.keys(nodes).toSorted()).toEqual(Object.keys(once.nodes).toSorted());
    expect(Object.keys(edges).toSorted()).toEqual(Object.keys(once.edges).toSorted());
  });

  test("a new group gets all of Graphiti's indexes before its first write", async () => {
    await postEpisode(0, "indexed");
    const { rows } = await setup.connection.roQuery("indexed", "CALL db.indexes() YIELD label RETURN label");
    expect(new Set(rows.map(([label]) => label))).toEqual(new Set(graphitiIndexes.map(({ label }) => label)));
  });

  test("from a plain Graphiti client are accepted (202) and stored in the background", async () => {
    const body = { group_id: "plain", messages: [{ content: "hello", role_type: "user", role: "Ann", name: "n" }] };
    expect((await send(setup.service, "POST", "/messages", body)).status).toBe(202);
    const stored = await waitFor(
      async () => {
        const { nodes } = await graphContent(setup.connection, "plain");
        return Object.values(nodes)[0];
      },
      { what: "the episode to be stored", timeoutMs: 60_000 },
    );
    expect(stored).toMatchObject({
      labels: ["Episodic"],
      properties: { content: "Ann(user): hello", source: "message", entity_edges: [] },
    });
  });

  test.each([
    ["no JSON", "{", "not-json"],
    ["no group", { messages: [] }, "wrong-body"],
    [
      "an invalid graph name as group",
      { group_id: "a b", messages: [{ content: "", role_type: "user", role: null }] },
      "wrong-body",
    ],
  ])("with %s are refused", async (_, body, error) => {
    const answer = await send(setup.service, "POST", "/messages", body);
    expect([answer.status, answer.json["error"]]).toEqual([400, error]);
  });
});

describe("the other routes", () => {
  test("an entity node goes to the graph of its group", async () => {
    const node = { uuid: crypto.randomUUID(), group_id: "nodes", name: "Zoë", summary: 'with "quotes" and \\' };
    const answer = await send(setup.service, "POST", "/entity-node", node);
    expect([answer.status, answer.json]).toMatchObject([201, node]);
    const { nodes } = await graphContent(setup.connection, "nodes");
    expect(nodes[node.uuid]).toEqual({ labels: ["Entity"], properties: answer.json });
  });

  test("search finds facts by their words, and a search for an unknown group creates nothing", async () => {
    await postEpisode(0, "searched");
    const [fact] = message(0, "searched").facts;
    const found = await send(setup.service, "POST", "/search", { group_ids: ["searched"], query: fact?.["fact"] });
    expect((found.json["facts"] as { uuid: string }[])[0]).toMatchObject({
      uuid: fact?.["uuid"],
      fact: fact?.["fact"],
    });
    const none = await send(setup.service, "POST", "/search", { group_ids: ["never_seen"], query: "anything | (" });
    expect([none.status, none.json]).toEqual([200, { facts: [] }]);
    expect(await setup.connection.graphs()).not.toContain("never_seen");
  });

  test("a removed episode takes its facts and the entities that nothing else mentions with it", async () => {
    for (const sequence of [0, 1]) await postEpisode(sequence, "removed");
    const { uuid, mentions } = message(1, "removed");
    expect((await send(setup.service, "DELETE", `/episode/${uuid}?group_id=removed`)).status).toBe(200);
    const { nodes, edges } = await graphContent(setup.connection, "removed");
    expect(nodes).not.toHaveProperty(uuid);
    // The hub is mentioned by the other episode too.
    expect(mentions.map(({ entity }) => entity in nodes)).toEqual(mentions.map((_, index) => index === 0));
    expect(Object.keys(edges)).toEqual(expect.arrayContaining(message(0, "removed").facts.map(uuidOf)));
    expect((await send(setup.service, "DELETE", `/episode/${uuid}?group_id=removed`)).status).toBe(404);
  });

  test("an episode is found by its uuid in whichever graph it is", async () => {
    await postEpisode(77, "somewhere");
    const { uuid } = message(77, "somewhere");
    expect((await send(setup.service, "DELETE", `/episode/${uuid}`)).status).toBe(200);
    expect((await graphContent(setup.connection, "somewhere")).nodes).not.toHaveProperty(uuid);
    expect((await send(setup.service, "DELETE", `/episode/${uuid}`)).status).toBe(404);
  });

  test("an unknown route is reported", async () => {
    expect((await send(setup.service, "GET", "/nothing")).json).toMatchObject({ error: "no-route" });
  });
});

test("the healthcheck is healthy, and unhealthy when the database is killed or frozen", async () => {
  await using own = await setUp();
  const health = async (): Promise<[number, unknown]> => {
    const { status, json } = await send(own.service, "GET", "/healthcheck");
    return [status, json["status"]];
  };
  expect(await health()).toEqual([200, "healthy"]);
  await own.engine.pause();
  expect(await health()).toEqual([503, "unhealthy"]);
  await own.engine.resume();
  await waitFor(async () => ((await health())[0] === 200 ? true : undefined), {
    what: "green again",
    timeoutMs: 60_000,
  });
  await own.engine.kill();
  expect(await health()).toEqual([503, "unhealthy"]);
});

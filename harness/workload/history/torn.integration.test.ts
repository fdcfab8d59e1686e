// Episodes stopped after each of their queries in a real engine: the plan of torn writes predicts exactly the content,
// and the query after which the episode was cut is named.
import { expect, test } from "vitest";
import { isNightly } from "../../base/testing/nightly.ts";
import { episodeWrites, randomMessage } from "../../../generators/writes/episode-writes.ts";
import { graphContent, plannedContent } from "../../service/server/testing/graph-service-kit.ts";
import { embeddedEngines } from "../../engine/embedded.ts";
import { connect, type Connection } from "../../falkordb/client/connection.ts";
import type { Value } from "../../falkordb/client/reply.ts";
import { writeEpisode } from "../../falkordb/load/write-episode.ts";
import { expectedGraphs } from "./expected-graph.ts";
import type { WriteRecord } from "./history.ts";
import { judgeWrites } from "./judge-writes.ts";

const dims = 4;

function line(sequence: number, graph: string, uuid: string): WriteRecord {
  const at = { invokedMs: sequence * 10, completedMs: sequence * 10 + 5 };
  return { writer: "a", sequence, attempt: 0, kind: "episode", outcome: "ok", graph, uuid, ...at };
}

const text = (value: Value | undefined): string => (typeof value === "string" ? value : "");

async function columnOf(connection: Connection, graph: string, cypher: string): Promise<string[]> {
  return (await connection.roQuery(graph, cypher)).rows.map(([value]) => text(value));
}

async function readBack(connection: Connection, graph: string) {
  const sagas = (await connection.roQuery(graph, "MATCH (s:Saga) RETURN s.uuid, s.last_episode_uuid")).rows;
  return {
    present: [
      ...(await columnOf(connection, graph, "MATCH (x) RETURN x.uuid")),
      ...(await columnOf(connection, graph, "MATCH ()-[x]->() RETURN x.uuid")),
    ],
    halfLabelled: await columnOf(
      connection,
      graph,
      "MATCH (x:Entity) WHERE size(x.labels) > size(labels(x)) RETURN x.uuid",
    ),
    sagaEnds: Object.fromEntries(sagas.map(([saga, episode]) => [text(saga), text(episode)])),
  };
}

test.each(isNightly ? (["post1856", "pre1856"] as const) : (["post1856"] as const))(
  "%s: every cut of an episode is known to the last property",
  async (schema) => {
    await using engine = await embeddedEngines().start({ name: "source" });
    await using connection = await connect(engine.endpoint);
    const source = { seed: 4, dims, schema };
    // The first of a saga, one in its middle, and the first of the next one.
    for (const sequence of [0, 1, 48]) {
      const queries = episodeWrites(randomMessage({ ...source, writer: "a", sequence, groupId: "g" })).length;
      const named = new Set<string>();
      for (let sent = 1; sent < queries; sent += 1) {
        const graph = `g-${sequence}-${sent}`;
        const stored = [sequence - 1, sequence].filter((number) => number >= 0);
        const lines: WriteRecord[] = [];
        for (const number of stored) {
          const message = randomMessage({ ...source, writer: "a", sequence: number, groupId: graph });
          const all = episodeWrites(message);
          await writeEpisode(connection, graph, number === sequence ? all.slice(0, sent) : all);
          lines.push(line(number, graph, message.uuid));
        }
        const cutMs = sequence * 10 + 1;
        const evidence = { cut: { fromMs: cutMs, toMs: cutMs }, disasterMs: null, mayTear: true, source };
        const back = await readBack(connection, graph);
        const { findings, torn, kept } = judgeWrites(lines, { ...evidence, ...back });
        expect(
          findings.map(({ code }) => code),
          `${sent} of ${queries}`,
        ).toEqual(["episode-torn"]);
        named.add(JSON.stringify(findings[0]?.evidence["after"]));
        const there = { writes: torn, present: new Set(back.present), halfLabelled: new Set(back.halfLabelled) };
        const [plan] = expectedGraphs(kept, source, there);
        if (plan === undefined) throw new Error("no plan");
        expect(plannedContent(plan)).toEqual(await graphContent(connection, graph));
        expect(plan.counts).toEqual({ nodes: [...plan.nodes()].length, edges: [...plan.edges()].length });
      }
      const saga = sequence % 48 === 0 ? ["W5", "W7"] : ["W6", "W7"];
      expect(named).toEqual(new Set(["W1", "W2", "W3", "W4", ...saga].map((query) => `"${query}"`)));
    }
  },
);

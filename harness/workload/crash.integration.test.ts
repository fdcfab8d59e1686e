// Kills of the writers, whose history must survive; of the service, which must finish what it accepted; of the engine,
// whose loss must be measured. And the proof that history and graph agree: the expected graph is the real one.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { expect, test } from "vitest";
import { isNightly } from "../base/testing/nightly.ts";
import { spawnGraphService } from "../service/server/spawn.ts";
import { randomMessage } from "../../generators/writes/episode-message.ts";
import { waitFor } from "../base/wait.ts";
import { episodeMessageBody } from "../service/messages.ts";
import {
  adminToken,
  graphContent,
  plannedContent,
  send,
  setUp,
  type Setup,
} from "../service/server/testing/graph-service-kit.ts";
import { expectedGraphs } from "./history/expected-graph.ts";
import { measuredLoss, presenceOf, type WriteRef, writesOf } from "./history/expected-writes.ts";
import type { WriteRecord } from "./history/history.ts";
import { openHistory, readHistory } from "./history/history-file.ts";
import { startWriters } from "./writers.ts";

const source = { seed: 9, dims: 0, schema: "post1856" } as const;

async function linesOf(path: string): Promise<WriteRecord[]> {
  const lines: WriteRecord[] = [];
  for await (const line of readHistory(path)) lines.push(line);
  return lines;
}

async function uuidsIn(setup: Setup, graphs: readonly string[]): Promise<Set<string>> {
  const uuids = new Set<string>();
  for (const graph of graphs) {
    const { nodes, edges } = await graphContent(setup.connection, graph);
    for (const uuid of [...Object.keys(nodes), ...Object.keys(edges)]) uuids.add(uuid);
  }
  return uuids;
}

test("the graph that the history expects is the graph that is there", async () => {
  await using setup = await setUp();
  const path = join(setup.folder, "history.jsonl");
  using history = openHistory(path);
  const dims = 8;
  const profile = { kind: "constant", perSecond: 150 } as const;
  const options = { service: setup.service, writers: 3, profile, seed: 9, history, groups: ["x", "y"], dims };
  await using writers = await startWriters(options);
  await waitFor(() => writers.acked >= 120 || undefined, { what: "writes", timeoutMs: 60_000 });
  const summary = await writers.stop();
  const writes = writesOf(await linesOf(path));
  expect(writes.filter(({ outcome }) => outcome === "ok")).toEqual(writes);
  expect(writes).toHaveLength(summary.acked);
  const plans = expectedGraphs(writes, { ...source, dims });
  expect(plans.map(({ name }) => name).toSorted()).toEqual(["x", "y"]);
  for (const plan of plans) expect(await graphContent(setup.connection, plan.name)).toEqual(plannedContent(plan));
});

test("killed writers lose no history line of an acknowledged write except those in flight", async () => {
  await using setup = await setUp();
  const path = join(setup.folder, "killed.jsonl");
  const script = join(import.meta.dirname, "./testing/writer-process.ts");
  const child = spawn(process.execPath, [script, setup.service.url, path], { stdio: ["ignore", "pipe", "inherit"] });
  try {
    await once(child.stdout, "data");
    await waitFor(async () => (await linesOf(path)).length > 100 || undefined, { what: "lines", timeoutMs: 60_000 });
  } finally {
    child.kill("SIGKILL");
  }
  await once(child, "exit");
  await waitFor(async () => (await setup.admin.status()).writes.inFlight === 0 || undefined, {
    what: "the writes in flight to be stored",
    timeoutMs: 5000,
  });
  const lines = await linesOf(path);
  const present = await uuidsIn(setup, ["killed"]);
  expect(measuredLoss(lines, present, source).lost).toEqual([]);
  // Each writer can have one write in the graph without a line: its next.
  const last = new Map<string, WriteRecord>(lines.map((line) => [line.writer, line]));
  const next = [...last.values()].map(({ writer, sequence, graph }): WriteRef => {
    const { uuid } = randomMessage({ seed: 9, writer, sequence: sequence + 1, groupId: graph });
    return { writer, sequence: sequence + 1, graph, uuid, outcome: "unknown", invokedMs: 0, completedMs: 0 };
  });
  const { whole } = presenceOf(next, present, source);
  const { rows } = await setup.connection.roQuery("killed", "MATCH (e:Episodic) RETURN count(e)");
  expect(rows).toEqual([[lines.length + whole.length]]);
});

test.runIf(isNightly)("a killed service loses nothing that it accepted, and leaves no episode torn", async () => {
  await using setup = await setUp();
  const options = { database: setup.engine.endpoint, token: adminToken, stateDir: join(setup.folder, "own") };
  const messages = Array.from({ length: 60 }, (_, sequence) =>
    randomMessage({ seed: 9, writer: "q", sequence, groupId: "accepted" }),
  );
  {
    await using service = await spawnGraphService(options);
    const bodies = messages.map((message) => episodeMessageBody(message).replace('"wait":true', '"wait":false'));
    // The database is paused until all are accepted, and the kill follows the first episode that is started.
    await setup.engine.pause();
    const answers = await Promise.all(bodies.map((body) => send(service, "POST", "/messages", body)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([202]));
    await setup.engine.resume();
    const isBegun = async (): Promise<true | undefined> => (await uuidsIn(setup, ["accepted"])).size > 0 || undefined;
    await waitFor(isBegun, { what: "the first episode to be begun", timeoutMs: 60_000, intervalMs: 1 });
    await service.kill();
  }
  const writes = messages.map(({ uuid }, sequence): WriteRef => {
    return { writer: "q", sequence, graph: "accepted", uuid, outcome: "ok", invokedMs: 0, completedMs: 0 };
  });
  expect(presenceOf(writes, await uuidsIn(setup, ["accepted"]), source).whole.length).toBeLessThan(60);
  await using again = await spawnGraphService(options);
  await waitFor(
    async () =>
      (await send(again, "GET", "/healthcheck")).json["worker"] === "alive, 0 queued, 0 given up" || undefined,
    {
      what: "the queue of the killed service to be stored",
      timeoutMs: 60_000,
    },
  );
  const { torn, absent } = presenceOf(writes, await uuidsIn(setup, ["accepted"]), source);
  expect({ torn, absent }).toEqual({ torn: [], absent: [] });
});

test.runIf(isNightly)(
  "a stopped service drains: everything accepted is stored when the process has exited",
  async () => {
    await using setup = await setUp();
    const options = { database: setup.engine.endpoint, token: adminToken, stateDir: join(setup.folder, "own") };
    const service = await spawnGraphService(options);
    const sequences = Array.from({ length: 40 }, (_, sequence) => sequence);
    await Promise.all(
      sequences.map((sequence) => {
        const message = randomMessage({ seed: 9, writer: "q", sequence, groupId: "drained" });
        return send(service, "POST", "/messages", episodeMessageBody(message).replace('"wait":true', '"wait":false'));
      }),
    );
    await service.stop();
    const { rows } = await setup.connection.roQuery("drained", "MATCH (:Saga)-[:HAS_EPISODE]->(e) RETURN count(e)");
    expect(rows).toEqual([[40]]);
  },
);

test("when the engine is killed, writers keep retrying and no acknowledged write is misjudged", async () => {
  await using setup = await setUp();
  const path = join(setup.folder, "engine.jsonl");
  using history = openHistory(path);
  const writers = await startWriters({ service: setup.service, writers: 2, seed: 9, history, groups: ["lost"] });
  await waitFor(() => writers.acked > 20 || undefined, { what: "writes", timeoutMs: 60_000 });
  await setup.engine.kill();
  await waitFor(async () => (await linesOf(path)).some(({ outcome }) => outcome === "unknown") || undefined, {
    what: "a write whose outcome is unknown",
    timeoutMs: 60_000,
  });
  const { acked } = await writers.stop();
  // This engine saved nothing, so everything is lost, and that loss is measured.
  const loss = measuredLoss(await linesOf(path), new Set(), source);
  expect([loss.acknowledged, loss.lost.length]).toEqual([acked, acked]);
  expect(loss.lostMs).toBeGreaterThan(0);
});

test("writers report clearly what they cannot do", async () => {
  const history = { record: () => {} };
  const base = { writers: 1, seed: 1, history, groups: ["g"], startTimeoutMs: 300 };
  const nobody = { service: { url: "http://127.0.0.1:7599" }, ...base };
  await expect(startWriters(nobody)).rejects.toThrow(/no write through .* was acknowledged: ECONNREFUSED/);
  await expect(startWriters({ service: { url: "nowhere" }, ...base })).rejects.toThrow(
    "not the URL of a graph service",
  );
  await expect(startWriters({ ...nobody, profile: { kind: "constant", perSecond: 0 } })).rejects.toThrow(
    "writer profile constant: perSecond is 0; expected more than 0",
  );
});

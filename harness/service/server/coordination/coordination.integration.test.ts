// The /admin contract on a real engine: a pause holds while writers hammer, conflicts are refused also in the same
// millisecond, leases run out, drains have a deadline, and every step of it is in an audit log that can be verified.
import { readFile, writeFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { randomMessage } from "../../../../generators/writes/episode-message.ts";
import { systemClock } from "../../../base/clock.ts";
import { isNightly } from "../../../base/testing/nightly.ts";
import { waitFor } from "../../../base/wait.ts";
import { adminClient, LeaseLostError } from "../../admin-client.ts";
import { adminPaths } from "../../contract.ts";
import { episodeMessageBody } from "../../messages.ts";
import type { WriteRecord } from "../../../workload/history/history.ts";
import { startWriters } from "../../../workload/writers.ts";
import { graphContent, send, setUp, type Setup } from "../testing/graph-service-kit.ts";
import { verifyAuditLog } from "./audit-log.ts";

const episode = (sequence: number, graph: string): string =>
  episodeMessageBody(randomMessage({ seed: 1, writer: "w", sequence, groupId: graph }));
const lease = { leaseMs: 20_000, drainTimeoutMs: 10_000 };

async function contentOfAll({ connection }: Setup, graphs: readonly string[]): Promise<unknown[]> {
  const contents: unknown[] = [];
  for (const graph of graphs) contents.push(await graphContent(connection, graph));
  return contents;
}

test("nothing changes between pause and resume while four writers hammer, and no acknowledged write is missing", async () => {
  await using setup = await setUp();
  const lines: WriteRecord[] = [];
  const graphs = ["a", "b"];
  const history = { record: (line: WriteRecord) => void lines.push(line) };
  await using writers = await startWriters({ service: setup.service, writers: 4, seed: 1, history, groups: graphs });
  for (let round = 0; round < (isNightly ? 5 : 2); round += 1) {
    const before = writers.acked;
    await waitFor(() => writers.acked > before + 20 || undefined, {
      what: "writes before the pause",
      timeoutMs: 10_000,
    });
    const { id } = await setup.admin.pause(lease);
    const answeredMs = systemClock.monotonicMs();
    const atPause = await contentOfAll(setup, graphs);
    const refusedBefore = lines.filter(({ outcome }) => outcome === "refused").length;
    await waitFor(() => lines.filter(({ outcome }) => outcome === "refused").length >= refusedBefore + 8 || undefined, {
      what: "writers to retry",
      timeoutMs: 10_000,
    });
    expect(await contentOfAll(setup, graphs)).toEqual(atPause);
    await setup.admin.resume(id);
    const stored = JSON.stringify(atPause);
    const acknowledged = lines.filter(({ outcome, completedMs }) => outcome === "ok" && completedMs <= answeredMs);
    expect(acknowledged.length).toBeGreaterThan(20);
    expect(acknowledged.filter(({ uuid }) => !stored.includes(uuid))).toEqual([]);
  }
  const summary = await writers.stop();
  expect(summary).toMatchObject({ failed: 0, unknown: 0 });
});

test("bodies of /admin are limited, whatever their length is said to be", async () => {
  await using setup = await setUp();
  const pause = async (body: NonNullable<RequestInit["body"]>): Promise<number> => {
    const headers = { authorization: `Bearer ${setup.service.token}`, "content-type": "application/json" };
    const url = new URL(adminPaths.pause, setup.service.url);
    return (await fetch(url, { method: "POST", headers, body, duplex: "half" })).status;
  };
  const long = JSON.stringify({ holder: "x".repeat(100_000) });
  expect(await pause(long)).toBe(413);
  expect(await pause(new Blob([long]).stream())).toBe(413);
  expect(await pause("{}")).toBe(400);
});

test("items accepted with 202 are in the graph when the pause is answered", async () => {
  await using setup = await setUp();
  const bodies = Array.from({ length: 40 }, (_, sequence) =>
    episode(sequence, "queue").replace('"wait":true', '"wait":false'),
  );
  const answers = await Promise.all(bodies.map((body) => send(setup.service, "POST", "/messages", body)));
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([202]));
  const { id } = await setup.admin.pause(lease);
  const { rows } = await setup.connection.roQuery(
    "queue",
    "MATCH (:Saga)-[:HAS_EPISODE]->(e:Episodic) RETURN count(e)",
  );
  expect(rows).toEqual([[40]]);
  await setup.admin.resume(id);
});

test("during a pause writes get 503 with Retry-After and leave nothing, reads go on", async () => {
  await using setup = await setUp();
  await send(setup.service, "POST", "/messages", episode(0, "g"));
  const { id } = await setup.admin.pause(lease);
  const { uuid } = randomMessage({ seed: 1, writer: "w", sequence: 0, groupId: "g" });
  const node = { uuid, group_id: "other", name: "n" };
  for (const [method, path, body] of [
    ["POST", "/messages", episode(1, "other")],
    ["POST", "/entity-node", node],
    ["DELETE", `/episode/${uuid}`, undefined],
  ] as const) {
    const { status, headers, json } = await send(setup.service, method, path, body);
    expect([status, json["error"], json["holder"]]).toEqual([503, "writes-paused", "the test"]);
    expect(Number(headers.get("retry-after"))).toBeGreaterThan(0);
  }
  expect(await setup.connection.graphs()).toEqual(["g"]);
  expect((await send(setup.service, "POST", "/search", { group_ids: ["g"], query: "a" })).status).toBe(200);
  expect((await send(setup.service, "GET", "/healthcheck")).status).toBe(200);
  await setup.admin.resume(id);
  expect((await send(setup.service, "POST", "/messages", episode(1, "other"))).status).toBe(200);
});

test("of many pauses or triggers in the same millisecond one wins, the others get 409", async () => {
  let runs = 0;
  const finish = Promise.withResolvers<string>();
  const backup = (): Promise<string> => {
    runs += 1;
    return finish.promise;
  };
  await using setup = await setUp({ backup });
  const { admin } = setup;
  const pauses = await Promise.allSettled(Array.from({ length: 8 }, () => admin.pause(lease)));
  const won = pauses.flatMap((pause) => (pause.status === "fulfilled" ? [pause.value] : []));
  expect(won).toHaveLength(1);
  await expect(admin.trigger()).rejects.toThrow("409");
  await admin.resume(won[0]?.id ?? "");
  const triggers = await Promise.allSettled(Array.from({ length: 8 }, () => admin.trigger()));
  expect(triggers.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  await expect(admin.pause(lease)).rejects.toThrow("a triggered backup is running");
  finish.resolve("stored as 42");
  const { backup: state } = await waitFor(
    async () => {
      const status = await admin.status();
      return status.backup.state === "running" ? undefined : status;
    },
    { what: "the backup to end", timeoutMs: 60_000 },
  );
  expect([runs, state.state, state.message]).toEqual([1, "succeeded", "stored as 42"]);
});

test("a lease runs out by itself, its late resume is refused, and a new pause is not ended by it", async () => {
  await using setup = await setUp();
  const { admin } = setup;
  const old = await admin.pause({ leaseMs: 1000, drainTimeoutMs: 1000 });
  await waitFor(async () => (await admin.status()).writes.state === "open" || undefined, {
    what: "the lease to run out",
    timeoutMs: 20_000,
  });
  const renewed = await admin.pause({ leaseMs: 10_000, drainTimeoutMs: 1000 });
  await expect(admin.resume(old.id)).rejects.toThrow(LeaseLostError);
  expect((await admin.status()).writes.state).toBe("paused");
  expect(Date.parse((await admin.renew(renewed.id, 30_000)).expiresAt)).toBeGreaterThan(Date.parse(renewed.expiresAt));
  await admin.resume(renewed.id);
});

test("a drain that cannot end gives up at its deadline, and writes go on", async () => {
  await using setup = await setUp();
  await send(setup.service, "POST", "/messages", episode(0, "g"));
  await setup.engine.pause();
  const stuck = send(setup.service, "POST", "/messages", episode(1, "g"));
  await waitFor(async () => (await setup.admin.status()).writes.inFlight > 0 || undefined, {
    what: "a write in flight",
    timeoutMs: 20_000,
  });
  await expect(setup.admin.pause({ leaseMs: 5000, drainTimeoutMs: 100 })).rejects.toThrow(
    "writes go on: 1 writes were not stored within 100 ms",
  );
  // A caller that disconnects during the drain does not leave writes stopped either.
  const hangUp = AbortSignal.timeout(100);
  await expect(setup.admin.pause({ ...lease, signal: hangUp })).rejects.toThrow("aborted");
  await waitFor(async () => (await setup.admin.status()).writes.state === "open" || undefined, {
    what: "writes to go on",
    timeoutMs: 20_000,
  });
  await setup.engine.resume();
  expect((await stuck).status).toBe(200);
});

test("each endpoint needs the token: 401 without, 403 with another", async () => {
  await using setup = await setUp();
  const { url } = setup.service;
  for (const path of Object.values(adminPaths)) {
    const method = path === adminPaths.status ? "GET" : "POST";
    expect((await fetch(`${url}${path}`, { method })).status).toBe(401);
    const headers = { authorization: "Bearer something else" };
    expect((await fetch(`${url}${path}`, { method, headers })).status).toBe(403);
  }
  await expect(adminClient({ url, token: "wrong" }).status()).rejects.toThrow("refused the admin token (403)");
});

test("a failed backup and its reason are in the status; a command speaks by its output and exit code", async () => {
  const script = `process.stdin.once("data", (line) => { console.log("half way for " + JSON.parse(line).url);
    console.error("disk full"); process.exitCode = 3; })`;
  await using setup = await setUp({ backup: { command: [process.execPath, "-e", script] } });
  const id = await setup.admin.trigger();
  const status = await waitFor(
    async () => {
      const { backup } = await setup.admin.status();
      return backup.state === "running" ? undefined : backup;
    },
    { what: "the backup command to end", timeoutMs: 60_000 },
  );
  expect(status).toMatchObject({
    id,
    state: "failed",
    progress: `half way for ${setup.service.url}`,
    message: "the backup command ended with exit code 3: disk full",
  });
});

test("every transition and refusal is in the audit log, and a changed line is found", async () => {
  await using setup = await setUp();
  const { admin, service } = setup;
  const { id } = await admin.pause(lease);
  await admin.pause(lease).catch(() => {});
  await admin.resume(id);
  await adminClient({ url: service.url, token: "wrong" })
    .status()
    .catch(() => {});
  const text = await readFile(service.auditPath, "utf8");
  const events = text
    .trimEnd()
    .split("\n")
    .map((line) => (JSON.parse(line) as { event: string }).event);
  expect(events).toEqual(["pause-requested", "paused", "refused", "resumed", "denied"]);
  expect(await verifyAuditLog(service.auditPath)).toMatchObject({ entries: 5, problem: undefined });
  await writeFile(service.auditPath, text.replace("the test", "the-test"));
  expect((await verifyAuditLog(service.auditPath)).problem?.line).toBe(1);
});

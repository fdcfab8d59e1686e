// The service in its own process, over HTTP only: its behaviour when it is killed, stopped, or asked for the same twice
// at once, and its healthcheck.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { isNightly } from "../../base/testing/nightly.ts";
import { randomMessage } from "../../../generators/writes/episode-message.ts";
import { packageRoot } from "../../base/package.ts";
import { silentProgress } from "../../base/progress.ts";
import { waitFor } from "../../base/wait.ts";
import { adminClient, LeaseLostError } from "../admin-client.ts";
import type { BackupStatus } from "../contract.ts";
import { episodeMessageBody } from "../messages.ts";
import { referenceSystem } from "../../system/reference/reference.ts";
import { adminToken, type ProcessSetup, send, setUpProcess } from "./testing/graph-service-kit.ts";
import { auditEvents, verifyAuditLog } from "./coordination/audit-log.ts";

const lease = { leaseMs: 20_000, drainTimeoutMs: 10_000 };
const message = (sequence: number, groupId = "g"): ReturnType<typeof randomMessage> =>
  randomMessage({ seed: 1, writer: "w", sequence, groupId });
const episode = (sequence: number, groupId?: string): string => episodeMessageBody(message(sequence, groupId));
const unwaited = (sequence: number): string => episode(sequence).replace('"wait":true', '"wait":false');
/** Hundreds of episodes in one request: a write that takes about a second. */
function longWrite(episodes: number): string {
  const rest = Array.from({ length: episodes - 1 }, (_, index) => message(1001 + index, "long"));
  return episodeMessageBody(message(1000, "long"), ...rest);
}

async function until(what: string, probe: () => Promise<boolean>): Promise<void> {
  await waitFor(async () => (await probe()) || undefined, { what, timeoutMs: 15_000, intervalMs: 5 });
}

async function episodesIn({ connection }: ProcessSetup, graph: string): Promise<unknown> {
  return (await connection.roQuery(graph, "MATCH (:Saga)-[:HAS_EPISODE]->(e) RETURN count(e)")).rows[0]?.[0];
}

const health = async ({ service }: ProcessSetup): Promise<[number, unknown, unknown]> => {
  const { status, json } = await send(service, "GET", "/healthcheck");
  return [status, json["database"], json["worker"]];
};

test("after a kill in a pause it starts open, refuses the old lease and says why", async () => {
  await using setup = await setUpProcess();
  const { id } = await setup.admin.pause(lease);
  await setup.service.kill();
  await using again = await setup.respawn();
  const admin = adminClient({ url: again.url, token: adminToken });
  expect((await admin.status()).writes).toEqual({ state: "open", inFlight: 0 });
  expect((await send(again, "POST", "/messages", episode(0))).status).toBe(200);
  const refusal: unknown = await admin.resume(id).catch((error: unknown) => error);
  expect(refusal).toBeInstanceOf(LeaseLostError);
  expect(String(refusal)).toContain("was never granted by this service");
  await admin.resume((await admin.pause(lease)).id);
  expect(await verifyAuditLog(again.auditPath)).toMatchObject({ problem: undefined, tornAt: undefined });
  expect(await auditEvents(again.auditPath)).toEqual([
    "pause-requested",
    "paused",
    "refused",
    "pause-requested",
    "paused",
    "resumed",
  ]);
});

test("killed with accepted writes in its queue it stores them, whole, when it is started again", async () => {
  await using setup = await setUpProcess();
  const accepted = await Promise.all(
    Array.from({ length: 60 }, (_, index) => send(setup.service, "POST", "/messages", unwaited(index))),
  );
  expect(new Set(accepted.map(({ status }) => status))).toEqual(new Set([202]));
  await setup.service.kill();
  await using again = await setup.respawn();
  // A pause is answered only when what was left is stored as well.
  await adminClient({ url: again.url, token: adminToken }).pause(lease);
  expect(await episodesIn(setup, "g")).toBe(60);
});

test.runIf(isNightly)("an expired lease, an unknown one, and one of another client change nothing", async () => {
  await using setup = await setUpProcess();
  const { admin } = setup;
  const late = await admin.pause({ leaseMs: 1000, drainTimeoutMs: 1000 });
  await until("the lease to run out", async () => (await admin.status()).writes.state === "open");
  const other = adminClient({ url: setup.service.url, token: adminToken, holder: "another backup" });
  const held = await other.pause(lease);
  for (const id of [late.id, "invented"]) {
    await expect(admin.resume(id)).rejects.toThrow(LeaseLostError);
    await expect(admin.renew(id, 1000)).rejects.toThrow("held by another backup until");
  }
  expect((await admin.status()).writes).toMatchObject({ state: "paused", holder: "another backup" });
  expect((await send(setup.service, "POST", "/messages", episode(0))).status).toBe(503);
  await other.resume(held.id);
  await expect(other.resume(held.id)).rejects.toThrow(LeaseLostError);
});

test("grants one of twenty pauses and one of twenty triggers at once, the others get 409", async () => {
  const command = [process.execPath, "-e", "setInterval(() => {}, 1000)"] as const;
  await using setup = await setUpProcess({ backup: { command } });
  const { admin } = setup;
  const twenty = async <T>(ask: () => Promise<T>): Promise<{ won: T[]; refused: string[] }> => {
    const all = await Promise.allSettled(Array.from({ length: 20 }, ask));
    const won = all.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
    return { won, refused: all.flatMap((one) => (one.status === "rejected" ? [String(one.reason)] : [])) };
  };
  const pauses = await twenty(() => admin.pause(lease));
  expect(pauses.won).toHaveLength(1);
  for (const why of pauses.refused) expect(why).toContain("got 409: writes are already paused");
  await admin.resume(pauses.won[0]?.id ?? "");
  const triggers = await twenty(() => admin.trigger());
  expect(triggers.won).toHaveLength(1);
  for (const why of triggers.refused) expect(why).toContain("got 409: a triggered backup is running");
});

test.runIf(isNightly)(
  "trigger-backup runs a real backup, with its progress and its outcome in backup-status",
  async () => {
    await using setup = await setUpProcess(async ({ endpoint }, folder) => {
      const vault = join(folder, "vault");
      await using _vault = await referenceSystem({ vault, profile: "interop" });
      await writeFile(join(folder, "password"), endpoint.password ?? "", { mode: 0o600 });
      const cli = join(packageRoot(), "bin", "falkordrill.js");
      const url = `redis://${endpoint.host}:${endpoint.port}`;
      const args = ["vault", "backup", "--vault", vault, "--url", url, "--password-file", join(folder, "password")];
      return { backup: { command: [process.execPath, cli, ...args, "--service-stdin"] } };
    });
    const { admin, service } = setup;
    for (let sequence = 0; sequence < 5; sequence += 1) await send(service, "POST", "/messages", episode(sequence));
    const id = await admin.trigger();
    await expect(admin.pause(lease)).rejects.toThrow("a triggered backup is running");
    const seen = new Set<string | undefined>();
    const ended = async (): Promise<BackupStatus | undefined> => {
      const { backup } = await admin.status();
      seen.add(backup.progress);
      return backup.state === "running" ? undefined : backup;
    };
    const outcome = await waitFor(ended, { what: "the triggered backup to end", timeoutMs: 60_000, intervalMs: 5 });
    expect(outcome).toMatchObject({
      id,
      state: "succeeded",
      message: expect.stringMatching(/^backup 2\S+: .* paused for/),
    });
    expect([...seen]).toEqual(expect.arrayContaining(["prepare ...", "stream ..."]));
    expect(await auditEvents(service.auditPath)).toEqual([
      "backup-started",
      "refused",
      "pause-requested",
      "paused",
      "resumed",
      "backup-succeeded",
    ]);
    await using system = await referenceSystem({ vault: join(setup.folder, "vault"), profile: "interop" });
    const [point, ...more] = await system.list();
    expect(more).toEqual([]);
    expect(outcome.message).toContain(point?.id);
    // Afterwards any client may request the next one.
    await admin.resume((await admin.pause(lease)).id);
    await system.backup({
      source: setup.engine,
      coordinator: admin,
      progress: silentProgress,
      signal: AbortSignal.timeout(30_000),
    });
    expect(await system.list()).toHaveLength(2);
  },
);

test.runIf(isNightly)(
  "the healthcheck is red when the database is dead, and when the worker does not move",
  async () => {
    await using setup = await setUpProcess({ stalledAfterMs: 50 });
    const alive = "alive, 0 queued, 0 given up";
    expect(await health(setup)).toEqual([200, "answers", alive]);
    const long = send(setup.service, "POST", "/messages", longWrite(120));
    await until("the worker to be called stalled", async () => {
      const [status, database, worker] = await health(setup);
      return status === 503 && database === "answers" && String(worker).startsWith("stalled: a write has been running");
    });
    expect((await long).status).toBe(200);
    expect(await health(setup)).toEqual([200, "answers", alive]);
    await setup.engine.kill();
    expect(await health(setup)).toMatchObject([503, expect.stringMatching(/^gone/), alive]);
    // A write that finds the database dead waits for it, and the healthcheck says so.
    expect((await send(setup.service, "POST", "/messages", episode(0))).json["error"]).toBe("interrupted");
    expect(await health(setup)).toMatchObject([503, expect.stringMatching(/^gone/), "waits for the database"]);
    await setup.engine.restart();
    await until("the healthcheck to be green again", async () => (await health(setup))[0] === 200);
  },
);

test("a database that takes no writes, such as one being restored, makes it unhealthy and refuses writes as a whole", async () => {
  await using setup = await setUpProcess();
  const { connection, service } = setup;
  await send(service, "POST", "/messages", episode(0));
  await connection.command("CONFIG", "SET", "min-replicas-to-write", "1");
  expect(await health(setup)).toMatchObject([
    503,
    expect.stringMatching(/^takes no writes: NOREPLICAS/),
    expect.any(String),
  ]);
  // The first write finds out, and is finished later; those after it are not begun.
  expect((await send(service, "POST", "/messages", episode(1))).json["error"]).toBe("interrupted");
  const refused = await send(service, "POST", "/messages", episode(2));
  expect([refused.status, refused.json["error"], refused.headers.has("retry-after")]).toEqual([
    503,
    "database-gone",
    true,
  ]);
  expect(await episodesIn(setup, "g")).toBe(1);
  await connection.command("CONFIG", "SET", "min-replicas-to-write", "0");
  await until("the interrupted write to be stored", async () => (await episodesIn(setup, "g")) === 2);
  expect((await send(service, "POST", "/messages", episode(2))).status).toBe(200);
});

test.runIf(isNightly)("a drain counts what every route and the queue have in flight", async () => {
  await using setup = await setUpProcess();
  const { admin, service, engine } = setup;
  await send(service, "POST", "/messages", episode(0));
  await engine.pause();
  const { uuid } = message(0);
  const node = { uuid: crypto.randomUUID(), group_id: "nodes", name: "n" };
  const open = [
    send(service, "POST", "/messages", episode(1)),
    send(service, "POST", "/entity-node", node),
    send(service, "DELETE", `/episode/${uuid}?group_id=g`),
    send(service, "DELETE", `/episode/${crypto.randomUUID()}`),
    send(service, "POST", "/messages", unwaited(2)),
  ];
  await until("five writes in flight", async () => (await admin.status()).writes.inFlight === 5);
  await expect(admin.pause({ leaseMs: 1000, drainTimeoutMs: 50 })).rejects.toThrow(
    "5 writes were not stored within 50 ms",
  );
  const paused = admin.pause(lease);
  await until("draining", async () => (await admin.status()).writes.state === "draining");
  await engine.resume();
  await paused;
  expect((await admin.status()).writes).toMatchObject({ state: "paused", inFlight: 0 });
  expect((await Promise.all(open)).map(({ status }) => status)).toEqual([200, 201, 200, 404, 202]);
  const { rows } = await setup.connection.roQuery("g", "MATCH (e:Episodic) RETURN count(e)");
  expect(rows).toEqual([[2]]);
});

test("a shutdown stores what was accepted, refuses what comes, and stops a running backup in order", async () => {
  const script = `process.stdin.resume(); process.on("SIGTERM", () => { console.error("put back"); process.exit(5); });
    setInterval(() => {}, 1000); console.log("running");`;
  await using setup = await setUpProcess({ backup: { command: [process.execPath, "-e", script] } });
  const { admin, service } = setup;
  await admin.trigger();
  await until("the backup to run", async () => (await admin.status()).backup.progress === "running");
  // A shutdown waits ten seconds for what is in flight; this must end before, on a busy machine too.
  const long = send(service, "POST", "/messages", longWrite(40));
  await until("the long write", async () => (await admin.status()).writes.inFlight === 1);
  const queued = await Promise.all([0, 1, 2].map((index) => send(service, "POST", "/messages", unwaited(index))));
  expect(queued.map(({ status }) => status)).toEqual([202, 202, 202]);
  const stopped = service.stop();
  // It refuses new requests, or is gone by then.
  const answers = new Set<string>();
  const isRefusing = async (): Promise<boolean> => {
    const answer = await send(service, "POST", "/messages", episode(9)).catch(() => undefined);
    const error = answer === undefined ? "gone" : answer.json["error"];
    if (typeof error === "string") answers.add(error);
    return answers.size > 0;
  };
  await until("writes to be refused", isRefusing);
  expect(["shutting-down", "gone"]).toEqual(expect.arrayContaining([...answers]));
  await stopped;
  expect((await long).status).toBe(200);
  expect(await episodesIn(setup, "long")).toBe(40);
  expect(Number(await episodesIn(setup, "g"))).toBeGreaterThanOrEqual(3);
  const [last] = (await auditEvents(service.auditPath)).slice(-1);
  expect(last).toBe("backup-failed");
});

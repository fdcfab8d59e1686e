// A restore in place on a real server with the real graph service in front of it: it succeeds, and what it
// replaced can be had back; a failure brings back what was there.
import { afterAll, beforeAll, expect, it } from "vitest";
import { silentProgress } from "../../base/progress.ts";
import { embeddedEngines } from "../../engine/embedded.ts";
import type { Engine } from "../../engine/engine.ts";
import { connect, type Connection } from "../../falkordb/client/connection.ts";
import { adminToken } from "../../service/server/testing/graph-service-kit.ts";
import { adminClient, type AdminClient } from "../../service/admin-client.ts";
import { startGraphService } from "../../service/server/server.ts";
import { privateFolder } from "../../base/process/reaper.ts";
import { createBackup, type BackupContext } from "../backup/backup.ts";
import { readPin } from "../store/pin.ts";
import { type TestSource, testSource } from "../testing/test-source.ts";
import { fingerprintOf, type InPlaceRequest, inPlaceSteps } from "./in-place-run.ts";
import type { InPlaceResult } from "./in-place-work.ts";
import { restoreInPlace } from "./restore-in-place.ts";
import { openJournals } from "./journal.ts";

const things = new AsyncDisposableStack();
const { signal } = new AbortController();
let source: TestSource;
let context: BackupContext;
let point: string;
let wanted: string;
let target: Engine;
let connection: Connection;
let application: AdminClient;

beforeAll(async () => {
  source = things.use(await testSource());
  context = await source.newVault();
  point = (
    await createBackup(context, { source: source.source, coordinator: undefined, progress: silentProgress, signal })
  ).point.id;
  wanted = await fingerprintOf(source.source, signal);
  target = things.use(await embeddedEngines().start({ name: "target", moduleArgs: { TIMEOUT_MAX: "1000" } }));
  connection = things.use(await connect(target.endpoint));
  const stateDir = things.use(await privateFolder("service")).path;
  const service = things.use(await startGraphService({ database: target.endpoint, token: adminToken, stateDir }));
  application = adminClient({ url: service.url, token: adminToken });
});
afterAll(() => things.disposeAsync());

async function dirty(): Promise<void> {
  await connection.command("FLUSHALL");
  await connection.query("other", "UNWIND range(1, 300) AS i CREATE (:Old {id: i})-[:OF]->(:Older {text: 'old ' + i})");
}

function restored(more: Partial<InPlaceRequest> = {}): Promise<InPlaceResult> {
  const request = { point, target, engines: embeddedEngines(), application, confirmed: true, refuseWrites: false };
  return restoreInPlace(context, { ...request, progress: silentProgress, signal, ...more });
}

async function stateOf(): Promise<unknown> {
  const names = ["min-replicas-to-write", "min-replicas-max-lag", "masterauth"];
  return [
    (await connection.info("replication"))["role"],
    await connection.command("CONFIG", "GET", ...names),
    await connection.command("GRAPH.CONFIG", "GET", "TIMEOUT_MAX"),
    (await application.status()).writes.state,
    await openJournals(context),
  ];
}

it("replaces what is there, and keeps it as a pinned backup, which can be restored in the same way", async () => {
  await dirty();
  const before = await stateOf();
  const old = await fingerprintOf(target, signal);
  const steps: string[] = [];
  const first = await restored({ passed: (step) => void steps.push(step) });
  expect(steps).toEqual(inPlaceSteps);
  expect(first).toMatchObject({ fingerprint: wanted, notes: [] });
  expect(await fingerprintOf(target, signal)).toBe(wanted);
  expect(await stateOf()).toEqual(before);
  expect((await readPin(context.store, `backups/${first.safety}`))?.why).toContain(point);
  await restored({ point: first.safety });
  expect(await fingerprintOf(target, signal)).toBe(old);
});

it("is rolled back where the application would not be well", async () => {
  await dirty();
  const [before, old] = [await stateOf(), await fingerprintOf(target, signal)];
  const applicationHealth = (): Promise<string> => Promise.resolve("not well");
  await expect(restored({ applicationHealth })).rejects.toMatchObject({
    name: "InPlaceError",
    exit: "notRecovered",
    step: "health",
    message: expect.stringContaining("not well") as string,
    rolledBack: { isBack: true, fingerprint: old },
  });
  expect(await fingerprintOf(target, signal)).toBe(old);
  expect(await stateOf()).toEqual(before);
});

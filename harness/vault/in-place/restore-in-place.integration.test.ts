// A restore in place on a real server with the real graph service in front of it: it succeeds, and what it
// replaced can be had back; a failure brings back what was there.
import { randomBytes } from "node:crypto";
import { rename } from "node:fs/promises";
import { join } from "node:path";
import type * as openpgp from "openpgp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { isNightly } from "../../base/testing/nightly.ts";
import { address } from "../../base/endpoint.ts";
import { silentProgress } from "../../base/progress.ts";
import { embeddedEngines } from "../../engine/embedded.ts";
import type { Engine } from "../../engine/engine.ts";
import { externalEngines } from "../../engine/external.ts";
import { connect, type Connection } from "../../falkordb/client/connection.ts";
import { adminToken } from "../../service/server/testing/graph-service-kit.ts";
import { adminClient, type AdminClient } from "../../service/admin-client.ts";
import { startGraphService } from "../../service/server/server.ts";
import { privateFolder } from "../../base/process/reaper.ts";
import { createBackup, type BackupContext } from "../backup/backup.ts";
import { overrideSettings } from "../backup/override-settings.ts";
import { readCatalogue } from "../catalogue/read-catalogue.ts";
import { readPin } from "../store/pin.ts";
import { serverSettings, type TestSource, testSource } from "../testing/test-source.ts";
import { fingerprintOf, type InPlaceRequest, inPlaceSteps } from "./in-place-run.ts";
import type { InPlaceResult } from "./in-place-work.ts";
import { restoreInPlace, rollBackInPlace } from "./restore-in-place.ts";
import { type JournalEntry, openJournals, RestoreJournal } from "./journal.ts";
import { ensureKeys } from "../../system/reference/reference.ts";
import { Keyring } from "../keys/keyring.ts";
import { reopening, type RolledBack } from "./roll-back.ts";
import { markOf, newMark, openGateSettings } from "../restore/write-gate.ts";
import { writeSigned } from "../store/signed.ts";

const resources = new AsyncDisposableStack();
const { signal } = new AbortController();
let source: TestSource;
let context: BackupContext;
let point: string;
let wanted: string;
let target: Engine;
let connection: Connection;
let application: AdminClient;

beforeAll(async () => {
  source = resources.use(await testSource());
  context = await source.newVault();
  point = (
    await createBackup(context, { source: source.source, coordinator: undefined, progress: silentProgress, signal })
  ).point.id;
  wanted = await fingerprintOf(source.source, signal);
  target = resources.use(await embeddedEngines().start({ name: "target", moduleArgs: { TIMEOUT_MAX: "1000" } }));
  connection = resources.use(await connect(target.endpoint));
  const stateDir = resources.use(await privateFolder("service")).path;
  const service = resources.use(await startGraphService({ database: target.endpoint, token: adminToken, stateDir }));
  application = adminClient({ url: service.url, token: adminToken });
});
afterAll(() => resources.disposeAsync());

async function dirty(): Promise<void> {
  await connection.command("FLUSHALL");
  await connection.query("other", "UNWIND range(1, 300) AS i CREATE (:Old {id: i})-[:OF]->(:Older {text: 'old ' + i})");
}

function restored(more: Partial<InPlaceRequest> = {}): Promise<InPlaceResult> {
  const request = { point, target, engines: embeddedEngines(), application, confirmed: true, refuseWrites: false };
  return restoreInPlace(context, { ...request, progress: silentProgress, signal, ...more });
}

async function claimed(): Promise<RestoreJournal> {
  const { run_id: runId = "" } = await connection.info("server");
  const where = { target: address(target.endpoint), runId, point, signal };
  return await RestoreJournal.claim(context, where, () => Promise.resolve({ mark: newMark(), gate: openGateSettings }));
}

async function rolledBack(more: Partial<InPlaceRequest> = {}): Promise<RolledBack> {
  const request = { point, target, engines: embeddedEngines(), application, confirmed: true, refuseWrites: false };
  return await rollBackInPlace(context, { ...request, progress: silentProgress, signal, ...more });
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
  expect((await readCatalogue(context.store, context.keyring))?.entries.at(-1)?.entry.events).toMatchObject([
    { does: "restored", point, why: expect.stringContaining(`into ${address(target.endpoint)}`) as string },
  ]);
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

it.runIf(isNightly)("says what became of the server where its caller ends it and the rollback fails too", async () => {
  await dirty();
  const old = await fingerprintOf(target, signal);
  const stop = new AbortController();
  const folder = join(context.store.where, "backups");
  const passed = async (step: string): Promise<void> => {
    if (step !== "swap") return;
    await rename(folder, `${folder}-away`);
    stop.abort(new Error("interrupted by SIGINT"));
  };
  await expect(restored({ passed, signal: stop.signal })).rejects.toMatchObject({
    suppressed: { message: "interrupted by SIGINT" },
    error: { exit: "notRecovered", message: expect.stringContaining("could not be rolled back") as string },
  });
  await rename(`${folder}-away`, folder);
  await rolledBack();
  expect(await fingerprintOf(target, signal)).toBe(old);
});

it.each(isNightly ? ["pause", "refuse writes"] : ["pause"])(
  "leaves the server to a restore of another vault that comes after %s",
  async (after) => {
    const another = newMark();
    const passed = async (step: string): Promise<void> => {
      if (step === after) await connection.command("CONFIG", "SET", "min-replicas-to-write", another);
    };
    const isTaken = expect.stringContaining("was not changed by this one") as string;
    await expect(restored({ passed })).rejects.toMatchObject({ name: "InPlaceError", message: isTaken });
    expect(await markOf(connection)).toBe(another);
    await connection.command("CONFIG", "SET", "min-replicas-to-write", 0);
    expect(await openJournals(context)).toEqual([]);
  },
);

describe("after a restore that was killed", () => {
  /** Leaves the journal of one that ended where the server took writes. */
  async function interrupted(
    step: string,
    changes: Partial<Pick<JournalEntry, "lease" | "state">> = {},
  ): Promise<void> {
    await using journal = await claimed();
    await journal.write({ step, state: "failed", ...changes });
  }

  it("a rollback restores the settings that its safety snapshot had changed", async () => {
    await dirty();
    const before = await serverSettings(target.endpoint);
    await interrupted("safety");
    await overrideSettings(connection, context.store);
    expect(await serverSettings(target.endpoint)).not.toEqual(before);
    await rolledBack();
    expect(await serverSettings(target.endpoint)).toEqual(before);
  });

  it.each([
    ["recorded its end", "rolled back"],
    ["opened the server", "failed"],
  ] as const)("a rollback that was killed when it had %s is ended by the next, without a loss", async (_, state) => {
    await dirty();
    const { id } = await application.pause({ leaseMs: 600_000, drainTimeoutMs: 1000 });
    await interrupted(reopening, { lease: id, state });
    const written = await fingerprintOf(target, signal);
    expect(await rolledBack({ confirmed: false })).toMatchObject({ isBack: true });
    expect(await fingerprintOf(target, signal)).toBe(written);
    expect((await application.status()).writes.state).toBe("open");
    expect(await openJournals(context)).toEqual([]);
  });

  it("the next one ends the pause of one that was killed after its end was recorded", async () => {
    await dirty();
    const { id } = await application.pause({ leaseMs: 600_000, drainTimeoutMs: 1000 });
    await interrupted("open", { lease: id, state: "restored" });
    expect(await restored()).toMatchObject({ fingerprint: wanted });
    expect((await application.status()).writes.state).toBe("open");
  });

  it.runIf(isNightly)(
    "the next one goes on with its pause, also where it reaches the server at another address",
    async () => {
      await dirty();
      const { id } = await application.pause({ leaseMs: 600_000, drainTimeoutMs: 1000 });
      await interrupted("pause", { lease: id });
      const alias = await externalEngines({ endpoint: { ...target.endpoint, host: "localhost" } }).start();
      expect(await restored({ target: alias })).toMatchObject({ fingerprint: wanted });
      expect(await openJournals(context)).toEqual([]);
    },
  );

  it.runIf(isNightly)("the next one waits for the end of a pause that was not recorded", async () => {
    await dirty();
    await interrupted("pause");
    await application.pause({ leaseMs: 1500, drainTimeoutMs: 1000 });
    expect(await restored()).toMatchObject({ fingerprint: wanted });
  });
});

/** A copy of the backup's manifest under a new id, changed and signed by this key, or not at all. */
async function forged(change: object, key?: openpgp.PrivateKey): Promise<string> {
  const id = `20300101T000000Z-${randomBytes(4).toString("hex")}`;
  const manifest = JSON.parse(String(await context.store.get(`backups/${point}/manifest.json`))) as object;
  const bytes = Buffer.from(JSON.stringify({ ...manifest, id, ...change }));
  const path = `backups/${id}/manifest.json`;
  await (key === undefined ? context.store.put(path, bytes) : writeSigned(context.store, path, bytes, key));
  return id;
}

interface Refusal {
  readonly request: () => Promise<Partial<InPlaceRequest>>;
  readonly error: object;
}

const refusals: Readonly<Record<string, Refusal>> = {
  "is not confirmed": {
    request: () => Promise.resolve({ confirmed: false }),
    error: { exit: "usage", message: expect.stringContaining("is not empty") as string },
  },
  "names no service, and does not say that writes may be refused": {
    request: () => Promise.resolve({ application: undefined }),
    error: { exit: "usage", hint: expect.stringContaining("--refuse-writes") as string },
  },
  "goes into a server that a client writes to past the service": {
    request: () =>
      Promise.resolve({
        passed: async (step) => {
          if (step === "refuse writes") await expect(connection.command("SET", "a", "b")).rejects.toThrow("NOREPLICAS");
        },
      }),
    error: { exit: "usage", step: "safety", message: expect.stringContaining("is in use") as string },
  },
  "asks for a backup of a newer format": {
    request: async () => ({ point: await forged({ version: 99 }, await context.keyring.signer()) }),
    error: { exit: "usage", step: "beside", message: expect.stringContaining("has format 99") as string },
  },
  "asks for a backup that a foreign key has signed": {
    request: async () => {
      await using folder = await privateFolder("foreign");
      const foreign = new Keyring(folder.path);
      await ensureKeys(foreign, "interop");
      return { point: await forged({}, await foreign.signer()) };
    },
    error: { exit: "dataWrong", step: "beside" },
  },
  "asks for a backup that nobody has signed": {
    request: async () => ({ point: await forged({}) }),
    error: { exit: "dataWrong", step: "beside" },
  },
  "goes into a server with too little memory": {
    request: async () => {
      await connection.command("CONFIG", "SET", "maxmemory", 2_000_000);
      return {};
    },
    error: { exit: "environment", step: "beside", message: expect.stringContaining("do not fit") as string },
  },
};

describe("a restore in place is refused, and its target is left as it was, where it", () => {
  beforeAll(dirty);

  it.each(Object.entries(refusals))("%s", async (_, { request, error }) => {
    const [before, old] = [await stateOf(), await fingerprintOf(target, signal)];
    await expect(restored(await request())).rejects.toMatchObject(error);
    await connection.command("CONFIG", "SET", "maxmemory", 0);
    expect(await fingerprintOf(target, signal)).toBe(old);
    expect(await stateOf()).toEqual(before);
  });

  it("goes into a server that another one is at work on", async () => {
    const old = await fingerprintOf(target, signal);
    await using journal = await claimed();
    await expect(restored()).rejects.toMatchObject({
      exit: "environment",
      message: expect.stringContaining(`process ${process.pid} on`) as string,
    });
    await journal.write({ state: "rolled back" });
    expect(await fingerprintOf(target, signal)).toBe(old);
  });
});

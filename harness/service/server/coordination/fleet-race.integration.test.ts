// Two provoked races of a fleet: members that poll only when the test says so, and a poll whose answer is held back.
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { systemClock } from "../../../base/clock.ts";
import { embeddedEngines } from "../../../engine/embedded.ts";
import type { Engine } from "../../../engine/engine.ts";
import type { Connection } from "../../../falkordb/client/connection.ts";
import { openAuditLog } from "./audit-log.ts";
import { Database } from "../database.ts";
import { Fleet } from "./fleet.ts";
import { WriteGate } from "./write-gate.ts";

const lease = { leaseMs: 20_000, drainTimeoutMs: 5000 };
const { signal } = new AbortController();

/** A real connection, except that the answer to one command is held back until it is released. */
class HoldingDatabase extends Database {
  #hold: Promise<void> | undefined;

  holdNext(): { release: () => void } {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#hold = promise;
    return { release: resolve };
  }

  override async use<T>(work: (connection: Connection) => Promise<T>): Promise<T> {
    const held = this.#hold;
    this.#hold = undefined;
    const answer = await super.use(work);
    await held;
    return answer;
  }
}

interface Member {
  readonly fleet: Fleet;
  readonly gate: WriteGate;
  readonly database: HoldingDatabase;
}

// A pause waits until the server has been up for as long as a member may be silent: one server for all tests.
let engine: Engine;
let races = 0;
beforeAll(async () => void (engine = await embeddedEngines().start()));
afterAll(() => engine[Symbol.asyncDispose]());

async function setUp(): Promise<{ member: (name: string) => Promise<Member> } & AsyncDisposable> {
  await using stack = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), "falkordrill-fleet-"));
  stack.defer(() => rm(folder, { recursive: true }));
  const name = `race-${(races += 1)}`;
  const member = async (of: string): Promise<Member> => {
    const stateDir = join(folder, of);
    await mkdir(stateDir);
    const audit = owned.use(await openAuditLog(join(stateDir, "audit.jsonl"), systemClock));
    const gate = owned.use(new WriteGate(systemClock, audit));
    const database = owned.use(new HoldingDatabase(engine.endpoint));
    const fleet = new Fleet({ name, stateDir, database, gate, clock: systemClock, aliveMs: 1000 });
    return { fleet, gate, database };
  };
  const owned = stack.move();
  return { member, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

async function given(fleet: Fleet): Promise<string> {
  const paused = await fleet.pause(lease, signal);
  expect(paused).toMatchObject({ ok: true });
  return paused.ok ? paused.value.leaseId : "";
}

test("a poll answered with data from before a pause does not open the gate in the pause", async () => {
  await using setup = await setUp();
  const { fleet, gate, database } = await setup.member("a");
  const { release } = database.holdNext();
  const look = fleet.look();
  const id = await given(fleet);
  release();
  await look;
  expect(gate.writes().state).toBe("paused");
  expect(gate.admit()).toBeUndefined();
  expect(await fleet.resume(id)).toMatchObject({ ok: true });
  expect(gate.admit()).toBeDefined();
});

test("a member that has not seen yet that its pause ended elsewhere may be asked for the next one, and opens after it", async () => {
  await using setup = await setUp();
  const [a, b] = [await setup.member("a"), await setup.member("b")];
  const first = await given(a.fleet);
  expect(await b.fleet.resume(first)).toMatchObject({ ok: true });
  expect(a.gate.writes().state).toBe("paused");
  const second = await given(a.fleet);
  expect(await a.fleet.resume(first)).toMatchObject({ ok: false, conflict: { code: "lease-lost" } });
  expect(await b.fleet.resume(second)).toMatchObject({ ok: true });
  await a.fleet.look();
  expect(a.gate.writes()).toEqual({ state: "open", inFlight: 0 });
});

test("grants one of a pause and a backup requested through two members at once", async () => {
  await using setup = await setUp();
  const [a, b] = [await setup.member("a"), await setup.member("b")];
  for (const { fleet } of [a, b]) await fleet.join(false, new AbortController().signal);
  for (let round = 0; round < 10; round += 1) {
    const id = `backup-${round}`;
    const [paused, begun] = await Promise.all([a.fleet.pause(lease, signal), b.fleet.beginBackup(id)]);
    expect([paused.ok, begun.ok].filter(Boolean)).toHaveLength(1);
    if (paused.ok) await a.fleet.resume(paused.value.leaseId);
    if (begun.ok) await b.fleet.endBackup(id, "succeeded", "stored");
  }
  for (const { fleet } of [a, b]) await fleet.close(true);
});

// Several service processes in front of one real engine: a pause through one of them stops them all.
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { randomMessage } from "../../../../generators/writes/episode-message.ts";
import { waitFor } from "../../../base/wait.ts";
import { embeddedEngines } from "../../../engine/embedded.ts";
import type { Engine } from "../../../engine/engine.ts";
import { adminClient, type AdminClient, LeaseLostError } from "../../admin-client.ts";
import { episodeMessageBody } from "../../messages.ts";
import { type RunningWriters, startWriters } from "../../../workload/writers.ts";
import { adminToken, graphContent, send, setUp, type Setup } from "../testing/graph-service-kit.ts";
import { type GraphService, startGraphService } from "../server.ts";
import { spawnGraphService } from "../spawn.ts";

// A pause waits until the server has been up for as long as a process may be silent: one server for all tests.
let engine: Engine;
let fleet = "";
let fleets = 0;
beforeAll(async () => void (engine = await embeddedEngines().start({ name: "source" })));
afterAll(() => engine[Symbol.asyncDispose]());
beforeEach(() => void (fleet = `fleet-${(fleets += 1)}`));

const lease = { leaseMs: 20_000, drainTimeoutMs: 10_000 };
const clientOf = ({ url }: Pick<GraphService, "url">): AdminClient => adminClient({ url, token: adminToken });

async function another(setup: Setup, name: string): Promise<GraphService> {
  const stateDir = join(setup.folder, name);
  await mkdir(stateDir, { recursive: true });
  return await startGraphService({ database: setup.engine.endpoint, token: adminToken, stateDir, fleet });
}

function write(service: Pick<GraphService, "url">, sequence: number): ReturnType<typeof send> {
  const message = randomMessage({ seed: 1, writer: "one", sequence, groupId: "one" });
  return send(service, "POST", "/messages", episodeMessageBody(message));
}

async function reopened(services: readonly Pick<GraphService, "url">[]): Promise<void> {
  for (const service of services)
    await waitFor(async () => (await clientOf(service).status()).writes.state === "open" || undefined, {
      what: "the gate to open",
      timeoutMs: 30_000,
    });
}

test("a pause through one process stops all; any process can resume; an old lease is invalid", async () => {
  await using setup = await setUp({ fleet }, engine);
  await using second = await another(setup, "second");
  await using third = await another(setup, "third");
  const services = [setup.service, second, third];
  const history = { record: (): void => {} };
  await using stack = new AsyncDisposableStack();
  const groups = ["a", "b", "c"];
  const writers: RunningWriters[] = [];
  for (const [index, service] of services.entries()) {
    const options = { service, writers: 2, seed: index, history, groups: [groups[index] ?? ""] };
    writers.push(stack.use(await startWriters(options)));
  }
  for (let round = 0; round < 3; round += 1) {
    const { id } = await clientOf(services[round] ?? second).pause(lease);
    const contents = async (): Promise<unknown[]> => {
      const all: unknown[] = [];
      for (const group of groups) all.push(await graphContent(setup.connection, group));
      return all;
    };
    const atPause = await contents();
    const refused = await Promise.all(services.map((service) => write(service, 100 + round)));
    expect(refused.map(({ status }) => status)).toEqual([503, 503, 503]);
    expect(await contents()).toEqual(atPause);
    await clientOf(services[(round + 1) % 3] ?? second).resume(id);
    await reopened(services);
    await expect(clientOf(third).resume(id)).rejects.toThrow(LeaseLostError);
    const before = writers.map(({ acked }) => acked);
    await waitFor(() => writers.every(({ acked }, index) => acked > (before[index] ?? 0) + 3) || undefined, {
      what: "writers to go on",
      timeoutMs: 60_000,
    });
  }
  for (const running of writers) expect(await running.stop()).toMatchObject({ failed: 0, unknown: 0 });
});

test("grants one of two pauses requested through two processes at once", async () => {
  await using setup = await setUp({ fleet }, engine);
  await using second = await another(setup, "second");
  const both = await Promise.allSettled([setup.admin.pause(lease), clientOf(second).pause(lease)]);
  expect(both.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
  const refusal = both.find(({ status }) => status === "rejected") as PromiseRejectedResult;
  expect(String(refusal.reason)).toContain("writes are already paused");
  const given = both.find(({ status }) => status === "fulfilled") as PromiseFulfilledResult<{ id: string }>;
  await clientOf(second).resume(given.value.id);
  await reopened([setup.service, second]);
});

test("a lease that runs out opens every process; a process that starts meanwhile starts closed", async () => {
  await using setup = await setUp({ fleet }, engine);
  await using second = await another(setup, "second");
  const { id } = await setup.admin.pause({ leaseMs: 1500, drainTimeoutMs: 5000 });
  await using late = await another(setup, "late");
  expect((await write(late, 0)).status).toBe(503);
  await reopened([setup.service, second, late]);
  await expect(setup.admin.resume(id)).rejects.toThrow(LeaseLostError);
  expect((await write(late, 1)).status).toBe(200);
});

test("names a crashed process and refuses pauses until it is restarted; does not miss one that left", async () => {
  await using setup = await setUp({ fleet }, engine);
  const options = { database: setup.engine.endpoint, token: adminToken, stateDir: join(setup.folder, "dead"), fleet };
  {
    await using doomed = await spawnGraphService(options);
    await doomed.kill();
  }
  await expect(setup.admin.pause(lease)).rejects.toThrow(/process [0-9a-f-]+ crashed.*start it again/);
  expect((await write(setup.service, 0)).status).toBe(200);
  {
    await using again = await spawnGraphService(options);
    await setup.admin.resume((await setup.admin.pause(lease)).id);
    await again.stop();
  }
  await setup.admin.resume((await setup.admin.pause(lease)).id);
});

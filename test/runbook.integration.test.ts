// docs/runbooks/restore.md, followed word by word: each block after the fault that its heading names.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { serverUrl } from "../harness/base/endpoint.ts";
import { packageRoot } from "../harness/base/package.ts";
import { privateFolder } from "../harness/base/process/reaper.ts";
import { embeddedEngines } from "../harness/engine/embedded.ts";
import type { Engine } from "../harness/engine/engine.ts";
import { connect } from "../harness/falkordb/client/connection.ts";
import { spawnGraphService } from "../harness/service/server/spawn.ts";
import { adminToken } from "../harness/service/server/testing/graph-service-kit.ts";
import { fillSource } from "../harness/vault/testing/test-source.ts";
import { fingerprintOf } from "../harness/vault/in-place/in-place-run.ts";
import { type RunbookShell, runbookSections, runbookShell } from "./runbook.ts";

const root = packageRoot();
const resources = new AsyncDisposableStack();
const { signal } = new AbortController();
const bin = join(root, "bin", "falkordrill.js");
const sections = runbookSections("docs/runbooks/restore.md");
let shell: RunbookShell;
const run = (block: string): string => shell.run(block);
let db: Engine;
let lost: Engine;
let good: string;
let folder: string;

beforeAll(async () => {
  folder = resources.use(await privateFolder("runbook")).path;
  db = resources.use(await embeddedEngines().start({ name: "db" }));
  lost = resources.use(await embeddedEngines().start({ name: "new" }));
  await fillSource(db.endpoint);
  good = await fingerprintOf(db, signal);
  const options = { database: db.endpoint, token: adminToken, stateDir: join(folder, "service") };
  const service = resources.use(await spawnGraphService(options));
  writeFileSync(join(folder, "token"), adminToken, { mode: 0o600 });
  shell = runbookShell(folder, [
    ["/backups/graphs", join(folder, "vault")],
    ["redis://db:6379", serverUrl(db.endpoint, { withPassword: true })],
    ["redis://new:6379", serverUrl(lost.endpoint, { withPassword: true })],
    ["http://graph:8000", service.url],
  ]);
  run("falkordrill vault init --vault /backups/graphs");
  run("falkordrill vault backup --vault /backups/graphs --url redis://db:6379");
});
afterAll(() => resources.disposeAsync());

function blocksOf(heading: string): readonly string[] {
  const blocks = sections.get(heading);
  if (blocks === undefined) throw new Error(`the runbook has no heading "${heading}"`);
  return blocks;
}

async function damage(): Promise<string> {
  await using connection = await connect(db.endpoint);
  await connection.query("people", "MATCH (p:Person) WHERE p.id % 2 = 0 DETACH DELETE p");
  return await fingerprintOf(db, signal);
}

/** Kills the restore of the runbook at the step in which it replaces the data; the server refuses writes then. */
async function killedRestore(): Promise<void> {
  const [block = ""] = blocksOf("The server runs, and its data is wrong");
  const args = shell.here(block).trim().split(" ").slice(1);
  const child = spawn(process.execPath, [bin, ...args], { cwd: folder, stdio: ["ignore", "ignore", "pipe"] });
  let said = "";
  child.stderr.on("data", (chunk: Buffer) => {
    said += chunk.toString();
    if (said.includes("\nswap ...")) child.kill("SIGKILL");
  });
  const [, killedBy] = (await once(child, "exit")) as [number | null, string | null];
  expect({ killedBy, said }).toMatchObject({ killedBy: "SIGKILL" });
  await using connection = await connect(db.endpoint);
  await expect(connection.query("people", "CREATE (:Person {id: -1})")).rejects.toThrow(/NOREPLICAS|READONLY|LOADING/);
}

async function mustTakeWrites(): Promise<void> {
  await using connection = await connect(db.endpoint);
  await connection.command("SET", "written", "yes");
}

const faults: Readonly<Record<string, (blocks: readonly string[]) => Promise<void>>> = {
  "First: what can be restored": async (blocks) => {
    blocks.forEach(run);
  },
  "The server runs, and its data is wrong": async (blocks) => {
    await damage();
    blocks.forEach(run);
    expect(await fingerprintOf(db, signal)).toBe(good);
    await mustTakeWrites();
  },
  "The restore was killed": async (blocks) => {
    await damage();
    await killedRestore();
    blocks.forEach(run);
    expect(await fingerprintOf(db, signal)).toBe(good);
    await mustTakeWrites();
  },
  "The restore was killed, and the old data is wanted back": async (blocks) => {
    const old = await damage();
    await killedRestore();
    blocks.forEach(run);
    expect(await fingerprintOf(db, signal)).toBe(old);
    await mustTakeWrites();
  },
  "The server is lost": async (blocks) => {
    blocks.forEach(run);
    expect(await fingerprintOf(lost, signal)).toBe(good);
  },
  "One graph was deleted, the others are right": async (blocks) => {
    await using connection = await connect(db.endpoint);
    await connection.command("GRAPH.DELETE", "people");
    blocks.forEach(run);
    expect((await connection.graphs()).toSorted()).toEqual(["empty", "people", "people-before"]);
    await connection.command("GRAPH.DELETE", "people-before");
    expect(await fingerprintOf(db, signal)).toBe(good);
  },
  "After it": async (blocks) => {
    blocks.forEach(run);
  },
};

it("has a fault for every heading, and a heading for every fault", () => {
  expect([...sections.keys()]).toEqual(Object.keys(faults));
});

it.each(Object.entries(faults))("%s", async (heading, follow) => {
  await expect(follow(blocksOf(heading))).resolves.toBeUndefined();
});

// A restore in place that is killed while it loads, and what its user is told: the server's own settings come back, what it held is
// never shadowed, and every command that is printed works as it is pasted.
import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeEach, expect, it } from "vitest";
import { serverUrl } from "../../base/endpoint.ts";
import { crashingEnvironment } from "../../base/environment.ts";
import { packageRoot } from "../../base/package.ts";
import { type PrivateFolder, privateFolder } from "../../base/process/reaper.ts";
import { embeddedEngines } from "../../engine/embedded.ts";
import type { Engine } from "../../engine/engine.ts";
import { connect, type Connection } from "../../falkordb/client/connection.ts";
import { tlsFiles, tlsProxyOf } from "../../vault/testing/tls-proxy.ts";
import { falkordrill } from "../testing/command-line.ts";

const program = join(packageRoot(), "bin", "falkordrill.js");
const ownAuth = "the target's own";
const root: PrivateFolder = await privateFolder("in-place-cli");
const resources = new AsyncDisposableStack();
let vault = "";
let target: Engine;
let connection: Connection;
let reach: readonly string[] = [];
let count = 0;

afterAll(async () => {
  await resources.disposeAsync();
  await root[Symbol.asyncDispose]();
});

/** A backup of a small graph; then the target holds another one, and a setting of its own. */
beforeEach(async () => {
  vault = join(root.path, String(++count));
  const start = { name: "target", redisConfig: { save: "", appendonly: "no" } };
  target = resources.use(await embeddedEngines().start(start));
  connection = resources.use(await connect(target.endpoint));
  const file = join(root.path, `password-${count}`);
  writeFileSync(file, target.endpoint.password ?? "", { mode: 0o600 });
  reach = [serverUrl(target.endpoint), "--password-file", file];
  await ran("init");
  await connection.query("good", "UNWIND range(1, 50) AS i CREATE (:Good {id: i})");
  await ran("backup", "--url", ...reach);
  await connection.command("FLUSHALL");
  await connection.query("mine", "CREATE (:Mine {id: 1})");
  await connection.command("CONFIG", "SET", "masterauth", ownAuth);
});

async function ran(...words: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await falkordrill(["vault", ...words, "--vault", vault]);
  expect([code, stderr]).toEqual([0, stderr]);
  return stdout + stderr;
}

const restore = (): readonly string[] => ["restore", "--in-place", "--yes", "--refuse-writes", "--to", ...reach];

/** Runs it as a process of its own, which is killed at this point. */
async function killedAt(point: string): Promise<void> {
  const words = [program, "vault", ...restore(), "--vault", vault];
  const env = crashingEnvironment(`kill ${point}`, root.path);
  await expect(promisify(execFile)(process.execPath, words, { env })).rejects.toMatchObject({ signal: "SIGKILL" });
}

/** Runs a printed command, while this process goes on with its proxies. */
async function pasted(command: string): Promise<string> {
  const { stdout, stderr } = await promisify(execFile)("/bin/sh", ["-c", command]);
  return stdout + stderr;
}

async function masterauth(): Promise<string | undefined> {
  return ((await connection.command("CONFIG", "GET", "masterauth")) as string[])[1];
}

/** The commands that end a restore which did not end, as `vault list` prints them for a shell. */
async function listed(): Promise<readonly string[]> {
  const words = [program, "vault", "list", "--vault", vault];
  const { stdout } = await promisify(execFile)(process.execPath, words);
  return [...stdout.matchAll(/node \S*falkordrill\.js vault restore .*?(?=;|\n|\.$| \(|$)/gm)].map(
    ([command]) => command,
  );
}

it.each(["target/attached", "target/indexed"])(
  "killed at %s, either of the commands that `vault list` prints ends it, and the server has its own masterauth again",
  async (point) => {
    await killedAt(point);
    expect(await masterauth()).toMatch(/^falkordrill-in-place:/);
    expect(await masterauth()).not.toContain(ownAuth);
    const commands = await listed();
    expect(commands).toHaveLength(2);
    const [again = "", back = ""] = commands;
    const isBack = point === "target/attached";
    await pasted(isBack ? back : again);
    expect(await connection.graphs()).toEqual([isBack ? "mine" : "good"]);
    expect(await masterauth()).toBe(ownAuth);
  },
);

it("over TLS with a client certificate, the printed commands work as they are pasted, and say nothing secret", async () => {
  await using proxy = await tlsProxyOf(target);
  const { ca, cert, key } = tlsFiles;
  const flags = [
    "--tls-ca",
    ca,
    "--tls-cert",
    cert,
    "--tls-key",
    key,
    "--tls-server-name",
    "db.example",
    "--trust-way-back",
  ];
  reach = [`rediss://127.0.0.1:${proxy.port}`, ...reach.slice(1), ...flags];
  await killedAt("target/indexed");
  const [, back = ""] = await listed();
  expect(back).not.toContain(target.endpoint.password);
  await pasted(back);
  expect(await connection.graphs()).toEqual(["mine"]);
  expect(await masterauth()).toBe(ownAuth);
});

/** Kills a restore; the server is restarted, and holds what its replication left on its disk, or nothing. */
async function killedAndRestarted(holds: "the backup" | "nothing"): Promise<void> {
  await killedAt("target/indexed");
  await target.restart();
  connection = resources.use(await connect(target.endpoint));
  if (holds === "nothing") await connection.command("FLUSHALL");
  expect(await connection.graphs()).toEqual(holds === "nothing" ? [] : ["good"]);
}

const earlier = /What it held before that is backup (\S+); to have that back/;

it("a server restarted without data after a kill: what it held stays what a failure would bring back", async () => {
  await killedAndRestarted("nothing");
  const said = await ran(...restore());
  const safety = earlier.exec(said)?.[1] ?? "";
  expect(said).toContain(`is empty, so the backup ${safety} stays what a failure would bring back`);
  expect(said).toContain(`what was there before is the backup ${safety}, which is pinned`);
  expect(await connection.graphs()).toEqual(["good"]);
  await ran("restore", safety, ...restore().slice(1));
  expect(await connection.graphs()).toEqual(["mine"]);
});

it("a server restarted with half of a restore: what it held is named, and comes back after another failure", async () => {
  await killedAndRestarted("the backup");
  const failed = await falkordrill(["vault", ...restore(), "20200101T000000Z-00000000", "--vault", vault]);
  expect([failed.code, await connection.graphs()]).toEqual([2, ["good"]]);
  await connection.command("CONFIG", "SET", "maxmemory", 1_000_000);
  const refused = await falkordrill(["vault", ...restore(), "--vault", vault]);
  const safety = earlier.exec(refused.stderr)?.[1] ?? "";
  expect(refused.stderr).toMatch(
    new RegExp(`was not touched; what it held before .* is backup ${safety}, and comes back by: `),
  );
  await connection.command("CONFIG", "SET", "maxmemory", 0);
  const said = await ran(...restore());
  expect(said).toMatch(new RegExp(`what the server held before .* is the backup ${safety}, which is pinned`));
  expect(/what was there before is the backup (\S+),/.exec(said)?.[1]).not.toBe(safety);
});

it("a server restarted after a kill is rolled back to what it held before, once that is confirmed", async () => {
  await killedAndRestarted("the backup");
  const words = restore().filter((word) => word !== "--yes" && word !== "--refuse-writes");
  expect((await falkordrill(["vault", ...words, "--roll-back", "--vault", vault])).stderr).toContain("--yes");
  await ran(...words, "--roll-back", "--yes");
  expect(await connection.graphs()).toEqual(["mine"]);
});

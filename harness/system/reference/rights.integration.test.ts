// The rights that README asks for are enough, and each of them is needed: without it the error names it.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, afterAll, expect, test } from "vitest";
import { parseServerUrl } from "../../base/endpoint.ts";
import { packageRoot } from "../../base/package.ts";
import { silentProgress } from "../../base/progress.ts";
import { embeddedEngines } from "../../engine/embedded.ts";
import type { Engine } from "../../engine/engine.ts";
import { serverOf } from "../../engine/server-at.ts";
import { connect } from "../../falkordb/connection.ts";
import { backUp, type BackupContext } from "./backup.ts";
import { backUpIncrement } from "./increment.ts";
import { restore } from "./restore.ts";
import { listBackupIds } from "./vault.ts";
import { testSource, type TestSource } from "./test-source.ts";

const readme = readFileSync(join(packageRoot(), "README.md"), "utf8");
const rightsOf = (user: string): string[] =>
  (new RegExp(`^ACL SETUSER ${user} .*$`, "m").exec(readme)?.[0] ?? "").match(/\+[a-z|._]+/g) ?? [];
/** Asked for only where an increment holds so many changes that indexes are taken away while it is applied. */
const withManyChanges: ReadonlySet<string> = new Set(["+graph.query", "+exists"]);
const signal = new AbortController().signal;
const request = { coordinator: undefined, progress: silentProgress, signal };

let source: TestSource;
let target: Engine;
let context: BackupContext;

beforeAll(async () => {
  source = await testSource({ moduleArgs: { EFFECTS_THRESHOLD: "0" } });
  target = await embeddedEngines().start({ name: "target" });
  context = await source.newVault();
  await source.connection.command("SELECT", 3);
  await source.connection.query("elsewhere", "CREATE (:Thing {a: 1})");
  await source.connection.command("SELECT", 0);
});

afterAll(async () => {
  await source[Symbol.asyncDispose]();
  await target[Symbol.asyncDispose]();
});

/** The server as a user sees it who has these rights and no others. */
async function as(user: string, engine: Engine, rights: readonly string[]): Promise<Engine> {
  await using admin = await connect(engine.endpoint);
  await admin.command("ACL", "SETUSER", user, "reset", "on", ">se:same/", "~*", "&*", "-@all", ...rights);
  return serverOf(
    parseServerUrl(`redis://${user}:${encodeURIComponent("se:same/")}@127.0.0.1:${engine.endpoint.port}`),
  );
}

async function empty(engine: Engine): Promise<void> {
  await using admin = await connect(engine.endpoint);
  await admin.command("REPLICAOF", "NO", "ONE");
  await admin.command("FLUSHALL");
  await admin.command("CONFIG", "SET", "masterauth", "");
}

/** Undefined when it works, else what was said. */
async function refusal(work: () => Promise<unknown>): Promise<string | undefined> {
  try {
    await work();
    return undefined;
  } catch (error) {
    return error instanceof Error ? `${error.message} ${"hint" in error ? String(error.hint) : ""}` : String(error);
  }
}

/** What is wrong with the list of rights. */
async function unneeded(
  rights: readonly string[],
  work: (rights: readonly string[]) => Promise<unknown>,
): Promise<string[]> {
  const whole = await refusal(() => work(rights));
  if (whole !== undefined) return [`all of them: ${whole}`];
  const silent: string[] = [];
  for (const right of rights.filter((name) => !withManyChanges.has(name))) {
    const said = await refusal(() => work(rights.filter((other) => other !== right)));
    if (said?.toLowerCase().includes(right.slice(1)) !== true) silent.push(`${right}: ${said ?? "works without it"}`);
  }
  return silent;
}

test("a backup and an increment need the rights of `backup`", async () => {
  const wrong = await unneeded(rightsOf("backup"), async (rights) => {
    await backUp(context, { ...request, source: await as("backup", source.source, rights) });
  });
  expect(wrong).toEqual([]);
  await source.connection.query("people", "CREATE (:Person {id: 9000})");
  const user = await as("backup", source.source, rightsOf("backup"));
  await backUp(context, { ...request, source: user });
  await source.connection.query("people", "UNWIND range(1, 20000) AS i CREATE (:Person {id: 10000 + i, name: 'late'})");
  await backUpIncrement(context, { ...request, source: user }, { noFull: true });
});

test("a restore needs the rights of `restore`", async () => {
  const point = (await listBackupIds(context.store)).at(-1) ?? "";
  const wrong = await unneeded(rightsOf("restore"), async (rights) => {
    const user = await as("restore", target, rights);
    try {
      await restore(context, {
        point,
        at: "latest",
        way: "wire",
        engines: embeddedEngines(),
        target: user,
        progress: silentProgress,
        signal,
      });
    } finally {
      await empty(target);
    }
  });
  expect(wrong).toEqual([]);
});

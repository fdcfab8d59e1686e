// The rights that docs/guides/least-rights.md asks for are enough, and each is needed: without it the error names it before
// anything is read or changed.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, afterAll, expect, test } from "vitest";
import { parseServerUrl } from "../../base/endpoint.ts";
import { packageRoot } from "../../base/package.ts";
import { silentProgress } from "../../base/progress.ts";
import { embeddedEngines } from "../../engine/embedded.ts";
import type { Engine } from "../../engine/engine.ts";
import { serverOf } from "../../engine/server-at.ts";
import { connect } from "../../falkordb/client/connection.ts";
import { ReferenceArchiver } from "../archive/archiver.ts";
import { createBackup, type BackupContext } from "./backup.ts";
import { backUpIncrement } from "../archive/increment.ts";
import { restoreInPlace } from "../in-place/restore-in-place.ts";
import { restoreLogically } from "../logical/restore-logical.ts";
import { restoreBackup } from "../restore/restore.ts";
import { listBackupIds } from "../store/vault.ts";
import { testSource, type TestSource } from "../testing/test-source.ts";

const guide = readFileSync(join(packageRoot(), "docs", "guides", "least-rights.md"), "utf8");
const rightsOf = (user: string): string[] =>
  (new RegExp(`^ACL SETUSER ${user} .*$`, "m").exec(guide)?.[0] ?? "").match(/\+[a-z|._]+/g) ?? [];
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

/** A connection to the server with a user who has these rights and no others. */
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

/** The error message; undefined when it works. */
async function refusal(work: () => Promise<unknown>): Promise<string | undefined> {
  try {
    await work();
    return undefined;
  } catch (error) {
    return error instanceof Error ? `${error.message} ${"hint" in error ? String(error.hint) : ""}` : String(error);
  }
}

/** The problems of the list of rights. */
async function unneeded(
  rights: readonly string[],
  work: (rights: readonly string[]) => Promise<unknown>,
  asked: readonly string[] = rights,
): Promise<string[]> {
  const whole = await refusal(() => work(rights));
  if (whole !== undefined) return [`all of them: ${whole}`];
  const silent: string[] = [];
  for (const right of asked) {
    const said = await refusal(() => work(rights.filter((other) => other !== right)));
    if (said?.toLowerCase().includes(right.slice(1)) !== true) silent.push(`${right}: ${said ?? "works without it"}`);
  }
  return silent;
}

test("a backup needs the rights of `backup`, and an increment those of `archive`", async () => {
  const wrong = await unneeded(rightsOf("backup"), async (rights) => {
    await createBackup(context, { ...request, source: await as("backup", source.source, rights) });
  });
  expect(wrong).toEqual([]);
  await source.connection.query("people", "CREATE (:Person {id: 9000})");
  const user = await as("archive", source.source, rightsOf("archive"));
  await createBackup(context, { ...request, source: user });
  // A restore waits until it is in force, which is what it needs +exists for.
  const mandatory = ["MANDATORY", "NODE", "Person", "PROPERTIES", 1, "id"] as const;
  await source.connection.command("GRAPH.CONSTRAINT", "CREATE", "people", ...mandatory);
  await backUpIncrement(context, { ...request, source: user }, { noFull: true });
});

test("an archive needs the rights of `archive`", async () => {
  // The rights that it shares with a backup are tested above.
  const shared = new Set(rightsOf("backup"));
  const more = rightsOf("archive").filter((right) => !shared.has(right));
  expect(more).toEqual(["+select", "+graph.ro_query"]);
  const wrong = await unneeded(
    rightsOf("archive"),
    async (rights) => {
      const user = await as("archive", source.source, rights);
      const archiver = await ReferenceArchiver.start(await source.newVault(), {
        ...request,
        source: user,
        segmentBytes: 2 ** 20,
        segmentAgeMs: 60_000,
      });
      await source.connection.query("people", "CREATE (:Person {id: 8000})");
      await archiver.flush();
      await archiver.stop();
    },
    more,
  );
  expect(wrong).toEqual([]);
});

test("a restore needs the rights of `restore`", async () => {
  const point = (await listBackupIds(context.store)).at(-1) ?? "";
  const restored = async (rights: readonly string[]): Promise<void> => {
    const user = await as("restore", target, rights);
    const steps: string[] = [];
    try {
      await restoreBackup(context, {
        point,
        at: "latest",
        way: "wire",
        engines: embeddedEngines(),
        target: user,
        progress: { ...silentProgress, step: (name) => void steps.push(name) },
        signal,
      });
    } catch (error) {
      throw steps.includes("load") ? new Error("it had begun to load", { cause: error }) : error;
    } finally {
      await empty(target);
    }
  };
  const wrong = await unneeded(rightsOf("restore"), restored);
  expect(wrong).toEqual([]);
  // Each of these is asked for once beforehand, so what is run more often is used. GRAPH.QUERY repairs indexes.
  await using admin = await connect(target.endpoint);
  await admin.command("CONFIG", "RESETSTAT");
  expect(await refusal(() => restored(rightsOf("restore")))).toBeUndefined();
  const stats = await admin.info("commandstats");
  const calls = (name: string): number => Number(/calls=(\d+)/.exec(stats[`cmdstat_${name}`] ?? "")?.[1]);
  const used = ["exists", "scan", "select", "graph.RO_QUERY", "client|info"];
  expect(used.filter((name) => !(calls(name) > 1))).toEqual([]);
});

test("a restore in place needs the rights of `in-place`, and one that lacks is named before writes are refused", async () => {
  const [point = ""] = await listBackupIds(context.store);
  const steps: string[] = [];
  const restored = async (rights: readonly string[]): Promise<void> => {
    steps.length = 0;
    const user = await as("in-place", target, rights);
    await restoreInPlace(context, {
      point,
      target: user,
      engines: embeddedEngines(),
      progress: silentProgress,
      signal,
      confirmed: true,
      refuseWrites: true,
      passed: (step) => void steps.push(step),
    });
  };
  const rights = rightsOf("in-place");
  expect(await refusal(() => restored(rights))).toBeUndefined();
  expect(steps.at(-1)).toBe("resume");
  const late: string[] = [];
  for (const right of rights) {
    const said = await refusal(() => restored(rights.filter((other) => other !== right)));
    if (steps.length > 0 || said?.toLowerCase().includes(right.slice(1)) !== true)
      late.push(`${right}: ${said ?? "works without it"} after ${steps.join(", ")}`);
  }
  expect(late).toEqual([]);
  await empty(target);
});

test("a logical restore needs the rights of `logical`, and one that lacks is named before anything is written", async () => {
  const [point = ""] = await listBackupIds(context.store);
  const steps: string[] = [];
  const progress = { ...silentProgress, step: (name: string) => void steps.push(name) };
  const restored = async (rights: readonly string[]): Promise<void> => {
    steps.length = 0;
    const user = await as("logical", target, rights);
    try {
      await restoreLogically(context, { point, target: user, progress, signal });
    } catch (error) {
      throw steps.includes("load nodes") ? new Error("it had begun to load", { cause: error }) : error;
    }
  };
  await empty(target);
  await using admin = await connect(target.endpoint);
  await admin.command("CONFIG", "SET", "repl-diskless-sync-delay", "0");
  // Without a right it does not even come to what the first one, with all of them, has left there.
  expect(await unneeded(rightsOf("logical"), restored)).toEqual([]);
});

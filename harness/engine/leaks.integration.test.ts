// Kills a harness in every way, and checks that it left nothing.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { basename, dirname } from "node:path";
import { createInterface } from "node:readline";
import { describe, expect, test } from "vitest";
import { isNightly } from "../base/testing/nightly.ts";
import { environment } from "../base/environment.ts";
import { waitFor } from "../base/wait.ts";
import { containerEngines } from "./container/container.ts";
import type { EngineKind } from "./engine.ts";
import { runCommand } from "../base/process/run-command.ts";

interface Leftovers {
  /** Pid of the engine's server; 1 in a container. */
  readonly pid: number;
  readonly dataDir: string;
  readonly child: number;
  readonly folder: string;
}

/** Program of a small harness: it starts an engine, makes a folder, starts a child process, reports them and waits. */
function harnessProgram(kind: EngineKind): string {
  const from = (path: string): string => JSON.stringify(new URL(path, import.meta.url).href);
  return `
    import { spawn } from "node:child_process";
    import { engineProvider } from ${from("./engines.ts")};
    import { privateFolder, reaper } from ${from("../base/process/reaper.ts")};
    import { connect } from ${from("../falkordb/client/connection.ts")};
    const engine = await engineProvider("${kind}").start({ name: "leak" });
    const connection = await connect(engine.endpoint);
    const pid = Number((await connection.info("server")).process_id);
    connection.close();
    const child = spawn("sleep", ["600"], { detached: true, stdio: "ignore" });
    reaper.process(child.pid);
    const folder = await privateFolder("leak");
    console.log(JSON.stringify({ pid, dataDir: engine.dataDir, child: child.pid, folder: folder.path }));
    if (process.argv.includes("dispose")) {
      child.kill();
      await folder[Symbol.asyncDispose]();
      await engine[Symbol.asyncDispose]();
    } else {
      setInterval(() => {}, 1000);
    }
  `;
}

async function runHarness(kind: EngineKind, end: NodeJS.Signals | "dispose"): Promise<Leftovers> {
  const args = ["--input-type=module", "--eval", harnessProgram(kind), end];
  const harness = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  const exit = once(harness, "exit");
  const [line] = (await once(createInterface(harness.stdout), "line")) as [string];
  if (end !== "dispose") harness.kill(end);
  await exit;
  return JSON.parse(line) as Leftovers;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function containersOf(dataDir: string): Promise<string> {
  const filter = `label=falkordrill.engine=${basename(dirname(dataDir))}`;
  const listed = await runCommand("docker", ["ps", "--all", "--quiet", "--filter", filter], { timeoutMs: 20_000 });
  return listed.status === 0 ? listed.stdout.trim() : `docker ps failed: ${listed.stderr}`;
}

/** What still exists after the reaper had time to clean up. */
async function leftBy(left: Leftovers, kind: EngineKind): Promise<string[]> {
  const look = async (): Promise<string[]> => [
    ...(kind === "embedded" && isAlive(left.pid) ? [`server ${left.pid}`] : []),
    ...(isAlive(left.child) ? [`child ${left.child}`] : []),
    ...[left.folder, dirname(left.dataDir)].filter((path) => existsSync(path)),
    ...(kind === "container" ? [await containersOf(left.dataDir)].filter((ids) => ids !== "") : []),
  ];
  await waitFor(async () => ((await look()).length === 0 ? true : undefined), {
    what: "the reaper to have removed everything",
    timeoutMs: 15_000,
    intervalMs: 50,
  }).catch(() => {});
  return await look();
}

// SIGTERM and SIGHUP are heard by the code that hears SIGINT.
const ends = (["SIGINT", "SIGTERM", "SIGHUP", "SIGKILL", "dispose"] as const).filter(
  (end) => isNightly || (end !== "SIGTERM" && end !== "SIGHUP"),
);

describe("a harness with an embedded engine leaves nothing", () => {
  test.concurrent.each(ends)("after %s", async (end) => {
    expect(await leftBy(await runHarness("embedded", end), "embedded")).toEqual([]);
  });
});

const noContainers = isNightly ? await containerEngines().unavailable() : undefined;
// What ends a harness is the same code for every engine, so that containers are left to the night.
const isSkipped = !isNightly || (noContainers !== undefined && !environment().requireContainers);

describe.skipIf(isSkipped)(
  `a harness with a container leaves nothing${isSkipped ? `, skipped: ${noContainers ?? "nightly"}` : ""}`,
  () => {
    test.each(["SIGKILL", "dispose"] as const)("after %s", async (end) => {
      expect(await leftBy(await runHarness("container", end), "container")).toEqual([]);
    });
  },
);

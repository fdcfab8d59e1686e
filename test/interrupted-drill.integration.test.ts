// A drill that is interrupted in the middle, by Ctrl-C or by kill -9: it ends, and leaves nothing on the machine.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { packageRoot } from "../harness/base/package.ts";
import { waitFor } from "../harness/base/wait.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "falkordrill-interrupted-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Processes of this machine that have the folder in their command line or in their environment, as its temporary one. */
function processesIn(path: string): string[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => readQuietly(`/proc/${pid}/cmdline`) + readQuietly(`/proc/${pid}/environ`))
    .filter((text) => text.includes(path));
}

function readQuietly(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    // It ended between the listing and the look, or is not there yet.
    return "";
  }
}

function startDrill(): { pid: number; said: () => string; ended: Promise<number | null> } {
  const bin = join(packageRoot(), "bin", "falkordrill.js");
  const args = [bin, "run", "cycle/full", "--nodes", "500", "--dims", "4", "--out", join(folder, "run")];
  // env(1) becomes the drill itself: everything inherited but for the temporary folder, and the same process id.
  const child = spawn("env", [`TMPDIR=${folder}`, process.execPath, ...args], { stdio: ["ignore", "ignore", "pipe"] });
  let text = "";
  child.stderr.on("data", (chunk: Buffer) => (text += chunk.toString()));
  const ended = new Promise<number | null>((resolve) => child.once("close", (code) => resolve(code)));
  return { pid: child.pid ?? 0, said: () => text, ended };
}

describe("an interrupted drill", () => {
  const ends = [
    [["SIGINT"], "at work", 130],
    // Its service is about to make what the reaper is about to remove.
    [["SIGINT", "SIGINT"], "starting its service", 130],
    [["SIGKILL"], "at work", null],
  ] as const;
  it.each(ends)("leaves nothing behind after %j while %s", async ([signal, again], moment, code) => {
    const drill = startDrill();
    const hasService = (): boolean => readdirSync(folder).some((name) => name.startsWith("falkordrill-graph-service"));
    const hasWritten = (): boolean => readQuietly(join(folder, "run", "history.jsonl")) !== "";
    const isThere = (): boolean => (moment === "at work" ? hasWritten() : hasService());
    await waitFor(() => isThere() || undefined, {
      what: `the drill to be ${moment}`,
      timeoutMs: 60_000,
      intervalMs: 5,
    });
    expect(processesIn(folder).length).toBeGreaterThan(0);
    process.kill(drill.pid, signal);
    if (again !== undefined) {
      const isHeard = (): true | undefined => drill.said().includes("again to leave at once") || undefined;
      await waitFor(isHeard, { what: "the first signal to be heard", timeoutMs: 20_000 });
      process.kill(drill.pid, again);
    }
    expect(await drill.ended).toBe(code);
    await waitFor(() => processesIn(folder).length === 0 || undefined, {
      what: "its processes to go",
      timeoutMs: 20_000,
    });
    expect(readdirSync(folder).filter((name) => name !== "run")).toEqual([]);
  });
});

it("ends by itself though something still holds the process", async () => {
  const held = "data:text/javascript,setInterval(()=>{},1000)";
  const child = spawn(process.execPath, ["--import", held, join(packageRoot(), "bin", "falkordrill.js"), "--version"]);
  try {
    const [code] = (await once(child, "close", { signal: AbortSignal.timeout(60_000) })) as [number | null];
    expect(code).toBe(0);
  } finally {
    child.kill("SIGKILL");
  }
});

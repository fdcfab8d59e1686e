// A drill that is interrupted in the middle, by Ctrl-C or by kill -9: it ends, and nothing of it is left on the machine.
import { spawn } from "node:child_process";
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

/** Processes of this machine whose command line or working folder is in `folder`. */
function processesIn(path: string): string[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => readQuietly(`/proc/${pid}/cmdline`).replaceAll("\0", " "))
    .filter((command) => command.includes(path));
}

function readQuietly(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    // It ended between the listing and the look.
    return "";
  }
}

function startDrill(): { pid: number; said: () => string; ended: Promise<number | null> } {
  const bin = join(packageRoot(), "bin", "falkordrill.js");
  const args = [bin, "run", "cycle/full", "--nodes", "3000", "--dims", "8", "--out", join(folder, "run")];
  // env(1) becomes the drill itself: everything inherited but for the temporary folder, and the same process id.
  const child = spawn("env", [`TMPDIR=${folder}`, process.execPath, ...args], { stdio: ["ignore", "ignore", "pipe"] });
  let text = "";
  child.stderr.on("data", (chunk: Buffer) => (text += chunk.toString()));
  const ended = new Promise<number | null>((resolve) => child.once("close", (code) => resolve(code)));
  return { pid: child.pid ?? 0, said: () => text, ended };
}

describe("an interrupted drill", () => {
  it.each([
    [["SIGINT"], 130],
    [["SIGINT", "SIGINT"], 130],
    [["SIGKILL"], null],
  ] as const)("leaves nothing behind after %j", async ([signal, again], code) => {
    const drill = startDrill();
    await waitFor(() => drill.said().includes("work:") || undefined, { what: "the drill to work", timeoutMs: 60_000 });
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
    const left = (): string[] => readdirSync(folder).filter((name) => name !== "run");
    await waitFor(() => left().length === 0 || undefined, { what: "its folders to go", timeoutMs: 20_000 });
  });
});

import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { foreignEnvironment } from "../../base/environment.ts";
import { OutputTail } from "./output-tail.ts";
import { type ProgramResult, runProgram } from "./run-program.ts";

async function run(line: string, timeoutMs = 60_000, signal = new AbortController().signal): Promise<ProgramResult> {
  return await runProgram({ line, cwd: "/tmp", env: { ...foreignEnvironment(), TEAM: "ours" }, timeoutMs, signal });
}

describe("a program of a team", () => {
  it("runs in a shell as it is written, with its environment, and its status and output are the result", async () => {
    const result = await run(`echo "$TEAM's" | cat; echo no >&2; exit 3`);
    expect(result).toMatchObject({ status: 3, stdout: "ours's\n", timedOut: false, leftovers: [] });
    expect(result.output).toContain("no\n");
  });

  it("has no terminal and nothing to read, so a question ends it", async () => {
    expect(await run("read answer")).toMatchObject({ status: 1 });
    expect((await run("read answer </dev/tty")).status).not.toBe(0);
  });

  it("keeps only the end of a flood of output", async () => {
    const { stdout, outputBytes } = await run("head -c 20000000 /dev/zero | tr '\\0' x; echo end");
    expect(outputBytes).toBe(20_000_004);
    expect(stdout).toHaveLength(OutputTail.bytesMax);
    expect(stdout).toMatch(/xend\n$/);
  });

  it("is ended at its deadline, also if it ignores SIGTERM", async () => {
    expect(await run("trap '' TERM; echo begun; while :; do sleep 1; done", 300)).toMatchObject({
      status: undefined,
      timedOut: true,
      stdout: "begun\n",
    });
  });

  it("leaves no daemon behind: a session of its own and a cleared environment change nothing", async () => {
    const { status, leftovers } = await run("setsid sleep 301 & env -i sleep 0.1 & exit 0");
    expect(status).toBe(0);
    // By the name of the shell that starts it, if that is seen before the daemon is.
    expect(leftovers.length).toBeGreaterThan(0);
    // One that has ended and was not yet collected has no environment any more.
    for (const { pid } of leftovers) expect(await readFile(`/proc/${pid}/environ`, "utf8").catch(() => "")).toBe("");
  });

  it("leaves no daemon behind that has a session of its own, a cleared environment and closed files at once", async () => {
    const daemon = "env -i /usr/bin/setsid /bin/sleep 303 </dev/null >/dev/null 2>&1 3>&- & sleep 0.2";
    const { leftovers } = await run(daemon);
    expect(leftovers.map(({ name }) => name)).toContain("sleep");
    for (const { pid } of leftovers) expect(await readFile(`/proc/${pid}/environ`, "utf8").catch(() => "")).toBe("");
  });

  it("is ended with the drill, whose reason is thrown", async () => {
    const controller = new AbortController();
    const running = run("sleep 300", 60_000, controller.signal);
    controller.abort(new Error("the drill was interrupted"));
    await expect(running).rejects.toThrow("the drill was interrupted");
  });

  it("that does not exist is a failure of the shell", async () => {
    const { status, output } = await run("./not-there.sh");
    expect(status).toBe(127);
    expect(output).toContain("not-there.sh");
  });
});

// A process in the place of a command, which a fault acts upon.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { extname, join } from "node:path";
import { privateFolder } from "../../base/process/reaper.ts";
import type { FaultProcess } from "../fault.ts";

const program = join(import.meta.dirname, `stub-program${extname(import.meta.filename)}`);

/** What the process says about its work. */
export interface Said {
  readonly code: string;
  readonly ms: number;
  readonly jumpedMs: number;
}

export interface StubCommand extends FaultProcess, AsyncDisposable {
  /** Starts it, and resolves with what it says. */
  start(): Promise<Said>;
  /** Ends it. */
  end(): Promise<void>;
}

export async function stubCommand(): Promise<StubCommand> {
  const folder = await privateFolder("stub");
  const nodeFlags: string[] = [];
  let child: ChildProcess | undefined;
  let stderr = "";
  const end = async (): Promise<void> => {
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    child.stdin?.end();
    await once(child, "exit");
  };
  return {
    name: "stub",
    nodeFlags,
    pid: () => child?.pid,
    stderr: () => stderr,
    end,
    start: async () => {
      const words = [...nodeFlags, program, folder.path];
      child = spawn(process.execPath, words, { stdio: ["pipe", "pipe", "pipe"] });
      child.stderr?.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
      const [line] = (await once(child.stdout ?? child, "data")) as [Buffer];
      return JSON.parse(line.toString()) as Said;
    },
    [Symbol.asyncDispose]: async () => {
      child?.kill("SIGKILL");
      await end();
      await folder[Symbol.asyncDispose]();
    },
  };
}

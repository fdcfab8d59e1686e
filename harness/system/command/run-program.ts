// Runs one of a team's programs through zx: without a terminal, in a session of its own, with a deadline, and with
// bounded output. Whatever it leaves running is ended.
import { $ } from "zx/core";
import { systemClock } from "../../base/clock.ts";
import { environmentError, errorMessage } from "../../base/errors.ts";
import { reaper } from "../../base/process/reaper.ts";
import { endLeftovers, type Leftover, markingLine, newCallMark } from "./leftovers.ts";
import { OutputTail } from "./output-tail.ts";

export interface ProgramCall {
  /** Shell command line. */
  readonly line: string;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

export interface ProgramResult {
  /** Exit status; undefined if it was ended by a signal. */
  readonly status: number | undefined;
  /** The end of what it wrote to each, and of both together. */
  readonly stdout: string;
  readonly stderr: string;
  readonly output: string;
  /** Number of bytes that it wrote. */
  readonly outputBytes: number;
  readonly ms: number;
  readonly timedOut: boolean;
  /** Processes that it left running, which were ended. */
  readonly leftovers: readonly Leftover[];
}

/** Time in milliseconds from SIGTERM to SIGKILL, when the deadline is reached. */
const graceMs = 2000;
/** Time in milliseconds for the last output; a daemon without the mark may hold it open. */
const drainMs = 2000;
const markName = "FALKORDRILL_CALL";

/** Rejects with the reason of `signal`, or if the program cannot be started; every end of it is a result. */
export async function runProgram({ line, cwd, env, timeoutMs, signal }: ProgramCall): Promise<ProgramResult> {
  signal.throwIfAborted();
  const mark = newCallMark();
  const store = { stdout: new OutputTail(), stderr: new OutputTail(), stdall: new OutputTail() };
  const startedMs = systemClock.monotonicMs();
  const options = {
    store,
    cwd,
    env: { ...env, [markName]: mark },
    shell: "/bin/sh",
    prefix: "",
    postfix: "",
  } as const;
  // Detached: a session of its own has no terminal, and its process group can be signalled as a whole.
  const running = $({
    ...options,
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
    nothrow: true,
    quiet: true,
  })(asTemplate(`${markingLine(mark)}\n${line}`));
  const { child } = running;
  if (child?.pid === undefined) {
    const { cause } = await running;
    throw environmentError(`no program can be started in ${cwd}: ${errorMessage(cause)}`);
  }
  using _registration = reaper.process(child.pid);
  using _call = reaper.call(mark);
  const { pid } = child;
  let timedOut = false;
  const stop = (): void => {
    signalGroup(pid, "SIGTERM");
    killTimer ??= setTimeout(() => signalGroup(pid, "SIGKILL"), graceMs);
  };
  let killTimer: NodeJS.Timeout | undefined;
  let drainTimer: NodeJS.Timeout | undefined;
  const timer = setTimeout(() => {
    timedOut = true;
    stop();
  }, timeoutMs);
  signal.addEventListener("abort", stop, { once: true });
  try {
    await new Promise<void>((resolve) => {
      child.once("exit", () => resolve());
      if (child.exitCode !== null || child.signalCode !== null) resolve();
    });
    const ms = systemClock.monotonicMs() - startedMs;
    // A daemon that holds the program's output open would keep zx waiting.
    const leftovers = await endLeftovers({ mark, group: pid });
    if (process.platform !== "linux") signalGroup(pid, "SIGKILL");
    drainTimer = setTimeout(() => [child.stdout, child.stderr].forEach((stream) => stream?.destroy()), drainMs);
    const output = await running;
    signal.throwIfAborted();
    return ended(output, { store, ms, timedOut, leftovers });
  } finally {
    signal.removeEventListener("abort", stop);
    clearTimeout(timer);
    clearTimeout(killTimer);
    clearTimeout(drainTimer);
  }
}

function ended(
  { exitCode, signal }: { readonly exitCode: number | null; readonly signal: string | null },
  {
    store,
    ...rest
  }: Pick<ProgramResult, "ms" | "timedOut" | "leftovers"> & {
    readonly store: Readonly<Record<"stdout" | "stderr" | "stdall", OutputTail>>;
  },
): ProgramResult {
  return {
    status: signal === null ? (exitCode ?? undefined) : undefined,
    stdout: store.stdout.text(),
    stderr: store.stderr.text(),
    output: store.stdall.text(),
    outputBytes: store.stdall.total,
    ...rest,
  };
}

/** The line goes to the shell as it is: zx quotes only what is put into a template. */
function asTemplate(line: string): TemplateStringsArray {
  return Object.assign([line], { raw: [line] });
}

function signalGroup(pid: number, name: "SIGTERM" | "SIGKILL"): void {
  try {
    process.kill(-pid, name);
  } catch {
    // It has already ended.
  }
}

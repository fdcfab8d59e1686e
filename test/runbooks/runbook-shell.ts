// A shell that knows nothing but `falkordrill`, in which the blocks of a runbook run as they are written, with the places of a
// test in the stead of those of the runbook.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { systemClock } from "../../harness/base/clock.ts";
import { environment } from "../../harness/base/environment.ts";
import { packageRoot } from "../../harness/base/package.ts";
import { reaper } from "../../harness/base/process/reaper.ts";
import { runCommand } from "../../harness/base/process/run-command.ts";
import { waitFor } from "../../harness/base/wait.ts";

/** What a command that goes on until Ctrl-C says once it is at work. */
const atWork = /Ctrl-C ends it|in step/;
const goesOn = /^falkordrill vault (?:archive|replicate .*--follow)/m;
/** A guard against a command that hangs; the machine may be busy with other work. */
const commandTimeoutMs = 300_000;

interface Running {
  readonly command: string;
  readonly child: ChildProcess;
  readonly ended: Promise<unknown>;
  readonly said: () => string;
}

export class RunbookShell implements AsyncDisposable {
  readonly #folder: string;
  readonly #places: [written: string, real: string][] = [];
  readonly env: Record<string, string>;
  readonly #running: Running[] = [];
  /** All that the blocks took. */
  elapsedMs = 0;

  constructor(folder: string) {
    this.#folder = folder;
    const bin = join(folder, "bin");
    mkdirSync(bin);
    const program = join(packageRoot(), "bin", "falkordrill.js");
    const cache = join(packageRoot(), "node_modules/.cache/node-compile");
    writeFileSync(
      join(bin, "falkordrill"),
      `#!/bin/sh\nNODE_COMPILE_CACHE="${cache}" exec "${process.execPath}" "${program}" "$@"\n`,
      { mode: 0o700 },
    );
    const { cacheHome, home } = environment();
    // The libraries of the embedded engine are there, and would be fetched again.
    this.env = {
      XDG_CACHE_HOME: cacheHome ?? join(home, ".cache"),
      PATH: `${bin}:/usr/bin:/bin`,
      HOME: folder,
      TMPDIR: folder,
      LC_ALL: "C.UTF-8",
    };
  }

  /** What the runbook writes is this here. */
  place(written: string, real: string): void {
    this.#places.unshift([written, real]);
  }

  here(block: string): string {
    return this.#places.reduce((text, [written, real]) => text.replaceAll(written, real), block);
  }

  /** Runs a block and returns what it printed. A line that ends with `# exit 10` must end with 10, all others with 0. */
  async run(block: string): Promise<string> {
    const startedMs = systemClock.monotonicMs();
    try {
      return await (goesOn.test(block) ? this.#start(block) : this.#run(block));
    } finally {
      this.elapsedMs += systemClock.monotonicMs() - startedMs;
    }
  }

  /** Runs a command of an operator that is killed at a point of its work (crash-point.ts), and leaves what a crash leaves. */
  async killAt(point: string, command: string): Promise<void> {
    const env = { ...this.env, FALKORDRILL_CRASH_POINT: `kill ${point}` };
    const options = { cwd: this.#folder, env, timeoutMs: commandTimeoutMs };
    const { status, stderr } = await runCommand("bash", ["-c", `exec ${this.here(command)}`], options);
    if (status !== undefined) throw new Error(`was not killed at ${point}, but ended with ${status}: ${stderr}`);
  }

  async #run(block: string): Promise<string> {
    const expecting = this.here(block).replaceAll(
      /^(?<command>.*\S)\s+# exit (?<code>\d+)\b.*$/gm,
      '{ $<command>; } && exit 99 || [ "$$?" -eq $<code> ]',
    );
    const { status, stdout, stderr } = await runCommand("bash", ["-e"], {
      cwd: this.#folder,
      env: this.env,
      input: expecting,
      timeoutMs: commandTimeoutMs,
    });
    if (status !== 0) throw new Error(`ended with ${status}:\n${block}\n${stdout}${stderr}`);
    return `${stdout}${stderr}`;
  }

  async #start(block: string): Promise<string> {
    const command = block.trim();
    const child = spawn("bash", ["-ec", `exec ${this.here(command)}`], { cwd: this.#folder, env: this.env });
    const registration = child.pid === undefined ? undefined : reaper.process(child.pid);
    const ended = once(child, "exit").then((how) => (registration?.release(), how));
    let said = "";
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (chunk: Buffer) => void (said += chunk.toString()));
    this.#running.push({ command, child, ended, said: () => said });
    const isAtWork = (): true | undefined => {
      if (child.exitCode !== null) throw new Error(`ended with ${child.exitCode}:\n${command}\n${said}`);
      return atWork.test(said) || undefined;
    };
    await waitFor(isAtWork, { what: `${command} to be at work`, timeoutMs: commandTimeoutMs });
    return said;
  }

  /** What commands that go on have said. */
  get said(): string {
    return this.#running.map(({ said }) => said()).join("\n");
  }

  /** Lets the commands that go on hang. */
  freeze(): void {
    for (const { child } of this.#running) child.kill("SIGSTOP");
  }

  /** Kills the commands that go on, as a crash does. */
  async crash(): Promise<void> {
    const running = this.#running.splice(0);
    for (const { child } of running) child.kill("SIGKILL");
    await Promise.all(running.map(({ ended }) => ended));
  }

  /** Ctrl-C in all terminals in which a command goes on. */
  async interrupt(): Promise<void> {
    const running = this.#running.splice(0);
    for (const { child } of running) child.kill("SIGINT");
    for (const { child, command, ended, said } of running) {
      await ended;
      if (child.exitCode !== 0) throw new Error(`ended with ${child.exitCode}:\n${command}\n${said()}`);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.crash();
  }
}

// What was started from a page: one command of each kind at a time, in a process of its own. Who asked for it is on record,
// hash by hash, before it starts; its output goes to a file, where the page and everyone else reads it as it is written.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { open, readdir, rm } from "node:fs/promises";
import { delimiter, dirname, join } from "node:path";
import { type Clock, systemClock } from "../../base/clock.ts";
import { environmentWith } from "../../base/environment.ts";
import { errorMessage } from "../../base/errors.ts";
import { appending } from "../../base/files/line-file.ts";
import { makeFolder } from "../../base/files/make-folder.ts";
import { packageRoot } from "../../base/package.ts";
import { reaper } from "../../base/process/reaper.ts";
import { startTimer } from "../../base/timer.ts";
import { formatDuration } from "../../base/units.ts";
import { auditEvents, type AuditLog, openAuditLog } from "../../service/server/coordination/audit-log.ts";
import { lockState } from "../../service/server/coordination/state-lock.ts";
import { commandLine, type OperateCommand, type OperationKind } from "./commands.ts";

const outputsKept = 100;
/** A command ends its work in good order at a signal; shorter than the time that the monitor itself has for its end. */
const graceMs = 30_000;

export interface OperationsOptions {
  /** Holds the audit log, and the outputs. */
  readonly folder: string;
  /** Where the commands run: paths in them are relative to it. */
  readonly cwd: string;
  readonly commands: readonly OperateCommand[];
  readonly clock?: Clock;
}

/** Who asked, for the audit log. */
export type Asker = Readonly<Record<"session" | "address", string>>;

export interface StartedCommand {
  readonly command: OperateCommand;
  readonly startedMs: number;
  /** Name of the file with its output. */
  readonly output: string;
  readonly ended?: { readonly atMs: number; readonly how: string; readonly isGood: boolean };
}

export class Operations implements AsyncDisposable {
  readonly commands: readonly OperateCommand[];
  /** Folder of the files with the outputs. */
  readonly outputs: string;
  readonly #cwd: string;
  readonly #clock: Clock;
  readonly #log: AuditLog;
  readonly #held: AsyncDisposableStack;
  readonly #stopping = new AbortController();
  readonly #running = new Map<OperationKind, Promise<void>>();
  readonly #last = new Map<string, StartedCommand>();

  private constructor(
    { commands, cwd, folder, clock }: Required<OperationsOptions>,
    log: AuditLog,
    held: AsyncDisposableStack,
  ) {
    this.commands = commands;
    this.outputs = join(folder, "output");
    this.#cwd = cwd;
    this.#clock = clock;
    this.#log = log;
    this.#held = held;
  }

  static async open({ clock = systemClock, ...options }: OperationsOptions): Promise<Operations> {
    const { folder } = options;
    makeFolder(join(folder, "output"));
    await using held = new AsyncDisposableStack();
    held.use(await lockState(folder, "monitor"));
    const path = join(folder, "audit.jsonl");
    const log = held.use(await openAuditLog(path, clock));
    const events = await auditEvents(path);
    const count = (name: string): number => events.filter((event) => event === name).length;
    for (let left = count("started") - count("ended"); left > 0; left -= 1)
      log.append("ended", { how: "it was still running when the monitor was killed, which killed it as well" });
    return new Operations({ ...options, clock }, log, held.move());
  }

  /** The last started of this command, which may still run; undefined where this process has started none. */
  lastOf({ name }: OperateCommand): StartedCommand | undefined {
    return this.#last.get(name);
  }

  isBusy({ kind }: OperateCommand): boolean {
    return this.#running.has(kind) || this.#stopping.signal.aborted;
  }

  /** Returns once that is on the disk. */
  async note(event: string, by: Asker, detail: Readonly<Record<string, string>> = {}): Promise<void> {
    this.#log.append(event, { ...by, ...detail });
    await this.#log.sync();
  }

  /** Starts nothing, and returns undefined, while another one of its kind runs. */
  async start(command: OperateCommand, by: Asker): Promise<StartedCommand | undefined> {
    const { name, kind } = command;
    if (this.isBusy(command)) {
      await this.note("refused", by, { name, why: `another ${kind} runs` });
      return undefined;
    }
    const startedMs = this.#clock.nowMs();
    const output = `${new Date(startedMs).toISOString().replaceAll(/[:.]/g, "-")}-${kind}.log`;
    const started: StartedCommand = { command, startedMs, output };
    const begun = Promise.withResolvers<void>();
    const work = this.#run(started, by, begun.resolve).catch(begun.reject);
    this.#running.set(
      kind,
      work.finally(() => this.#running.delete(kind)),
    );
    await begun.promise;
    return started;
  }

  async #run(started: StartedCommand, by: Asker, onBegun: () => void): Promise<void> {
    const { command, output, startedMs } = started;
    const { name, kind, words } = command;
    // Before it starts: what is not on record does not happen.
    await this.note("started", by, { name, kind, command: commandLine(command), output });
    await this.#removeOldOutputs();
    this.#last.set(name, started);
    await using file = await open(join(this.outputs, output), appending, 0o600);
    await file.appendFile(`${commandLine(command)}\n`);
    const { how, isGood } = await this.#runTo(file.fd, words, onBegun);
    const atMs = this.#clock.nowMs();
    this.#last.set(name, { ...started, ended: { atMs, how, isGood } });
    await file.appendFile(`${how}, after ${formatDuration(atMs - startedMs)}\n`);
    await this.note("ended", by, { name, output, how });
  }

  async #runTo(fd: number, words: readonly string[], onBegun: () => void): Promise<{ how: string; isGood: boolean }> {
    const env = environmentWith({});
    const child = spawn(join(packageRoot(), "bin", "falkordrill.js"), words, {
      cwd: this.#cwd,
      stdio: ["ignore", fd, fd],
      // Ctrl-C in the terminal of the monitor would reach it a second time, and a second one ends it at once.
      detached: true,
      env: { ...env, PATH: `${dirname(process.execPath)}${delimiter}${env["PATH"] ?? ""}` },
    });
    const registration = child.pid === undefined ? undefined : reaper.process(child.pid);
    const { signal } = this.#stopping;
    let grace: Disposable | undefined;
    const stop = (): void => {
      child.kill("SIGINT");
      grace = startTimer(graceMs, () => child.kill("SIGKILL"));
    };
    signal.addEventListener("abort", stop);
    if (signal.aborted) stop();
    onBegun();
    try {
      const [code, killedBy] = (await once(child, "exit")) as [number | null, string | null];
      const how =
        code === null
          ? `killed by ${killedBy}`
          : `ended with exit code ${code}${code === 0 ? "" : ` (falkordrill explain ${code})`}`;
      return { how: signal.aborted ? `stopped, as the monitor was: ${how}` : how, isGood: code === 0 };
    } catch (error) {
      return { how: `it could not be started: ${errorMessage(error)}`, isGood: false };
    } finally {
      signal.removeEventListener("abort", stop);
      grace?.[Symbol.dispose]();
      registration?.release();
    }
  }

  /** Their names begin with their time. */
  async #removeOldOutputs(): Promise<void> {
    const old = (await readdir(this.outputs)).toSorted().slice(0, 1 - outputsKept);
    for (const name of old) await rm(join(this.outputs, name), { force: true });
  }

  /** What runs is asked to end, and has time for it. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort(new Error("the monitor ends"));
    await Promise.allSettled(this.#running.values());
    await this.#held.disposeAsync();
  }
}

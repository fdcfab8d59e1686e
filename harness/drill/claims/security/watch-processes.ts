// Arguments and environments of a process and everything that it starts, read again and again while they run.
import { readdirSync, readFileSync } from "node:fs";
import { startTimeOf } from "../../../base/proc-stat.ts";

const intervalMs = 50;

export interface Seen {
  readonly program: string;
  /** Whether it is the process that was watched, or its copy that is about to execute another program. */
  readonly isRoot: boolean;
  readonly argv: Buffer;
  readonly environ: Buffer;
}

export class ProcessWatch implements Disposable {
  /** By pid and start time, with the content, as a process changes both when it executes another program. */
  readonly #seen = new Map<string, Seen>();
  readonly #known = new Map<number, string>();
  /** Seen once, and not started by any of these; so each process is asked for its parent once. */
  readonly #others = new Set<number>();
  readonly #root: number;
  readonly #timer: NodeJS.Timeout;

  constructor(root: number) {
    this.#root = root;
    this.#known.set(root, startTimeOf(root));
    this.#timer = setInterval(() => this.look(), intervalMs);
    this.look();
  }

  get seen(): readonly Seen[] {
    return [...this.#seen.values()];
  }

  look(): void {
    for (const pid of this.#descendants()) {
      const [argv, environ] = [bytesOf(pid, "cmdline"), bytesOf(pid, "environ")];
      if (argv.length === 0) continue;
      const program = argv.subarray(0, argv.indexOf(0)).toString().split("/").at(-1) ?? "";
      const key = `${pid} ${argv.toString("latin1")} ${environ.length}`;
      const isRoot = pid === this.#root || argv.equals(bytesOf(this.#root, "cmdline"));
      this.#seen.set(key, { program, isRoot, argv, environ });
    }
  }

  /** Also those whose parent has ended since they were first seen. */
  #descendants(): readonly number[] {
    for (const [pid, started] of this.#known) if (startTimeOf(pid) !== started) this.#known.delete(pid);
    const pids = readdirSync("/proc")
      .filter((name) => /^\d+$/.test(name))
      .map(Number);
    // In ascending order a parent comes before what it starts.
    for (const pid of pids
      .filter((each) => !this.#others.has(each) && !this.#known.has(each))
      .toSorted((x, y) => x - y)) {
      if (this.#known.has(parentOf(pid))) this.#known.set(pid, startTimeOf(pid));
      else this.#others.add(pid);
    }
    return [...this.#known.keys()];
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }
}

function parentOf(pid: number): number {
  const stat = bytesOf(pid, "stat").toString("latin1");
  return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1] ?? 0);
}

/** Empty where the process has ended. */
function bytesOf(pid: number, file: string): Buffer {
  try {
    return readFileSync(`/proc/${pid}/${file}`);
  } catch {
    return Buffer.alloc(0);
  }
}

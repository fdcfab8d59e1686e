// Gathers what a segment's manifest says about its bytes while they pass: how often each command occurs, when they
// came, and what may not replay exactly.
import type { StreamCommand } from "../../falkordb/replication/replication-commands.ts";
import type { Hazard, StreamTime } from "./segment-manifest.ts";

/** Resolution of the times: the last command of each such span has its time in the manifest. */
const spanMs = 100;
/** Commands that only show that the server is alive, and change nothing. */
const idleCommands: ReadonlySet<string> = new Set(["PING", "SELECT", "REPLCONF"]);

export interface StreamFactsTaken {
  readonly times: readonly StreamTime[];
  readonly complete?: readonly StreamTime[];
  readonly commands: Readonly<Record<string, number>>;
  readonly hazards: readonly Hazard[];
}

export class StreamFacts {
  #times: StreamTime[] = [];
  /** Completeness marks, also for offsets that have not arrived yet. */
  #complete: StreamTime[] = [];
  #commands = new Map<string, number>();
  #hazards: Hazard[] = [];
  /** Commands of a transaction that has not ended. */
  #open: { readonly command: StreamCommand; readonly atMs: number }[] = [];
  #firstChangeAtMs: number | undefined;

  /** When the first command arrived that changes data; undefined while there is none. */
  get firstChangeAtMs(): number | undefined {
    return this.#firstChangeAtMs;
  }

  /** Takes commands in order. Those of a transaction count where it ends. */
  note(command: StreamCommand, atMs: number): void {
    if (!command.isBoundary || this.#open.length > 0) this.#open.push({ command, atMs });
    else this.#count(command, atMs);
    if (!command.isBoundary) return;
    for (const each of this.#open) this.#count(each.command, each.atMs);
    this.#open = [];
    this.#noteTime(command.offsetEnd, atMs);
  }

  /** Everything that the source had acknowledged at `atMs` lies before `offset`. */
  noteComplete(offset: number, atMs: number): void {
    // Of two requests with the same answer, the later one says more.
    if ((this.#complete.at(-1)?.[0] ?? -1) >= offset) this.#complete.pop();
    this.#complete.push([offset, atMs]);
  }

  noteHazard(hazard: Hazard): void {
    this.#hazards.push(hazard);
  }

  /** The facts up to the last boundary, which is at `to`. Recording starts anew. */
  take(to: number): StreamFactsTaken {
    const commands = Object.fromEntries([...this.#commands].toSorted(([a], [b]) => (a < b ? -1 : 1)));
    const complete = this.#complete.filter(([offset]) => offset <= to);
    const said = complete.length === 0 ? {} : { complete };
    const taken = { times: this.#times, commands, hazards: this.#hazards, ...said };
    this.#complete = this.#complete.slice(complete.length);
    this.#times = [];
    this.#commands = new Map();
    this.#hazards = [];
    this.#firstChangeAtMs = undefined;
    return taken;
  }

  #count({ name }: StreamCommand, atMs: number): void {
    this.#commands.set(name, (this.#commands.get(name) ?? 0) + 1);
    if (!idleCommands.has(name)) this.#firstChangeAtMs ??= atMs;
  }

  #noteTime(offset: number, atMs: number): void {
    const last = this.#times.at(-1);
    if (last !== undefined && Math.floor(last[1] / spanMs) === Math.floor(atMs / spanMs)) this.#times.pop();
    this.#times.push([offset, atMs]);
  }
}

// FalkorDB 4.16 can hang forever while it loads: its main thread and its indexing thread wait for each other (seen once
// in 307 loads with DELAY_INDEXING on a busy machine). Such a server runs, accepts connections and answers nothing;
// unlike a slow one it uses hardly any processor time, and waits neither for a disk nor for its input.
import { type Clock, systemClock } from "../base/clock.ts";
import { DrillError } from "../base/errors.ts";
import { someThreadWorks, type Stillness, stillnessAfter } from "../base/stillness.ts";

/** Much longer than any pause of a working server, much shorter than a deadline. */
const stallMsDefault = 20_000;

export class EngineStalledError extends DrillError {
  override readonly name = "EngineStalledError";
}

/**
 * Loads, and retries once where FalkorDB stalled forever, which is a known defect (docs/track-record.md) and says
 * nothing about the data. Every other failure, and a second stall, is thrown unchanged.
 */
export async function loadDespiteStall<T>(load: () => Promise<T>, note?: (line: string) => void): Promise<T> {
  return await loadDespite(EngineStalledError, load, note);
}

/** The same for another way in which it hangs. */
export async function loadDespite<T>(
  hang: abstract new (...args: never[]) => Error,
  load: () => Promise<T>,
  note: (line: string) => void = toStderr,
): Promise<T> {
  try {
    return await load();
  } catch (error) {
    if (!(error instanceof hang)) throw error;
    note(`${error.message}; loading once more`);
    return await load();
  }
}

function toStderr(line: string): void {
  process.stderr.write(`${line}\n`);
}

export interface StallWatchOptions {
  /** Engine name used in messages. */
  readonly name: string;
  readonly server: {
    /** Processor time used so far; undefined where it is unknown. */
    cpuMs(): number | undefined;
    /** One line per thread: id, name, state, kernel wait channel. */
    threads(): Promise<readonly string[]>;
  };
  readonly stallMs?: number;
  readonly clock?: Clock;
}

/** Returns a probe: its result is undefined while the server works, and the error once it has stalled for too long. */
export function stallWatch(options: StallWatchOptions): () => Promise<EngineStalledError | undefined> {
  const { name, server, stallMs = stallMsDefault, clock = systemClock } = options;
  let still: Stillness = { cpuMs: server.cpuMs(), ms: 0 };
  let lookedMs = clock.monotonicMs();
  return async () => {
    const nowMs = clock.monotonicMs();
    still = stillnessAfter(still, server.cpuMs(), nowMs - lookedMs);
    lookedMs = nowMs;
    if (still.ms < stallMs) return undefined;
    const threads = await server.threads();
    if (someThreadWorks(threads)) return undefined;
    const seconds = Math.round(still.ms / 1000);
    return new EngineStalledError(
      `${name} stalled before it was ready: it has used no processor time for ${seconds} s; its threads: ${threads.join(", ")}`,
      {
        exit: "notRecovered",
        hint: "A deadlock in FalkorDB; start it again, and if it stays so, without DELAY_INDEXING.",
      },
    );
  };
}

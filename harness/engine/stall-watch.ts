// FalkorDB 4.16 can stop for ever while it loads: its main thread and its indexing thread wait for each other (seen once
// in 307 loads with DELAY_INDEXING on a busy machine). Such a server lives, accepts connections and answers nothing; what
// tells it from a slow one is that it uses hardly any processor time, and waits neither for a disk nor for its input.
import { type Clock, systemClock } from "../base/clock.ts";
import { DrillError } from "../base/errors.ts";
import { someThreadWorks, type Stillness, stillnessAfter } from "../base/stillness.ts";

/** Long beside any pause of a working server, short beside a deadline. */
const stallMsDefault = 20_000;

export class EngineStalledError extends DrillError {
  override readonly name = "EngineStalledError";
}

/**
 * Loads, and loads once more where FalkorDB stalled for good, which is its own known fault (docs/track-record.md) and says
 * nothing about what is loaded. Every other failure, and a second stall, is thrown as it came.
 */
export async function loadDespiteStall<T>(load: () => Promise<T>, note: (line: string) => void = toStderr): Promise<T> {
  try {
    return await load();
  } catch (error) {
    if (!(error instanceof EngineStalledError)) throw error;
    note(`${error.message}; loading once more`);
    return await load();
  }
}

function toStderr(line: string): void {
  process.stderr.write(`${line}\n`);
}

export interface StallWatchOptions {
  /** As messages name the engine. */
  readonly name: string;
  readonly server: {
    /** Processor time used so far; undefined where it cannot be seen. */
    cpuMs(): number | undefined;
    /** One line a thread: id, name, state, where in the kernel it waits. */
    threads(): Promise<readonly string[]>;
  };
  readonly stallMs?: number;
  readonly clock?: Clock;
}

/** Gives a look: undefined while the server works, the error once it has stood still for too long. */
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

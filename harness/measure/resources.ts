// Memory over time: the resident size of the harness and of every engine that a scenario starts, for resources.jsonl.
import { type Clock, systemClock } from "../base/clock.ts";
import type { Engine, EngineKind, EngineProvider } from "../engine/engine.ts";

/** One sample of all processes, on the history clock. */
export interface ResourceSample {
  readonly atMs: number;
  /** Bytes by process: `harness`, and the names of the running engines. */
  readonly rssBytes: Readonly<Record<string, number>>;
}

export interface ResourceWatch extends AsyncDisposable {
  /** The given provider, whose engines are sampled from their start. */
  readonly engines: EngineProvider;
  /** Takes one sample, unless one is still in progress. */
  sample(): Promise<void>;
}

// Sampling a local process reads one file; a container or an external server takes a request.
const intervalMs: Readonly<Record<EngineKind, number>> = { embedded: 250, container: 2000, external: 2000 };
/** After this many samples the interval doubles, so that a run of a day leaves a few thousand lines. */
const samplesAtOneInterval = 600;

export function watchResources(
  engines: EngineProvider,
  record: (sample: ResourceSample) => void,
  clock: Clock = systemClock,
): ResourceWatch {
  // Among engines with the same name the newest counts.
  const running = new Map<string, Engine>();
  let looking: Promise<void> | undefined;
  let samples = 0;
  let every = intervalMs[engines.kind];

  const look = async (): Promise<void> => {
    const rssBytes: Record<string, number> = { harness: process.memoryUsage.rss() };
    for (const [name, engine] of running) {
      // A killed or starting engine has no size; it is left out of this sample.
      const bytes = await engine.rssBytes().catch(() => 0);
      if (bytes > 0) rssBytes[name] = bytes;
    }
    record({ atMs: clock.monotonicMs(), rssBytes });
  };
  const sample = async (): Promise<void> => {
    looking ??= look().finally(() => {
      looking = undefined;
    });
    await looking;
  };
  const tick = (): void => {
    // A full disk shows in the run's other files as well; here it must not end the process.
    sample().catch(() => {});
    samples += 1;
    if (samples % samplesAtOneInterval !== 0) return;
    every *= 2;
    clearInterval(timer);
    timer = start();
  };
  const start = (): NodeJS.Timeout => setInterval(tick, every).unref();
  let timer = start();

  return {
    engines: {
      kind: engines.kind,
      unavailable: () => engines.unavailable(),
      start: async (options) => {
        const engine = await engines.start(options);
        running.set(engine.name, engine);
        return engine;
      },
    },
    sample,
    [Symbol.asyncDispose]: async () => {
      clearInterval(timer);
      await looking?.catch(() => {});
    },
  };
}

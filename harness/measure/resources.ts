// Memory over time: the resident size of the harness and of every engine that a scenario starts, for resources.jsonl.
import { type Clock, systemClock } from "../base/clock.ts";
import type { Engine, EngineKind, EngineProvider } from "../engine/engine.ts";

/** One look at all of them, on the clock of the history. */
export interface ResourceSample {
  readonly atMs: number;
  /** By process: `harness`, and the names of the engines that ran. */
  readonly rssBytes: Readonly<Record<string, number>>;
}

export interface ResourceWatch extends AsyncDisposable {
  /** The provider given, whose engines are watched from their start. */
  readonly engines: EngineProvider;
  /** Looks once, unless a look is still under way. */
  sample(): Promise<void>;
}

// A look at a process of ours reads one file; at a container or somebody's server it is a request.
const intervalMs: Readonly<Record<EngineKind, number>> = { embedded: 250, container: 2000, external: 2000 };
/** After so many samples the interval doubles, so that a run of a day leaves a few thousand lines. */
const samplesAtOneInterval = 600;

export function watchResources(
  engines: EngineProvider,
  record: (sample: ResourceSample) => void,
  clock: Clock = systemClock,
): ResourceWatch {
  // Of several engines with one name the newest counts.
  const running = new Map<string, Engine>();
  let looking: Promise<void> | undefined;
  let samples = 0;
  let every = intervalMs[engines.kind];

  const look = async (): Promise<void> => {
    const rssBytes: Record<string, number> = { harness: process.memoryUsage.rss() };
    for (const [name, engine] of running) {
      // An engine that was killed or is just starting has no size; it is left out of this sample.
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

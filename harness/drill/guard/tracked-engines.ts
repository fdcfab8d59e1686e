// Tracks engines that are started through a provider, and which of them are still running.
import type { Engine, EngineProvider, StartOptions } from "../../engine/engine.ts";
import type { ScenarioRecord } from "../../record/record.ts";

export class TrackedEngines implements EngineProvider, AsyncDisposable {
  readonly kind: EngineProvider["kind"];
  readonly #engines: EngineProvider;
  readonly #running = new Set<Engine>();
  #atFirst: ((engine: Engine) => Promise<void>) | undefined;

  /** Calls `atFirst` with the first engine, before anyone else has it. */
  constructor(engines: EngineProvider, atFirst?: (engine: Engine) => Promise<void>) {
    this.kind = engines.kind;
    this.#engines = engines;
    this.#atFirst = atFirst;
  }

  unavailable(): Promise<string | undefined> {
    return this.#engines.unavailable();
  }

  async start(options?: StartOptions): Promise<Engine> {
    const engine = await this.#engines.start(options);
    const tracked: Engine = new Proxy(engine, {
      get: (target, name): unknown => {
        if (name === Symbol.asyncDispose)
          return async (): Promise<void> => {
            await target[Symbol.asyncDispose]();
            this.#running.delete(tracked);
          };
        const value: unknown = Reflect.get(target, name, target);
        // Bound to the engine itself, whose private fields a proxy does not have.
        return typeof value === "function" ? (value.bind(target) as unknown) : value;
      },
    });
    this.#running.add(tracked);
    const atFirst = this.#atFirst;
    this.#atFirst = undefined;
    await atFirst?.(tracked);
    return tracked;
  }

  /** Engines that have not been stopped, in start order. */
  running(): Engine[] {
    return [...this.#running];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // Stops all of them, even if one cannot be stopped.
    await using all = new AsyncDisposableStack();
    for (const engine of this.running()) all.use(engine);
  }
}

/** Says in the record on what a scenario ran. */
export async function recordEngine(record: ScenarioRecord, engine: Engine): Promise<void> {
  record.observation("engine", { kind: engine.kind, ...(await engine.versions()) });
}

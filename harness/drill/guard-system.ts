// The system under test behind a guard, which names the role of whoever fails: what the system throws is its own failure,
// a call that it does not end is one too, and engines that it starts and forgets are found and ended. What fails in
// code of the drill that the system calls back stays what it was.
import { systemClock } from "../base/clock.ts";
import { endedBy } from "../base/deadline.ts";
import { DrillError, explanationOf } from "../base/errors.ts";
import type { Engine, EngineProvider } from "../engine/engine.ts";
import type { Archiver, BackupSystem } from "../system/system.ts";
import { canStartEngine } from "./blame.ts";
import type { Drill } from "./run-scenario.ts";
import { ScenarioDeadline } from "./scenario-deadline.ts";
import { TrackedEngines } from "./tracked-engines.ts";

/** How long a call may take to end and clean up once it was asked to. */
const graceMs = 10_000;

type Guarded = Pick<Drill, "signal" | "record" | "engines"> & { readonly graceMs?: number };

export function guardSystem(system: BackupSystem, drill: Guarded): BackupSystem {
  // What a system cannot do is left out below.
  const all = system as Required<BackupSystem>;
  const guard = new Guard(system.name, drill);
  return {
    name: system.name,
    capabilities: system.capabilities,
    backup: (request) => guard.call("backup", () => all.backup(request)),
    list: () => guard.call("list", () => all.list()),
    verify: (point, engines, signal) =>
      guard.withEngines("verify", engines, (tracked) => all.verify(point, tracked, signal)),
    restore: (request) =>
      guard.restore(request.engines, (engines, ours) => {
        const { onFirstAnswer } = request;
        const asked = onFirstAnswer && ((target: Engine): Promise<void> => ours(onFirstAnswer(target)));
        return all.restore({ ...request, engines, ...(asked === undefined ? {} : { onFirstAnswer: asked }) });
      }),
    ...(system.backupIncrement !== undefined && {
      backupIncrement: (request) => guard.call("increment", () => all.backupIncrement(request)),
    }),
    ...(system.startArchiver !== undefined && {
      startArchiver: async (request) =>
        guardArchiver(await guard.call("archiver's start", () => all.startArchiver(request)), guard),
    }),
    ...(system.compact !== undefined && {
      compact: (request) =>
        guard.withEngines("compact", request.engines, (engines) => all.compact({ ...request, engines })),
    }),
    ...(system.prune !== undefined && { prune: (request) => guard.call("prune", () => all.prune(request)) }),
    [Symbol.asyncDispose]: () => system[Symbol.asyncDispose](),
  };
}

function guardArchiver(archiver: Archiver, guard: Guard): Archiver {
  return {
    get base() {
      return archiver.base;
    },
    flush: () => guard.call("archiver's flush", () => archiver.flush()),
    stop: () => guard.call("archiver's stop", () => archiver.stop()),
    ended: archiver.ended,
    [Symbol.asyncDispose]: () => archiver[Symbol.asyncDispose](),
  };
}

type Ours = <T>(work: Promise<T>) => Promise<T>;

class Guard {
  readonly #name: string;
  readonly #drill: Guarded;
  /** What code of the drill threw while the system called it back. */
  readonly #ours = new WeakSet<Error>();

  constructor(name: string, drill: Guarded) {
    this.#name = name;
    this.#drill = drill;
  }

  async call<T>(verb: string, work: () => Promise<T>): Promise<T> {
    const startedMs = systemClock.monotonicMs();
    const { signal } = this.#drill;
    try {
      return await endedBy(work(), signal, this.#drill.graceMs ?? graceMs);
    } catch (error) {
      throw await this.#asItsOwn(verb, error, systemClock.monotonicMs() - startedMs);
    }
  }

  /** `work` may start engines, all of which it has to end. */
  async withEngines<T>(
    verb: string,
    engines: EngineProvider,
    work: (engines: EngineProvider) => Promise<T>,
    keeps: (outcome: T) => Engine | undefined = () => undefined,
  ): Promise<T> {
    const tracked = new TrackedEngines(engines);
    let kept: Engine | undefined;
    try {
      const outcome = await this.call(verb, () => work(tracked));
      kept = keeps(outcome);
      return outcome;
    } finally {
      await this.#endLeaked(verb, tracked, kept);
    }
  }

  restore<T extends { readonly target: Engine }>(
    engines: EngineProvider,
    work: (engines: EngineProvider, ours: Ours) => Promise<T>,
  ): Promise<T> {
    const ours: Ours = async (promise) => {
      try {
        return await promise;
      } catch (error) {
        if (error instanceof Error) this.#ours.add(error);
        throw error;
      }
    };
    return this.withEngines(
      "restore",
      engines,
      (tracked) => work(tracked, ours),
      ({ target }) => target,
    );
  }

  async #endLeaked(verb: string, tracked: TrackedEngines, kept: Engine | undefined): Promise<void> {
    for (const engine of tracked.running()) {
      if (engine === kept) continue;
      await engine[Symbol.asyncDispose]();
      // A call that was ended from outside had no time to clean up.
      if (this.#drill.signal.aborted) continue;
      this.#drill.record.finding({
        code: "system-leaked-engine",
        severity: "error",
        subject: verb,
        message: `the ${verb} of the ${this.#name} system left the engine "${engine.name}" running`,
        evidence: { engine: engine.name },
      });
    }
  }

  async #asItsOwn(verb: string, error: unknown, tookMs: number): Promise<unknown> {
    const { signal, engines } = this.#drill;
    if (signal.aborted) {
      const { reason } = signal as { reason: unknown };
      return reason instanceof ScenarioDeadline && tookMs > reason.limitMs / 2 ? this.#hung(verb, reason) : reason;
    }
    if (error instanceof Error && this.#ours.has(error)) return error;
    if (error instanceof DrillError) {
      if (["dataWrong", "notRecovered", "objectiveMissed", "interrupted"].includes(error.exit)) return error;
      if (error.exit === "environment" && !(await canStartEngine(engines, signal))) return error;
    }
    const code = error instanceof DrillError ? error.findingCode : undefined;
    return new DrillError(`the ${verb} of the ${this.#name} system failed: ${explanationOf(error)}`, {
      exit: "notRecovered",
      code: code ?? "system-failed",
      cause: error,
    });
  }

  #hung(verb: string, reason: ScenarioDeadline): DrillError {
    return new DrillError(`the ${verb} of the ${this.#name} system did not end: ${reason.message}`, {
      exit: "notRecovered",
      code: "system-hung",
      cause: reason,
    });
  }
}

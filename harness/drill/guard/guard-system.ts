// A guard around the system under test that attributes failures: an error of the system is its own failure, so is a
// call that it does not end, and engines that it starts and forgets are found and stopped. Failures in code of the
// drill that the system calls back keep their own cause.
import { systemClock } from "../../base/clock.ts";
import { endedBy } from "../../base/deadline.ts";
import { DrillError, errorsOf, explanationOf } from "../../base/errors.ts";
import type { Engine, EngineProvider } from "../../engine/engine.ts";
import type { Archiver, BackupOutcome, BackupSystem, RestoreOutcome, RestoreRequest } from "../../system/system.ts";
import { canStartEngine } from "./blame.ts";
import type { Drill } from "../drill.ts";
import { isMetric } from "../../record/result.ts";
import { Callbacks } from "./callbacks.ts";
import { hungUntil, type ScenarioDeadline } from "../run/scenario-deadline.ts";
import { asSystem } from "./stray-errors.ts";
import { TrackedEngines } from "./tracked-engines.ts";

/** How long a call may take to end and clean up after it was aborted, in milliseconds. */
const graceMs = 10_000;

type Guarded = Pick<Drill, "signal" | "record" | "engines"> & { readonly graceMs?: number };

export function guardSystem(system: BackupSystem, drill: Guarded): BackupSystem {
  // Unsupported methods are left out below.
  const all = system as Required<BackupSystem>;
  const guard = new Guard(system.name, drill);
  return {
    name: system.name,
    capabilities: system.capabilities,
    get nodeFlags() {
      return all.nodeFlags;
    },
    backup: (request) => guard.call("backup", async () => sensible(await all.backup(request))),
    list: () => guard.call("list", async () => [...(await all.list())]),
    verify: (point, engines, signal) =>
      guard.withEngines("verify", engines, (tracked) => all.verify(point, tracked, signal)),
    restore: (request) => guard.restore(request, (given) => all.restore(given)),
    ...(system.backupIncrement !== undefined && {
      backupIncrement: (request) => guard.call("increment", () => all.backupIncrement(request)),
    }),
    ...(system.startArchiver !== undefined && {
      startArchiver: (request) =>
        guard.call("archiver's start", async () => guardArchiver(await all.startArchiver(request), guard)),
    }),
    ...(system.compact !== undefined && {
      compact: (request) =>
        guard.withEngines("compact", request.engines, (engines) => all.compact({ ...request, engines })),
    }),
    ...(system.stored !== undefined && {
      stored: (point) => guard.call("list of files", async () => [...(await all.stored(point))]),
    }),
    ...(system.fileLayer !== undefined && { fileLayer: system.fileLayer }),
    ...(system.restoreInPlace !== undefined && {
      restoreInPlace: (request) =>
        guard.withEngines("restore in place", request.engines, (engines) =>
          all.restoreInPlace({ ...request, engines }),
        ),
    }),
    ...(system.audit !== undefined && { audit: () => guard.call("audit", () => all.audit()) }),
    ...(system.rotateKeys !== undefined && {
      rotateKeys: (request) => guard.call("rotation of keys", () => all.rotateKeys(request)),
    }),
    ...(system.replicate !== undefined && {
      replicate: async (request) => {
        const { problems, second } = await guard.call("replication", () => all.replicate(request));
        return { problems, second: guardSystem(second, drill) };
      },
    }),
    ...(system.compareVaults !== undefined && {
      compareVaults: (request) =>
        guard.call("comparison of vaults", async () => [...(await all.compareVaults(request))]),
    }),
    ...(system.prune !== undefined && { prune: (request) => guard.call("prune", () => all.prune(request)) }),
    [Symbol.asyncDispose]: () => guard.call("end", async () => await system[Symbol.asyncDispose]()),
  };
}

/** Rejects figures that are not numbers: they cannot be measured, and no working system reports them. */
function sensible(outcome: BackupOutcome): BackupOutcome {
  const { point, pauseMs, phases } = outcome;
  const { storedBytes, rawBytes } = point;
  const figures = [storedBytes, rawBytes, pauseMs, ...phases.flatMap(({ startMs, ms }) => [startMs, ms])];
  const wrong = figures.find((figure) => figure !== undefined && !isMetric("said", figure));
  if (wrong === undefined) return outcome;
  throw new DrillError(`its outcome has the figure ${wrong}`, { exit: "notRecovered" });
}

function guardArchiver(archiver: Archiver, guard: Guard): Archiver {
  // Reported by the next call; without a handler it would end the whole drill without a result.
  archiver.ended.catch(() => {});
  return {
    get base() {
      return archiver.base;
    },
    flush: () => guard.call("archiver's flush", () => archiver.flush()),
    stop: () => guard.call("archiver's stop", () => archiver.stop()),
    ended: archiver.ended,
    [Symbol.asyncDispose]: () => guard.call("archiver's end", async () => await archiver[Symbol.asyncDispose]()),
  };
}

class Guard {
  readonly #name: string;
  readonly #drill: Guarded;
  /** Error thrown by code of the drill while the system called it back. */
  readonly #ours = new WeakSet<Error>();

  constructor(name: string, drill: Guarded) {
    this.#name = name;
    this.#drill = drill;
  }

  async call<T>(verb: string, work: () => Promise<T>): Promise<T> {
    const startedMs = systemClock.monotonicMs();
    const { signal } = this.#drill;
    try {
      return await endedBy(asSystem(this.#name, work), signal, this.#drill.graceMs ?? graceMs);
    } catch (error) {
      throw await this.#asItsOwn(verb, error, systemClock.monotonicMs() - startedMs);
    }
  }

  /** `work` may start engines, and has to stop all of them. */
  async withEngines<T>(
    verb: string,
    engines: EngineProvider,
    work: (engines: TrackedEngines) => Promise<T>,
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

  restore(
    request: RestoreRequest,
    work: (request: RestoreRequest) => Promise<RestoreOutcome>,
  ): Promise<RestoreOutcome> {
    const restored = async (engines: TrackedEngines): Promise<RestoreOutcome> => {
      const { onFirstAnswer } = request;
      const callbacks = new Callbacks();
      const ask = onFirstAnswer && callbacks.wrap((target: Engine) => this.#asOurs(onFirstAnswer(target)));
      const given = { ...request, engines, ...(ask === undefined ? {} : { onFirstAnswer: ask }) };
      const outcome = await callbacks.during(() => work(given));
      if (outcome.target === request.target || engines.running().includes(outcome.target)) return outcome;
      const message = "it hands over a server that it was not given and did not start for this restore";
      throw new DrillError(message, { exit: "notRecovered", code: "not-recovered" });
    };
    return this.withEngines("restore", request.engines, restored, ({ target }) => target);
  }

  async #asOurs(work: Promise<void>): Promise<void> {
    try {
      await work;
    } catch (error) {
      if (error instanceof Error) this.#ours.add(error);
      throw error;
    }
  }

  async #endLeaked(verb: string, tracked: TrackedEngines, kept: Engine | undefined): Promise<void> {
    for (const engine of tracked.running()) {
      if (engine === kept) continue;
      await engine[Symbol.asyncDispose]();
      // A call that was aborted from outside had no time to clean up.
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

  async #asItsOwn(verb: string, thrown: unknown, tookMs: number): Promise<unknown> {
    const [error] = errorsOf(thrown);
    const { signal, engines } = this.#drill;
    if (signal.aborted) {
      const deadline = hungUntil(signal, tookMs);
      return deadline === undefined ? signal.reason : this.#hung(verb, deadline);
    }
    if (error instanceof Error && this.#ours.has(error)) return error;
    if (error instanceof DrillError) {
      if (["dataWrong", "notRecovered", "objectiveMissed"].includes(error.exit)) return error;
      if (error.exit === "environment" && !(await canStartEngine(engines, signal))) return error;
    }
    const code = error instanceof DrillError ? error.findingCode : undefined;
    return new DrillError(`the ${verb} of the ${this.#name} system failed: ${explanationOf(error)}`, {
      exit: "notRecovered",
      code: code ?? "system-failed",
      cause: thrown,
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

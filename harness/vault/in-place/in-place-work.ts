// The steps of a restore in place: proven beside first; then writes are paused and refused, what is there is stored as a
// safety snapshot, the backup is loaded and proven again, the application's health is asked, and writes go on. A failure
// in any step is rolled back.
import { address } from "../../base/endpoint.ts";
import { DrillError, environmentError, errorMessage, errorOf, errorsOf, usageError } from "../../base/errors.ts";
import type { Phase } from "../../base/phases.ts";
import { passPoint } from "../../base/process/crash-point.ts";
import { formatCount } from "../../base/units.ts";
import type { Engine } from "../../engine/engine.ts";
import type { Connection } from "../../falkordb/client/connection.ts";
import { compareDigests } from "../../observe/digest/compare-digests.ts";
import { digestedEntities, digestServer } from "../../observe/digest/server-digest.ts";
import { createBackup } from "../backup/backup.ts";
import type { RestoreResult } from "../restore/load-job.ts";
import { openBackup, restoreBackup } from "../restore/restore.ts";
import { PausedApplication } from "./application.ts";
import { lockTimeoutMs, type Proven, proveBeside } from "./beside.ts";
import { searchProblems, untilReplicasAreBack, writeProblem } from "./health.ts";
import {
  fingerprintOfDigest,
  type InPlaceRun,
  type InPlaceStep,
  recordRestored,
  withTarget,
  whileOpen,
} from "./in-place-run.ts";
import { rollBackCommand } from "./open-restores.ts";
import { heldBy } from "../restore/restore-target.ts";
import { rollBack, type RolledBack } from "./roll-back.ts";
import { closeGate, markOf, markOfAnother, openGate, refusedWrites } from "../restore/write-gate.ts";

export interface InPlaceResult {
  readonly point: string;
  readonly reached?: NonNullable<RestoreResult["reached"]>;
  /** The backup that holds what the target held before. */
  readonly safety: string;
  readonly fingerprint: string;
  readonly phases: readonly Phase[];
  /** What is to be known besides: one sentence each. */
  readonly notes: readonly string[];
}

/** A restore in place that failed; its message says in which step, and what became of the target. */
class InPlaceError extends DrillError {
  override readonly name = "InPlaceError";
  readonly step: InPlaceStep;
  readonly rolledBack: RolledBack;

  constructor(step: InPlaceStep, reason: unknown, rolledBack: RolledBack, hint: string | undefined) {
    const first = errorsOf(reason)[0];
    super(`the restore failed in the step "${step}": ${errorMessage(reason)}. ${rolledBack.words}`, {
      exit: rolledBack.isBack && first instanceof DrillError ? first.exit : "notRecovered",
      ...(first instanceof DrillError && first.findingCode !== undefined ? { code: first.findingCode } : {}),
      ...(hint === undefined ? {} : { hint }),
      cause: reason,
    });
    this.step = step;
    this.rolledBack = rolledBack;
  }
}

export class InPlaceWork {
  readonly #run: InPlaceRun;
  readonly #notes: string[] = [];
  #step: InPlaceStep = "beside";
  #paused: PausedApplication | undefined;
  #refusedBefore = 0;

  constructor(run: InPlaceRun) {
    this.#run = run;
  }

  async run(): Promise<InPlaceResult> {
    const { context, request, journal, timer } = this.#run;
    try {
      passPoint("in-place/claimed");
      const proven = await this.#during("beside", () => proveBeside(context, request));
      passPoint("in-place/proven-beside");
      await this.#during("pause", () => this.#pause());
      await this.#during("refuse writes", () => this.#refuseWrites());
      passPoint("in-place/writes-refused");
      const safety = await this.#during("safety", () => this.#safety());
      await this.#during("swap", () => this.#swap(proven));
      passPoint("in-place/swapped");
      await this.#during("health", () => this.#health(proven));
      passPoint("in-place/healthy");
      await this.#during("open", () =>
        withTarget(request.target, (connection) => openGate(connection, journal.entry.gate)),
      );
      passPoint("in-place/opened");
      await journal.write({ state: "restored" });
      passPoint("in-place/recorded");
      await this.#resume();
      passPoint("in-place/resumed");
      await recordRestored(this.#run, request.point, `what was there before is ${safety}`);
      const { point } = request;
      const { digest, reached } = proven;
      const fingerprint = fingerprintOfDigest(digest);
      const outcome = { point, safety, fingerprint, phases: timer.all(), notes: this.#notes };
      return { ...outcome, ...(reached === undefined ? {} : { reached }) };
    } catch (error) {
      throw await this.#failed(error);
    }
  }

  async #during<T>(step: InPlaceStep, work: () => Promise<T>): Promise<T> {
    const { request, journal, timer, signal } = this.#run;
    this.#enter(step);
    signal.throwIfAborted();
    await journal.write({ step });
    const result = await timer.during(step, work);
    await request.passed?.(this.#step);
    return result;
  }

  #enter(step: InPlaceStep): void {
    this.#step = step;
    this.#run.request.progress.step(step);
  }

  /** Ends what a lost pause or the caller ends. */
  get #signal(): AbortSignal {
    const { signal } = this.#run;
    return this.#paused === undefined ? signal : AbortSignal.any([signal, this.#paused.signal]);
  }

  async #pause(): Promise<void> {
    const { request, journal, signal } = this.#run;
    const { application, progress } = request;
    if (application === undefined) {
      progress.note("no service is paused: the server refuses writes from now on");
      return;
    }
    this.#paused = await PausedApplication.pause(application, {
      earlier: journal.entry.lease,
      isAfterInterrupted: journal.isAfterInterrupted,
      record: (lease) => journal.write({ lease }),
      signal,
    });
    passPoint("in-place/pause-recorded");
  }

  async #refuseWrites(): Promise<void> {
    const { request, journal } = this.#run;
    await withTarget(request.target, async (connection) => {
      await this.#refuseOtherRestore(connection);
      await closeGate(connection, journal.entry.mark, this.#signal);
      this.#refusedBefore = await refusedWrites(connection);
    });
  }

  /** The safety snapshot, of which it is known that it can be opened, and the fingerprint of what it holds. */
  async #safety(): Promise<string> {
    const { context, request, journal, timer } = this.#run;
    const { target, progress, point } = request;
    const signal = this.#signal;
    const { earlier } = journal.entry;
    let { safety } = journal.entry;
    if (safety === undefined && earlier !== undefined && (await withTarget(target, heldBy)).length === 0) {
      const { id } = earlier.safety;
      progress.note(`${address(target.endpoint)} is empty, so the backup ${id} stays what a failure would bring back`);
      ({ safety } = earlier);
      await journal.write({ safety });
    }
    if (safety === undefined) {
      const fingerprint = fingerprintOfDigest(await digestServer(target.endpoint, signal));
      const pin = `before the restore of ${point} in place`;
      const backup = { source: target, coordinator: undefined, progress, signal };
      const made = await createBackup({ ...context, pin, replacedBy: point, lockTimeoutMs }, backup);
      const [problem] = made.problems ?? [];
      if (problem !== undefined)
        throw new DrillError(`what the server holds now could not be brought back: ${problem}`, {
          exit: "notRecovered",
          hint: "Restore into another, empty server, and point the application there.",
        });
      passPoint("in-place/safety-stored");
      safety = { id: made.point.id, fingerprint };
      await journal.write({ safety });
      passPoint("in-place/safety-recorded");
    }
    await openBackup(context, safety.id, { progress, signal }, timer);
    await withTarget(target, (connection) => this.#mustBeClosed(connection));
    await this.#refuseOtherWriters();
    if (earlier !== undefined && earlier.safety.id !== safety.id)
      this.#notes.push(
        `what the server held before the restore of ${earlier.point}, which was interrupted, is the backup ${earlier.safety.id}, which is pinned`,
      );
    return safety.id;
  }

  /** Another vault's restore has a journal of its own; its mark on the server shows it. */
  async #refuseOtherRestore(connection: Connection): Promise<void> {
    const another = await markOfAnother(connection, this.#run.journal.entry.mark);
    if (another === undefined) return;
    throw environmentError(
      `another restore is at work on ${address(connection.endpoint)}, or was interrupted (min-replicas-to-write ${another})`,
      "Let it end, or end it with the vault that it is from; then run this one again.",
    );
  }

  /** What was written since the safety snapshot would be lost. */
  async #mustBeClosed(connection: Connection): Promise<void> {
    await this.#refuseOtherRestore(connection);
    if ((await markOf(connection)) !== undefined) return;
    throw environmentError(
      `${address(connection.endpoint)} has taken writes again since its safety snapshot: it was restarted, or its min-replicas-to-write was set`,
      "Run the restore again.",
    );
  }

  /** A client that writes past the service that was paused would go on writing to what is restored. */
  async #refuseOtherWriters(): Promise<void> {
    const { target, application } = this.#run.request;
    if (application === undefined) return;
    const refused = (await withTarget(target, refusedWrites)) - this.#refusedBefore;
    if (refused === 0) return;
    throw usageError(
      `${address(target.endpoint)} is in use: ${formatCount(refused)} writes came from other clients than the paused service, and were refused`,
      "Stop them (CLIENT LIST shows who they are), and restore again.",
    );
  }

  async #swap({ digest }: Proven): Promise<void> {
    const { context, request } = this.#run;
    const { point, at, target, engines, progress, allowFaulty = false, keepIndexes = false } = request;
    const signal = this.#signal;
    const prove = async (loaded: Engine): Promise<void> => {
      await request.passed?.("swap");
      this.#enter("prove");
      const differences = compareDigests(digest, await digestServer(loaded.endpoint, signal));
      if (differences.length === 0) return;
      throw new DrillError(`the server holds something else than was proven beside: ${differences.join("; ")}`, {
        exit: "dataWrong",
      });
    };
    const moment = at === undefined ? {} : { at };
    const flags = { allowFaulty, keepIndexes, ...moment, replace: { prove } };
    await restoreBackup(context, { point, way: "wire", engines, target, progress, signal, ...flags });
    progress.note(`${formatCount(digestedEntities(digest))} entities are the same as in the engine beside`);
  }

  async #health({ searches }: Proven): Promise<void> {
    const { request, journal } = this.#run;
    const signal = this.#signal;
    await untilReplicasAreBack(request.target, Number(journal.entry.gate[0]), signal);
    const found = await searchProblems(request.target, searches);
    // Any client may write meanwhile, and a rollback would drop that: so no longer than for what has to write.
    const asked = await whileOpen({ ...this.#run, signal }, async () => [
      await writeProblem(request.target),
      await request.applicationHealth?.(signal),
    ]);
    const problems = [...found, ...asked].filter((problem) => problem !== undefined);
    if (problems.length > 0)
      throw new DrillError(`an application cannot work with the restored server: ${problems.join("; ")}`, {
        exit: "notRecovered",
      });
  }

  async #resume(): Promise<void> {
    this.#enter("resume");
    const { request, timer } = this.#run;
    const why = await timer.during("resume", async () => await this.#paused?.resume());
    if (why !== undefined) this.#notes.push(why);
    await request.passed?.("resume");
  }

  async #failed(error: unknown): Promise<Error> {
    const { journal } = this.#run;
    const step = this.#step;
    // The data was proven and let in: what fails after that says nothing about it.
    if (journal.entry.state === "restored") {
      await this.#paused?.resume();
      return errorOf(error);
    }
    const rolledBack = await rollBack(this.#run);
    const safety = journal.entry.safety?.id;
    if (!rolledBack.isBack) {
      await this.#paused?.[Symbol.asyncDispose]();
      const next = `Start it if it does not run, then: ${rollBackCommand(journal.entry)}`;
      return this.#stopped(new InPlaceError(step, error, rolledBack, next));
    }
    const why = await this.#paused?.resume();
    const kept = safety === undefined ? "" : ` The safety snapshot ${safety} stays pinned in the vault.`;
    const hint = [errorsOf(error)[0] instanceof DrillError ? (errorsOf(error)[0] as DrillError).hint : undefined, why];
    const said = hint.filter((text) => text !== undefined).join(" ");
    const next = `${said}${kept}`.trim();
    return this.#stopped(new InPlaceError(step, error, rolledBack, next === "" ? undefined : next));
  }

  /** What became of the target is said where the caller has ended the restore, too. */
  #stopped(error: InPlaceError): Error {
    const { signal } = this.#run;
    return signal.aborted ? new SuppressedError(error, signal.reason) : error;
  }
}

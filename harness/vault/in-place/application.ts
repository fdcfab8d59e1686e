// The application in front of a server that is restored in place: its writes are paused under a lease that is renewed
// until they are resumed. When this process ends, the lease ends by itself, and the server still refuses writes.
import { environmentError, errorMessage } from "../../base/errors.ts";
import { passPoint } from "../../base/process/crash-point.ts";
import { pace } from "../../base/timer.ts";
import { waitFor } from "../../base/wait.ts";
import type { PauseLease, WriteCoordinator } from "../../service/coordinator.ts";

const leaseMs = 60_000;
/** Lease of a pause that no journal holds yet, which nobody could end after a kill. */
const unrecordedLeaseMs = 10_000;
const renewEveryMs = 10_000;
const drainTimeoutMs = 30_000;

/** A write coordinator whose lease can be extended, as the client of the /admin endpoints is. */
export interface PausableApplication extends WriteCoordinator {
  renew(leaseId: string, leaseMs: number): Promise<PauseLease>;
}

interface Pausing {
  /** Pause of an interrupted restore, as far as it was recorded. */
  readonly earlier: string | undefined;
  /** Whether a pause that was not recorded may be left. */
  readonly isAfterInterrupted: boolean;
  readonly record: (leaseId: string) => Promise<void>;
  readonly signal: AbortSignal;
}

export class PausedApplication implements AsyncDisposable {
  readonly #application: PausableApplication;
  readonly #lease: PauseLease;
  readonly #lost = new AbortController();
  readonly #end = new AbortController();
  readonly #work: Promise<void>;

  private constructor(application: PausableApplication, lease: PauseLease) {
    this.#application = application;
    this.#lease = lease;
    this.#work = this.#renew();
  }

  /** Goes on with the pause of an interrupted restore, if that has not ended by itself. */
  static async pause(
    application: PausableApplication,
    { earlier, isAfterInterrupted, record, signal }: Pausing,
  ): Promise<PausedApplication> {
    const renew = async (id: string): Promise<PauseLease> => await application.renew(id, leaseMs);
    const renewed = earlier === undefined ? undefined : await renew(earlier).catch(() => undefined);
    if (renewed !== undefined) return new PausedApplication(application, renewed);
    const asked = { leaseMs: unrecordedLeaseMs, drainTimeoutMs, signal };
    const pause = async (): Promise<PauseLease> => await application.pause(asked);
    const what = "the pause of an interrupted restore to end";
    const timeoutMs = drainTimeoutMs + 2 * unrecordedLeaseMs;
    const begun = isAfterInterrupted
      ? await waitFor(pause, { what, timeoutMs, intervalMaxMs: 500, exit: "environment", signal })
      : await pause();
    passPoint("in-place/paused");
    try {
      await record(begun.id);
      return new PausedApplication(application, await renew(begun.id));
    } catch (error) {
      await application.resume(begun.id).catch(() => {});
      throw error;
    }
  }

  get lease(): string {
    return this.#lease.id;
  }

  /** Aborted when the lease could not be renewed for as long as it lasts. */
  get signal(): AbortSignal {
    return this.#lost.signal;
  }

  /** Why the service did not confirm that writes go on; undefined where it did. */
  async resume(): Promise<string | undefined> {
    await this[Symbol.asyncDispose]();
    try {
      await this.#application.resume(this.#lease.id);
      return undefined;
    } catch (error) {
      return `the graph service did not confirm that writes go on, its pause ends by itself after at most ${leaseMs / 1000} s: ${errorMessage(error)}`;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#end.abort();
    await this.#work;
  }

  async #renew(): Promise<void> {
    let failures = 0;
    for (;;) {
      await pace(renewEveryMs, this.#end.signal);
      if (this.#end.signal.aborted) return;
      try {
        await this.#application.renew(this.#lease.id, leaseMs);
        failures = 0;
      } catch (error) {
        failures += 1;
        if (failures * renewEveryMs < leaseMs) continue;
        this.#lost.abort(environmentError(`the pause of the application was lost: ${errorMessage(error)}`));
        return;
      }
    }
  }
}

// The gate for every write, closed by a pause: the state machine of coordination.ts with its timers, the callers
// waiting for a drain, and its audit log. A pause that cannot be written to the audit log is not granted; a resume
// always opens writes first and is logged after, because holding writers is worse than a missing line. The log is
// flushed to the disk concurrently with the answers, not before them: a flush takes longer than a pause should.
import { randomUUID } from "node:crypto";
import type { Clock } from "../../../base/clock.ts";
import { errorMessage } from "../../../base/errors.ts";
import { startTimer } from "../../../base/timer.ts";
import type { PauseAnswer, PauseRequest, ResumeAnswer, ServiceStatus, WritesStatus } from "../../contract.ts";
import type { AuditLog } from "./audit-log.ts";
import { Coordination, type Outcome, type Transition } from "./coordination.ts";

export class DrainError extends Error {
  override readonly name = "DrainError";
}

/** Decides on pauses and backups: the gate of this process, or the fleet that it belongs to. */
export interface Authority {
  pause(request: PauseRequest, signal: AbortSignal): Promise<Outcome<PauseAnswer>>;
  resume(leaseId: string): Outcome<ResumeAnswer> | Promise<Outcome<ResumeAnswer>>;
  writes(): WritesStatus;
  status(): ServiceStatus | Promise<ServiceStatus>;
  beginBackup(id: string): Outcome<undefined> | Promise<Outcome<undefined>>;
  noteBackup(id: string, progress: string): void | Promise<void>;
  endBackup(id: string, state: "succeeded" | "failed", message: string): void | Promise<void>;
}

export class WriteGate implements Authority, Disposable {
  readonly coordination: Coordination;
  readonly #audit: AuditLog;
  /** Callers of pause, by lease, waiting until it is paused or abandoned. */
  readonly #waiting = new Map<string, (transition: Transition) => void>();
  #timer: Disposable | undefined;
  #auditFailure: string | undefined;
  #closed = false;

  constructor(clock: Clock, audit: AuditLog) {
    this.#audit = audit;
    this.coordination = new Coordination(clock, (transition) => this.#onTransition(transition));
  }

  /** Admits a write until it is disposed of; undefined when writes are stopped. */
  admit(): Disposable | undefined {
    if (this.#closed || !this.coordination.beginWrite()) return undefined;
    let ended = false;
    return {
      [Symbol.dispose]: () => {
        if (!ended) this.coordination.endWrite();
        ended = true;
      },
    };
  }

  /**
   * Resolves when every admitted write is stored; throws a DrainError when that took too long or the caller has
   * disconnected.
   */
  async pause(request: PauseRequest, signal: AbortSignal, id: string = randomUUID()): Promise<Outcome<PauseAnswer>> {
    if (request.leaseId !== undefined) return this.#renew(request.leaseId, request.leaseMs);
    signal.throwIfAborted();
    const settled = new Promise<Transition>((resolve) => this.#waiting.set(id, resolve));
    const gone = (): void => this.coordination.abandonDrain(id, "the caller has gone");
    try {
      signal.addEventListener("abort", gone);
      const asked = this.coordination.requestPause({ ...request, id, holder: request.holder ?? "unnamed" });
      if (!asked.ok) return asked;
      this.#armTimer();
      const { event, detail } = await settled;
      if (event !== "paused") throw new DrainError(`writes go on: ${detail["reason"] ?? event}`);
      this.#resumeUnaudited(id);
      return this.#answer(id);
    } finally {
      signal.removeEventListener("abort", gone);
      this.#waiting.delete(id);
      // The caller disconnected between the pause and its answer, so the pause would never be resumed.
      if (signal.aborted) this.coordination.resume(id);
    }
  }

  resume(leaseId: string): Outcome<ResumeAnswer> {
    const resumed = this.coordination.resume(leaseId);
    if (!resumed.ok) return resumed;
    return { ok: true, value: { resumed: true, pausedMs: resumed.value } };
  }

  writes(): WritesStatus {
    return this.coordination.writes();
  }

  status(): ServiceStatus {
    return { writes: this.coordination.writes(), backup: this.coordination.backup() };
  }

  beginBackup(id: string): Outcome<undefined> {
    return this.coordination.beginBackup(id);
  }

  noteBackup(id: string, progress: string): void {
    this.coordination.noteBackup(id, progress);
  }

  endBackup(id: string, state: "succeeded" | "failed", message: string): void {
    this.coordination.endBackup(id, state, message);
  }

  /** Admits no more writes: the service is shutting down. */
  close(): void {
    this.#closed = true;
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Logs an event that is not a transition, such as a refusal. */
  note(event: string, detail: Readonly<Record<string, string | number>>): void {
    try {
      this.#audit.append(event, detail);
    } catch (error) {
      this.#auditFailure ??= errorMessage(error);
    }
  }

  /** Why the audit log could not be written; no pause is granted any more then. */
  get auditFailure(): string | undefined {
    return this.#auditFailure;
  }

  [Symbol.dispose](): void {
    this.#timer?.[Symbol.dispose]();
  }

  #renew(leaseId: string, leaseMs: number): Outcome<PauseAnswer> {
    const renewed = this.coordination.renew(leaseId, leaseMs);
    return renewed.ok ? this.#answer(leaseId) : renewed;
  }

  #answer(leaseId: string): Outcome<PauseAnswer> {
    const lease = this.coordination.lease(leaseId);
    if (lease?.drainMs === undefined) throw new DrainError("writes go on: the lease ran out before it could be given");
    return { ok: true, value: { leaseId, expiresAt: lease.expiresAt, drainMs: lease.drainMs } };
  }

  #resumeUnaudited(leaseId: string): void {
    if (this.#auditFailure === undefined) return;
    this.coordination.resume(leaseId);
    throw new DrainError(`writes go on: the audit log cannot be written (${this.#auditFailure})`);
  }

  async #syncAudit(): Promise<void> {
    try {
      await this.#audit.sync();
    } catch (error) {
      this.#auditFailure ??= errorMessage(error);
    }
  }

  #onTransition(transition: Transition): void {
    this.#armTimer();
    const lease = transition.detail["lease"];
    if (transition.event === "paused" || transition.event === "drain-abandoned") {
      this.#waiting.get(String(lease))?.(transition);
    }
    this.note(transition.event, transition.detail);
    void this.#syncAudit();
  }

  #armTimer(): void {
    this.#timer?.[Symbol.dispose]();
    const afterMs = this.coordination.nextExpiryMs();
    this.#timer = afterMs === undefined ? undefined : startTimer(afterMs, () => this.#onTimer());
  }

  /** A timer may fire a little early; then it is set again. */
  #onTimer(): void {
    this.coordination.expire();
    this.#armTimer();
  }
}

// The state of write coordination, and nothing else: no HTTP, no timers, no database; the clock is injected.
//
// open --pause--> draining --last write stored--> paused --resume, or lease over--> open
//                 draining --deadline, or caller gone--> open
//
// A write is admitted only when open, and counts until it is stored; an item accepted into the background queue (202)
// counts too. So when a pause is answered, every acknowledged write is in the database, and so in the backup. Time is
// checked before every decision: an expired lease is invalid, even when no timer has fired yet. The state lives in the
// memory of one process: a service that was killed restarts open, and its old lease is refused, so that the backup
// learns that its pause did not last.
import type { Clock } from "../../../base/clock.ts";
import type { BackupStatus, WritesStatus } from "../../contract.ts";

export interface Lease {
  readonly id: string;
  readonly holder: string;
  readonly leaseMs: number;
  readonly drainTimeoutMs: number;
  /** The triggered backup that this pause belongs to. */
  readonly backupId?: string | undefined;
}

export interface Conflict {
  readonly code: "writes-paused" | "backup-running" | "backup-over" | "lease-lost";
  readonly message: string;
  readonly holder?: string | undefined;
  readonly expiresAt?: string | undefined;
}
export type Outcome<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly conflict: Conflict };

export interface Transition {
  readonly event:
    | "pause-requested"
    | "paused"
    | "drain-abandoned"
    | "lease-renewed"
    | "lease-expired"
    | "resumed"
    | "backup-started"
    | "backup-succeeded"
    | "backup-failed";
  readonly detail: Readonly<Record<string, string | number>>;
}

interface Held {
  readonly lease: Lease;
  readonly requestedMs: number;
  readonly requestedAtMs: number;
  /** Undefined while draining. */
  pausedMs: number | undefined;
  /** Monotonic: the drain deadline, then the end of the lease. */
  untilMs: number;
}

export class Coordination {
  readonly #clock: Clock;
  readonly #onTransition: (transition: Transition) => void;
  #inFlight = 0;
  #held: Held | undefined;
  #backup: BackupStatus = { state: "none" };

  constructor(clock: Clock, onTransition: (transition: Transition) => void) {
    this.#clock = clock;
    this.#onTransition = onTransition;
  }

  /** True when the write may go on; it then counts until `endWrite`. */
  beginWrite(): boolean {
    this.expire();
    if (this.#held !== undefined) return false;
    this.#inFlight += 1;
    return true;
  }

  endWrite(): void {
    if (this.#inFlight === 0) throw new Error("endWrite without beginWrite");
    this.#inFlight -= 1;
    this.expire();
    this.#pauseWhenDrained();
  }

  requestPause(lease: Lease): Outcome<undefined> {
    this.expire();
    if (this.#held !== undefined) return { ok: false, conflict: this.#heldConflict("writes are already paused") };
    const runningBackup = this.#backup.state === "running" ? this.#backup.id : undefined;
    if (runningBackup !== lease.backupId) return { ok: false, conflict: this.#backupConflict(runningBackup) };
    const now = this.#clock.monotonicMs();
    this.#held = {
      lease,
      requestedMs: now,
      requestedAtMs: this.#clock.nowMs(),
      pausedMs: undefined,
      untilMs: now + lease.drainTimeoutMs,
    };
    this.#emit("pause-requested", { lease: lease.id, holder: lease.holder, inFlight: this.#inFlight });
    this.#pauseWhenDrained();
    return { ok: true, value: undefined };
  }

  /** Ends a pause whose caller has disconnected before it was answered. */
  abandonDrain(leaseId: string, reason: string): void {
    const held = this.#held;
    if (held?.lease.id !== leaseId || held.pausedMs !== undefined) return;
    this.#abandon(held, reason);
  }

  renew(leaseId: string, leaseMs: number): Outcome<undefined> {
    const held = this.#holding(leaseId);
    if (held?.pausedMs === undefined) return { ok: false, conflict: this.#lostConflict() };
    held.untilMs = this.#clock.monotonicMs() + leaseMs;
    this.#emit("lease-renewed", { lease: leaseId, leaseMs });
    return { ok: true, value: undefined };
  }

  /** Returns how long writes were paused. */
  resume(leaseId: string): Outcome<number> {
    const held = this.#holding(leaseId);
    if (held?.pausedMs === undefined) return { ok: false, conflict: this.#lostConflict() };
    const pausedMs = this.#clock.monotonicMs() - held.pausedMs;
    this.#held = undefined;
    this.#emit("resumed", { lease: leaseId, pausedMs });
    return { ok: true, value: pausedMs };
  }

  beginBackup(id: string): Outcome<undefined> {
    this.expire();
    if (this.#backup.state === "running") return { ok: false, conflict: this.#backupConflict(this.#backup.id) };
    // A pause that was not triggered here belongs to another backup, and there are never two at once.
    if (this.#held !== undefined)
      return { ok: false, conflict: this.#heldConflict("writes are paused for another backup") };
    this.#backup = { state: "running", id, startedAt: this.#isoNow() };
    this.#emit("backup-started", { backup: id });
    return { ok: true, value: undefined };
  }

  noteBackup(id: string, progress: string): void {
    if (this.#backup.id === id && this.#backup.state === "running") this.#backup = { ...this.#backup, progress };
  }

  endBackup(id: string, state: "succeeded" | "failed", message: string): void {
    if (this.#backup.id !== id || this.#backup.state !== "running") return;
    this.#backup = { ...this.#backup, state, message, finishedAt: this.#isoNow() };
    this.#emit(state === "succeeded" ? "backup-succeeded" : "backup-failed", { backup: id, message });
  }

  /** Applies what time has changed; called by timers and before every decision. */
  expire(): void {
    const held = this.#held;
    if (held === undefined || this.#clock.monotonicMs() < held.untilMs) return;
    if (held.pausedMs === undefined) {
      this.#abandon(held, `${this.#inFlight} writes were not stored within ${held.lease.drainTimeoutMs} ms`);
      return;
    }
    this.#held = undefined;
    this.#emit("lease-expired", { lease: held.lease.id, holder: held.lease.holder });
  }

  /** Milliseconds until time alone changes the state; undefined when it never does. */
  nextExpiryMs(): number | undefined {
    return this.#held === undefined ? undefined : Math.max(0, this.#held.untilMs - this.#clock.monotonicMs());
  }

  /** State of the pause with this lease; undefined when it has ended. */
  lease(leaseId: string): { readonly drainMs: number | undefined; readonly expiresAt: string } | undefined {
    const held = this.#holding(leaseId);
    if (held === undefined) return undefined;
    const drainMs = held.pausedMs === undefined ? undefined : held.pausedMs - held.requestedMs;
    return { drainMs, expiresAt: this.#expiresAt(held) };
  }

  writes(): WritesStatus {
    this.expire();
    const held = this.#held;
    if (held === undefined) return { state: "open", inFlight: this.#inFlight };
    return {
      state: held.pausedMs === undefined ? "draining" : "paused",
      inFlight: this.#inFlight,
      holder: held.lease.holder,
      since: new Date(held.requestedAtMs).toISOString(),
      expiresAt: this.#expiresAt(held),
    };
  }

  backup(): BackupStatus {
    return this.#backup;
  }

  #pauseWhenDrained(): void {
    const held = this.#held;
    if (held === undefined || held.pausedMs !== undefined || this.#inFlight > 0) return;
    held.pausedMs = this.#clock.monotonicMs();
    held.untilMs = held.pausedMs + held.lease.leaseMs;
    this.#emit("paused", {
      lease: held.lease.id,
      drainMs: held.pausedMs - held.requestedMs,
      expiresAt: this.#expiresAt(held),
    });
  }

  #holding(leaseId: string): Held | undefined {
    this.expire();
    return this.#held?.lease.id === leaseId ? this.#held : undefined;
  }

  #abandon(held: Held, reason: string): void {
    this.#held = undefined;
    this.#emit("drain-abandoned", { lease: held.lease.id, holder: held.lease.holder, reason });
  }

  #expiresAt(held: Held): string {
    return new Date(this.#clock.nowMs() + Math.max(0, held.untilMs - this.#clock.monotonicMs())).toISOString();
  }

  #heldConflict(message: string): Conflict {
    const held = this.#held;
    return {
      code: "writes-paused",
      message,
      ...(held === undefined ? {} : { holder: held.lease.holder, expiresAt: this.#expiresAt(held) }),
    };
  }

  #backupConflict(running: string | undefined): Conflict {
    // A backup that was abandoned here must not pause writes later under its old id.
    if (running === undefined)
      return { code: "backup-over", message: "the backup that this pause belongs to is not running" };
    return { code: "backup-running", message: "a triggered backup is running", holder: running };
  }

  #lostConflict(): Conflict {
    const message = "this lease is not held: it expired, was released, or was never granted by this service";
    return this.#held === undefined
      ? { code: "lease-lost", message }
      : { ...this.#heldConflict(message), code: "lease-lost" };
  }

  #isoNow(): string {
    return new Date(this.#clock.nowMs()).toISOString();
  }

  #emit(event: Transition["event"], detail: Transition["detail"]): void {
    this.#onTransition({ event, detail });
  }
}

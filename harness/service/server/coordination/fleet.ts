// Several service processes in front of one FalkorDB: a pause requested from one of them stops them all. The lease is a
// key in that FalkorDB, with an expiry, which every process polls many times a second; each closes its own gate, drains
// its writes in flight, and reports that; the pause is answered when all have reported. When the key is gone, released
// through any process or expired, all open again. A process opens only on seeing that, never by a timer of its own: one
// that was frozen may resume late, in a pause that others have renewed. The triggered backup is such a key as well, so
// that there is one at a time, whichever process got the request.
//
// A process that crashed without leaving may have an episode half stored and the rest in its journal, and no other
// process can know. Pauses are then refused (writes go on) until it is restarted on its state folder, which finishes
// them.
import { randomUUID } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Clock } from "../../../base/clock.ts";
import { errorMessage } from "../../../base/errors.ts";
import { pace } from "../../../base/timer.ts";
import { waitFor } from "../../../base/wait.ts";
import type {
  BackupStatus,
  PauseAnswer,
  PauseRequest,
  ResumeAnswer,
  ServiceStatus,
  WritesStatus,
} from "../../contract.ts";
import type { Conflict, Outcome } from "./coordination.ts";
import { allDrained, allEnlisted } from "./fleet-drain.ts";
import { FleetStore, type Obstacle, type SharedLease } from "./fleet-store.ts";
import type { Database } from "../database.ts";
import { type Authority, DrainError, type WriteGate } from "./write-gate.ts";

export interface FleetOptions {
  readonly name: string;
  readonly stateDir: string;
  readonly database: Database;
  readonly gate: WriteGate;
  readonly clock: Clock;
  /** How long a process may be silent before it counts as dead. */
  readonly aliveMs?: number | undefined;
}

const lookEveryMs = 20;
const defaultAliveMs = 3000;
/** The shared lease is taken for the drain plus this margin, and for its own length once all have drained. */
const marginMs = 5000;
const longestPauseMs = 1_300_000;
/** Maximum delay of a timer: the local gate stays closed until the fleet opens it. */
const untilOpenedMs = 2 ** 31 - 1;

export class Fleet implements Authority {
  readonly #store: FleetStore;
  readonly #gate: WriteGate;
  readonly #clock: Clock;
  readonly #member: string;
  readonly #aliveMs: number;
  readonly #stop = new AbortController();
  /** The lease for which the local gate is closed, or being closed. */
  #following: string | undefined;
  /** Leases that this process itself is requesting; `pause` closes the gate for them. */
  readonly #asking = new Set<string>();
  #looking: Promise<void> = Promise.resolve();
  #sharing: Promise<void> = Promise.resolve();
  #saidAliveMs = Number.NEGATIVE_INFINITY;
  /** End of the shared lease as far as known here, used for status answers only. */
  #leaseEndMs = 0;

  constructor({ name, stateDir, database, gate, clock, aliveMs = defaultAliveMs }: FleetOptions) {
    this.#store = new FleetStore(database, name);
    this.#gate = gate;
    this.#clock = clock;
    this.#member = memberId(stateDir);
    this.#aliveMs = aliveMs;
  }

  /**
   * Runs before any write. A pause waits for a known process; an unknown one with writes left waits for a pause to end.
   */
  async join(hasUnfinished: boolean, signal: AbortSignal): Promise<void> {
    await this.#store.endBackupOf(this.#member);
    const isKnown = await this.#store.enlist(this.#member, this.#aliveMs);
    if (!isKnown && hasUnfinished) {
      await waitFor(async () => ((await this.#store.lease()) === undefined ? true : undefined), {
        what: "a pause of the fleet to end",
        timeoutMs: longestPauseMs,
        signal,
        exit: "environment",
      });
    }
    this.#looking = this.#keepLooking();
  }

  /** Called after the last write is stored; with writes left over the process stays a member, as after a crash. */
  async close(isDrained: boolean): Promise<void> {
    this.#stop.abort();
    await this.#looking;
    if (isDrained) await this.#store.leave(this.#member).catch(() => {});
  }

  /** Polls once now, so that a process that starts during a pause starts closed. */
  async look(): Promise<void> {
    const following = this.#following;
    const lease = await this.#store.lease();
    // A pause began or ended here meanwhile, and what was read may be older.
    if (this.#following !== following) return;
    if (following !== undefined && lease?.id !== following) this.#open(following);
    if (lease === undefined || this.#asking.has(lease.id)) return;
    this.#leaseEndMs = this.#clock.monotonicMs() + lease.leftMs;
    if (this.#following === undefined) void this.#follow(lease);
  }

  async pause(request: PauseRequest, signal: AbortSignal): Promise<Outcome<PauseAnswer>> {
    if (request.leaseId !== undefined) return await this.#renew(request.leaseId, request.leaseMs);
    signal.throwIfAborted();
    await allEnlisted(this.#store, this.#aliveMs, request.drainTimeoutMs, signal);
    const lease = { id: randomUUID(), holder: request.holder ?? "unnamed" };
    this.#asking.add(lease.id);
    try {
      const obstacle = await this.#store.take(lease, request.backupId, request.drainTimeoutMs + marginMs);
      return obstacle === undefined ? await this.#close(lease, request, signal) : await this.#obstructed(obstacle);
    } finally {
      this.#asking.delete(lease.id);
    }
  }

  /** Ends the pause, whichever process receives the request. */
  async resume(leaseId: string): Promise<Outcome<ResumeAnswer>> {
    if (!(await this.#store.release(leaseId))) return await this.#lost();
    const resumed = this.#gate.resume(leaseId);
    if (this.#following === leaseId) this.#following = undefined;
    return resumed.ok ? resumed : { ok: true, value: { resumed: true, pausedMs: 0 } };
  }

  writes(): WritesStatus {
    const { expiresAt, ...writes } = this.#gate.writes();
    return expiresAt === undefined ? writes : { ...writes, expiresAt: this.#isoIn(this.#leaseEndMs) };
  }

  async status(): Promise<ServiceStatus> {
    return { writes: this.writes(), backup: await this.#store.backup() };
  }

  async beginBackup(id: string): Promise<Outcome<undefined>> {
    const status: BackupStatus = { state: "running", id, startedAt: this.#isoIn(this.#clock.monotonicMs()) };
    // A suspended process may have counted as dead, and a dead process's backup does not count.
    await this.#store.enlist(this.#member, this.#aliveMs);
    const obstacle = await this.#store.beginBackup(this.#member, status);
    if (obstacle !== undefined) return await this.#obstructed(obstacle);
    // No pause is held any more, but the local gate may not have seen that yet.
    await this.look();
    const begun = this.#gate.beginBackup(id);
    if (!begun.ok) {
      const failed: BackupStatus = { ...status, state: "failed", message: begun.conflict.message };
      await this.#store.noteBackup(this.#member, failed);
    }
    return begun;
  }

  async noteBackup(id: string, progress: string): Promise<void> {
    this.#gate.noteBackup(id, progress);
    await this.#shareBackup(id);
  }

  async endBackup(id: string, state: "succeeded" | "failed", message: string): Promise<void> {
    this.#gate.endBackup(id, state, message);
    await this.#shareBackup(id);
  }

  /**
   * Runs one update at a time, each with the state at its turn, so that a note cannot overtake the end. The database
   * may be unavailable: then the process that runs the backup knows more than the fleet.
   */
  async #shareBackup(id: string): Promise<void> {
    this.#sharing = this.#shareAfter(this.#sharing, id);
    await this.#sharing;
  }

  async #shareAfter(earlier: Promise<void>, id: string): Promise<void> {
    await earlier;
    const status = this.#gate.coordination.backup();
    if (status.id !== id) return;
    await this.#store.noteBackup(this.#member, status).catch((error: unknown) => {
      this.#gate.note("backup-not-shared", { backup: id, why: errorMessage(error) });
    });
  }

  /** Once the lease is taken: closes the gate here, waits for the others, and sets the lease to its full length. */
  async #close(lease: SharedLease, request: PauseRequest, signal: AbortSignal): Promise<Outcome<PauseAnswer>> {
    const startedMs = this.#clock.monotonicMs();
    // An earlier pause has ended, or this lease would not have been granted; the local gate may not have seen that yet.
    if (this.#following !== undefined) this.#open(this.#following);
    this.#following = lease.id;
    this.#leaseEndMs = startedMs + request.drainTimeoutMs + request.leaseMs;
    try {
      const closed = await this.#gate.pause(this.#local(request.holder, request.drainTimeoutMs), signal, lease.id);
      if (!closed.ok) {
        await this.#giveUp(lease.id);
        return closed;
      }
      const timeoutMs = request.drainTimeoutMs - (this.#clock.monotonicMs() - startedMs);
      await allDrained(this.#store, { leaseId: lease.id, but: this.#member, timeoutMs, clock: this.#clock, signal });
      const isHeld = await this.#store.extend(lease.id, request.leaseMs);
      if (!isHeld || this.#following !== lease.id) throw new DrainError("writes go on: the lease ran out");
      if (signal.aborted) throw new DrainError("writes go on: the caller has gone");
    } catch (error) {
      await this.#giveUp(lease.id);
      throw error;
    }
    this.#leaseEndMs = this.#clock.monotonicMs() + request.leaseMs;
    return this.#answer(lease.id, request.leaseMs, this.#clock.monotonicMs() - startedMs);
  }

  /** The store decides whether a pause is allowed; the local gate only closes. */
  #local(holder: string | undefined, drainTimeoutMs: number): PauseRequest {
    const { state, id } = this.#gate.coordination.backup();
    return { holder, drainTimeoutMs, leaseMs: untilOpenedMs, backupId: state === "running" ? id : undefined };
  }

  async #renew(leaseId: string, leaseMs: number): Promise<Outcome<PauseAnswer>> {
    if (!(await this.#store.extend(leaseId, leaseMs))) return await this.#lost();
    await this.look();
    this.#gate.note("fleet-lease-renewed", { lease: leaseId, leaseMs });
    return this.#answer(leaseId, leaseMs, 0);
  }

  #answer(leaseId: string, leaseMs: number, drainMs: number): Outcome<PauseAnswer> {
    return { ok: true, value: { leaseId, drainMs, expiresAt: this.#isoIn(this.#clock.monotonicMs() + leaseMs) } };
  }

  async #follow({ id, holder, leftMs }: SharedLease & { readonly leftMs: number }): Promise<void> {
    this.#following = id;
    try {
      const closed = await this.#gate.pause(this.#local(holder, Math.ceil(leftMs)), this.#stop.signal, id);
      if (closed.ok && this.#following === id) await this.#store.noteDrained(id, this.#member, longestPauseMs);
    } catch (error) {
      // Not drained, so nothing is reported, and the process that handles the pause abandons it.
      this.#gate.note("fleet-pause-not-followed", { lease: id, why: errorMessage(error) });
    }
  }

  async #giveUp(leaseId: string): Promise<void> {
    await this.#store.release(leaseId).catch(() => false);
    this.#open(leaseId);
  }

  #open(leaseId: string): void {
    this.#gate.coordination.abandonDrain(leaseId, "the fleet gave the pause up");
    this.#gate.resume(leaseId);
    if (this.#following === leaseId) this.#following = undefined;
  }

  async #keepLooking(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      try {
        if (this.#clock.monotonicMs() - this.#saidAliveMs > this.#aliveMs / 3) {
          await this.#store.enlist(this.#member, this.#aliveMs);
          this.#saidAliveMs = this.#clock.monotonicMs();
        }
        await this.look();
      } catch {
        // The database is unavailable, so nothing is written either; the state is read again when it is back.
      }
      await pace(lookEveryMs, this.#stop.signal);
    }
  }

  async #obstructed(obstacle: Obstacle): Promise<Outcome<never>> {
    if (obstacle === "lease")
      return { ok: false, conflict: await this.#conflict("writes-paused", "writes are already paused") };
    const { id } = await this.#store.backup();
    const conflict: Conflict =
      obstacle === "backup"
        ? { code: "backup-running", message: "a triggered backup is running", holder: id }
        : { code: "backup-over", message: "the backup that this pause belongs to is not running" };
    return { ok: false, conflict };
  }

  async #lost(): Promise<Outcome<never>> {
    const message = "this lease is not held: it expired, was released, or was never granted by this fleet";
    return { ok: false, conflict: await this.#conflict("lease-lost", message) };
  }

  async #conflict(code: Conflict["code"], message: string): Promise<Conflict> {
    const lease = await this.#store.lease();
    if (lease === undefined) return { code, message };
    const expiresAt = this.#isoIn(this.#clock.monotonicMs() + lease.leftMs);
    return { code, message, holder: lease.holder, expiresAt };
  }

  /** Converts an instant of the monotonic clock to a wall-clock time. */
  #isoIn(atMs: number): string {
    return new Date(this.#clock.nowMs() + Math.max(0, atMs - this.#clock.monotonicMs())).toISOString();
  }
}

/** An id that stays the same after a restart on the same folder. */
function memberId(stateDir: string): string {
  const path = join(stateDir, "member-id");
  if (!existsSync(path)) writeFileSync(path, randomUUID(), { mode: 0o600 });
  return readFileSync(path, "utf8");
}

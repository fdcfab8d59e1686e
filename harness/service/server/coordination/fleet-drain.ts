// What a pause of a fleet waits for: that every process is known, and that each has stored its writes in flight.
import type { Clock } from "../../../base/clock.ts";
import { pace } from "../../../base/timer.ts";
import { waitFor } from "../../../base/wait.ts";
import type { FleetStore } from "./fleet-store.ts";
import { DrainError } from "./write-gate.ts";

/** A server that has just started may have lost the list of members; each registers again within a moment. */
export async function allEnlisted(
  store: FleetStore,
  aliveMs: number,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<void> {
  await waitFor(async () => (await store.serverUpMs()) >= aliveMs || undefined, {
    exit: "environment",
    what: "the members of the fleet to enlist with a database that has just started",
    timeoutMs: Math.max(timeoutMs, aliveMs),
    signal,
  });
}

export interface DrainOptions {
  readonly leaseId: string;
  /** The process that runs the pause; it has drained already. */
  readonly but: string;
  readonly timeoutMs: number;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

export async function allDrained(store: FleetStore, options: DrainOptions): Promise<void> {
  const { leaseId, but, timeoutMs, clock, signal } = options;
  const startedMs = clock.monotonicMs();
  for (;;) {
    const waiting = (await store.members(leaseId)).filter(({ id, state }) => id !== but && state !== "drained");
    if (waiting.length === 0) return;
    const dead = waiting.find(({ state }) => state === "dead");
    if (dead !== undefined)
      throw new DrainError(
        `writes go on: the service process ${dead.id} crashed, and writes that it had accepted may be half stored; ` +
          "start it again on its state folder",
      );
    if (clock.monotonicMs() - startedMs >= timeoutMs)
      throw new DrainError(`writes go on: ${waiting.length} other service processes did not drain in time`);
    if (signal.aborted) throw new DrainError("writes go on: the caller has gone");
    await pace(5, signal);
  }
}

// Keeps a second vault up to a first one for as long as it runs: the newest chain is looked at every moment, all the rest
// now and then. A vault that does not answer is tried again.
import { type Clock, systemClock } from "../../base/clock.ts";
import { pace } from "../../base/timer.ts";
import { keepTrying } from "../archive/keep-trying.ts";
import type { Copied, ReplicatedMoment, Replicator, ReplicatorOptions, Round } from "./replicator.ts";

export interface FollowOptions extends ReplicatorOptions {
  /** How often the newest chain is looked at. */
  readonly everyMs: number;
  /** How often both vaults are compared as a whole. */
  readonly roundEveryMs: number;
  /** How long a vault that fails is tried again. */
  readonly giveUpMs: number;
  readonly onStatus: (status: FollowStatus) => void;
}

export interface FollowStatus {
  readonly copied: Readonly<Copied>;
  readonly newest: ReplicatedMoment | undefined;
  /** The longest lag of an increment since the first round was complete. */
  readonly lagMaxMs: number;
  /** What the last comparison found; undefined until one was complete. */
  readonly last: Round | undefined;
}

/** Until the signal; returns what the last complete round found. */
export async function follow(replicator: Replicator, options: FollowOptions): Promise<FollowStatus> {
  const { clock = systemClock, signal } = options;
  let status: FollowStatus = {
    copied: replicator.copied,
    newest: replicator.newest,
    lagMaxMs: 0,
    last: undefined,
  };
  status = await roundStatus(replicator, options, clock, status);
  let dueMs = clock.monotonicMs() + options.roundEveryMs;
  while (!signal.aborted) {
    await pace(options.everyMs, signal);
    if (signal.aborted) break;
    replicator.takeLagMaxMs();
    if (clock.monotonicMs() >= dueMs) {
      status = await roundStatus(replicator, options, clock, status);
      dueMs = clock.monotonicMs() + options.roundEveryMs;
    } else
      await trying(options, clock, async () => {
        // Trying again does not mend what is wrong in a vault, and all the rest can be copied.
        if (!(await replicator.advance())) dueMs = clock.monotonicMs();
      });
    const lagMaxMs = Math.max(status.lagMaxMs, replicator.takeLagMaxMs());
    status = { ...status, newest: replicator.newest, lagMaxMs };
    options.onStatus(status);
  }
  await replicator.end();
  return status;
}

async function roundStatus(
  replicator: Replicator,
  options: FollowOptions,
  clock: Clock,
  before: FollowStatus,
): Promise<FollowStatus> {
  let { last } = before;
  await trying(options, clock, async () => {
    last = await replicator.round();
  });
  const { lagMaxMs } = before;
  const status = { copied: replicator.copied, newest: replicator.newest, lagMaxMs, last };
  options.onStatus(status);
  return status;
}

/** An interrupt ends the work in its middle; what it left is taken up by the next run. */
async function trying(
  { giveUpMs, signal, progress }: FollowOptions,
  clock: Clock,
  work: () => Promise<void>,
): Promise<void> {
  const note = (line: string): void => progress.note(line);
  try {
    await keepTrying("the replication", work, { giveUpMs, clock, signal, note });
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

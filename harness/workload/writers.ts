// Writers that keep writing episodes during a drill, through the graph service or directly to the engine, with one
// history line per attempt. A writer has one write open at a time; its content is a pure function of (seed, writer,
// sequence).
//
// On 503 a writer waits as long as Retry-After says and retries the same write (same sequence and uuid, next attempt),
// so that a pause delays it without losing the write. A write that failed or has an unknown outcome is not retried: the
// next write is a new one, and the doubt stays visible in the history.
import { type EpisodeMessage, randomMessage } from "../../generators/writes/episode-writes.ts";
import { type Clock, systemClock } from "../base/clock.ts";
import { DrillError, usageError } from "../base/errors.ts";
import { pace } from "../base/timer.ts";
import { FatalProbeError, waitFor } from "../base/wait.ts";
import type { Connection } from "../falkordb/client/connection.ts";
import { type EpisodeTransport, engineTransport, type EpisodeClient, serviceTransport } from "./episode-client.ts";
import type { HistorySink } from "./history/history-file.ts";
import { SharedPace } from "./pacer.ts";
import { SummaryBuilder, type WorkloadSummary } from "./history/summary.ts";
import { checkProfile, type Reach, type WriteProfile } from "./write-profile.ts";

/** Options of episode writers, with the transport: the service or the engine. */
export type WritersOptions = EpisodeOptions &
  ({ readonly service: { readonly url: string } } | { readonly engine: Connection["endpoint"] });

interface EpisodeOptions {
  readonly writers: number;
  /** Prefix of their names; two sets of writers of one history must not share it. */
  readonly names?: string;
  /** Combined rate of all writers; full speed by default. */
  readonly profile?: WriteProfile;
  readonly seed: number;
  readonly history: HistorySink;
  /** Graphs; writer k writes to graph k modulo their number. */
  readonly groups: readonly string[];
  /** Length of the embeddings; 0 omits them. */
  readonly dims?: number;
  readonly schema?: "pre1856" | "post1856";
  /** Deadline of one attempt. */
  readonly attemptTimeoutMs?: number;
  /** Deadline for the first acknowledged write. */
  readonly startTimeoutMs?: number;
  /** Aborts the wait for it. */
  readonly signal?: AbortSignal;
  readonly clock?: Clock;
}

export interface RunningWriters extends AsyncDisposable {
  /** Acknowledged writes so far. */
  readonly acked: number;
  readonly profile: WriteProfile;
  /** How well the profile has been kept so far. */
  reach(): Reach;
  /** Why the last failed write failed. */
  readonly lastReason: string | undefined;
  /** Lets each writer finish its current write; stopping twice returns the same summary. */
  stop(): Promise<WorkloadSummary>;
}

const pauseAfterTroubleMs = 50;
const defaultRetryAfterMs = 50;
const defaultAttemptTimeoutMs = 30_000;
const defaultStartTimeoutMs = 15_000;

/** Resolves when the first write has been acknowledged. */
export async function startWriters(options: WritersOptions): Promise<RunningWriters> {
  check(options);
  const { writers, groups, startTimeoutMs = defaultStartTimeoutMs, clock = systemClock } = options;
  const { profile = { kind: "flat-out" } } = options;
  const transport = transportOf(options);
  await transport.prepare(groups);
  const stop = new AbortController();
  const state: WriterState = {
    names: options.names ?? ("engine" in options ? "direct" : "writer"),
    transport,
    shared: new SharedPace(profile, writers, clock),
    summary: new SummaryBuilder(),
    lastReason: undefined,
    stop: stop.signal,
  };
  const loops = Array.from({ length: writers }, (_, index) => runWriter(index, options, state));
  const all = Promise.all(loops);
  // A writer ends early only because of an error of the harness itself, such as a full disk; stop() rethrows it.
  let crash: unknown;
  all.catch((error: unknown) => {
    crash = error;
  });
  const running: RunningWriters = {
    get acked() {
      return state.summary.acked;
    },
    get lastReason() {
      return state.lastReason;
    },
    profile,
    reach: () => state.shared.reach(state.summary.acked),
    stop: async () => {
      stop.abort();
      await all;
      return state.summary.build();
    },
    [Symbol.asyncDispose]: async () => {
      stop.abort();
      await Promise.allSettled(loops);
    },
  };
  try {
    await waitFor(
      () => {
        if (crash instanceof Error) throw new FatalProbeError(crash);
        return state.summary.acked > 0 || undefined;
      },
      {
        what: "the first acknowledged write",
        timeoutMs: startTimeoutMs,
        intervalMs: 5,
        exit: "environment",
        signal: options.signal,
      },
    );
    return running;
  } catch (error) {
    await running[Symbol.asyncDispose]();
    if (crash !== undefined) throw error;
    throw new DrillError(`no write through ${transport.name} was acknowledged: ${state.lastReason ?? "no answer"}`, {
      exit: "environment",
      hint: transport.hint,
      cause: error,
    });
  }
}

function transportOf(options: WritersOptions): EpisodeTransport {
  if ("engine" in options) return engineTransport(options.engine);
  return serviceTransport(options.service.url, options.attemptTimeoutMs ?? defaultAttemptTimeoutMs);
}

interface WriterState {
  /** Prefix of the writers' names. */
  readonly names: string;
  readonly transport: EpisodeTransport;
  readonly shared: SharedPace;
  readonly summary: SummaryBuilder;
  lastReason: string | undefined;
  readonly stop: AbortSignal;
}

async function runWriter(index: number, options: WritersOptions, state: WriterState): Promise<void> {
  const { seed, dims = 0, schema = "post1856", groups } = options;
  const writer = `${state.names}-${index}`;
  const groupId = groups[index % groups.length] ?? "";
  await using way = state.transport.open();
  for (let sequence = 0; !state.stop.aborted; sequence += 1) {
    await state.shared.due(index, sequence, state.stop);
    if (state.stop.aborted) return;
    const message = randomMessage({ seed, writer, sequence, groupId, dims, schema });
    const heldMs = await writeOne({ writer, sequence, message, way }, options, state);
    state.shared.held(index, heldMs);
  }
}

interface Write {
  readonly writer: string;
  readonly sequence: number;
  readonly message: EpisodeMessage;
  readonly way: EpisodeClient;
}

/** Returns how long refusals held the write, in milliseconds. */
async function writeOne(write: Write, options: WritersOptions, state: WriterState): Promise<number> {
  const { clock = systemClock, history } = options;
  const { writer, sequence, message, way } = write;
  const known = { writer, sequence, kind: "episode", graph: message.groupId, uuid: message.uuid };
  const firstMs = clock.monotonicMs();
  for (let attempt = 0; ; attempt += 1) {
    const invokedMs = clock.monotonicMs();
    const { outcome, retryAfterMs, reason } = await way.write(message);
    const record = { ...known, attempt, invokedMs, completedMs: clock.monotonicMs(), outcome };
    history.record(record);
    state.summary.add(record);
    if (reason !== undefined) state.lastReason = reason;
    const heldMs = invokedMs - firstMs;
    if (outcome === "ok") return heldMs;
    await pace(outcome === "refused" ? (retryAfterMs ?? defaultRetryAfterMs) : pauseAfterTroubleMs, state.stop);
    if (outcome !== "refused" || state.stop.aborted) return heldMs;
  }
}

function check({ writers, profile, groups }: EpisodeOptions): void {
  if (!Number.isInteger(writers) || writers < 1) throw usageError(`${writers} writers: expected one or more`);
  if (profile !== undefined) checkProfile(profile);
  if (groups.length === 0) throw usageError("writers need at least one graph to write to");
}

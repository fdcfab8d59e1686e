// Writers that keep writing episodes through the graph service while a drill goes on, each with a line of history for
// every attempt. A writer has one write open at a time; what it writes is a pure function of (seed, writer, sequence).
//
// On 503 a writer waits as long as Retry-After says and tries the same write again (same sequence and uuid, next
// attempt), so that a pause holds it but costs it nothing. A write that failed or whose end is unknown is not tried
// again: the next write is another one, and the doubt stays visible in the history.
import { episodeMessageBody } from "../service/messages.ts";
import { randomMessage } from "../../generators/episode-writes.ts";
import { type Clock, systemClock } from "../base/clock.ts";
import { DrillError, usageError } from "../base/errors.ts";
import { pace } from "../base/timer.ts";
import { FatalProbeError, waitFor } from "../base/wait.ts";
import type { HistorySink } from "./history-file.ts";
import { SummaryBuilder, type WorkloadSummary } from "./summary.ts";
import { attemptWrite } from "./write-attempt.ts";

export interface WritersOptions {
  readonly service: { readonly url: string };
  readonly writers: number;
  /** Writes a second of all writers together; undefined is as fast as it goes. */
  readonly rate?: number | undefined;
  readonly seed: number;
  readonly history: HistorySink;
  /** Writer k writes to graph k modulo their number. */
  readonly groups: readonly string[];
  /** Length of the embeddings; 0 leaves them out. */
  readonly dims?: number;
  readonly schema?: "pre1856" | "post1856";
  /** Deadline of one attempt. */
  readonly attemptTimeoutMs?: number;
  /** Deadline for the first acknowledged write. */
  readonly startTimeoutMs?: number;
  readonly clock?: Clock;
}

export interface RunningWriters extends AsyncDisposable {
  /** Acknowledged writes so far. */
  readonly acked: number;
  /** Lets each writer finish the write that it is at; stopping twice gives the same summary. */
  stop(): Promise<WorkloadSummary>;
}

const pauseAfterTroubleMs = 50;
const defaultRetryAfterMs = 50;
const defaultAttemptTimeoutMs = 30_000;
const defaultStartTimeoutMs = 15_000;

function writerName(index: number): string {
  return `writer-${index}`;
}

/** Resolves when the first write has been acknowledged. */
export async function startWriters(options: WritersOptions): Promise<RunningWriters> {
  check(options);
  const { writers, startTimeoutMs = defaultStartTimeoutMs } = options;
  const stop = new AbortController();
  const state: WriterState = { summary: new SummaryBuilder(), lastReason: undefined, stop: stop.signal };
  const loops = Array.from({ length: writers }, (_, index) => runWriter(index, options, state));
  const all = Promise.all(loops);
  // A writer ends early only by an error of the harness itself, such as a full disk; stop() passes it on.
  let crash: unknown;
  all.catch((error: unknown) => {
    crash = error;
  });
  const running: RunningWriters = {
    get acked() {
      return state.summary.acked;
    },
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
      { what: "the first acknowledged write", timeoutMs: startTimeoutMs, intervalMs: 5, exit: "environment" },
    );
    return running;
  } catch (error) {
    await running[Symbol.asyncDispose]();
    if (crash !== undefined) throw error;
    throw new DrillError(
      `no write through ${options.service.url} was acknowledged: ${state.lastReason ?? "no answer"}`,
      {
        exit: "environment",
        hint: "is this the URL of a graph service, and is its /healthcheck green?",
        cause: error,
      },
    );
  }
}

interface WriterState {
  readonly summary: SummaryBuilder;
  lastReason: string | undefined;
  readonly stop: AbortSignal;
}

async function runWriter(index: number, options: WritersOptions, state: WriterState): Promise<void> {
  const { clock = systemClock, rate, writers, seed, dims = 0, schema = "post1856", groups } = options;
  const intervalMs = rate === undefined ? 0 : (1000 * writers) / rate;
  const writer = writerName(index);
  const graph = groups[index % groups.length] ?? "";
  // Writers start spread over one interval, or they would all write in the same instant.
  let dueMs = clock.monotonicMs() + (intervalMs * index) / writers;
  for (let sequence = 0; !state.stop.aborted; sequence += 1) {
    await pace(dueMs - clock.monotonicMs(), state.stop);
    if (state.stop.aborted) return;
    const message = randomMessage({ seed, writer, sequence, groupId: graph, dims, schema });
    await writeOne({ writer, sequence, graph, uuid: message.uuid, body: episodeMessageBody(message) }, options, state);
    // After a pause the writer goes on at its rate; it does not catch up on what the pause cost.
    dueMs = Math.max(dueMs + intervalMs, clock.monotonicMs() - intervalMs);
  }
}

interface Write {
  readonly writer: string;
  readonly sequence: number;
  readonly graph: string;
  readonly uuid: string;
  readonly body: string;
}

async function writeOne({ body, ...write }: Write, options: WritersOptions, state: WriterState): Promise<void> {
  const { clock = systemClock, history, attemptTimeoutMs = defaultAttemptTimeoutMs } = options;
  const url = new URL("/messages", options.service.url);
  for (let attempt = 0; ; attempt += 1) {
    const invokedMs = clock.monotonicMs();
    const { outcome, retryAfterMs, reason } = await attemptWrite(url, body, attemptTimeoutMs);
    const record = { ...write, attempt, kind: "episode", invokedMs, completedMs: clock.monotonicMs(), outcome };
    history.record(record);
    state.summary.add(record);
    if (reason !== undefined) state.lastReason = reason;
    if (outcome === "ok") return;
    if (outcome !== "refused") {
      await pace(pauseAfterTroubleMs, state.stop);
      return;
    }
    await pace(retryAfterMs ?? defaultRetryAfterMs, state.stop);
    if (state.stop.aborted) return;
  }
}

function check({ service, writers, rate, groups }: WritersOptions): void {
  if (!URL.canParse(service.url)) throw usageError(`"${service.url}" is not the URL of a graph service`);
  if (!Number.isInteger(writers) || writers < 1) throw usageError(`${writers} writers: expected one or more`);
  if (rate !== undefined && !(rate > 0)) throw usageError(`a rate of ${rate} writes a second: expected more than 0`);
  if (groups.length === 0) throw usageError("writers need at least one graph to write to");
}

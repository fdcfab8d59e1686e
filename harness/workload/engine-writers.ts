// Writers that go straight at the engine, one query a write, each with a line of history for every write. A writer has
// one write open at a time and a connection of its own; a write whose answer never came is unknown and not tried again.
import { writeKinds } from "../../generators/writes/write-kinds.ts";
import type { WriteKind, WriteKindName } from "../../generators/writes/write-kind.ts";
import { type Clock, systemClock } from "../base/clock.ts";
import { messageOf, usageError } from "../base/errors.ts";
import { pace } from "../base/timer.ts";
import { connect, type Connection } from "../falkordb/connection.ts";
import type { HistorySink } from "./history-file.ts";
import type { WriteOutcome } from "./history.ts";
import { SummaryBuilder, type WorkloadSummary } from "./summary.ts";
import { checkProfile, dueAt, dueWithin, type Reach, type WriteProfile } from "./write-profile.ts";

export interface EngineWritersOptions {
  readonly endpoint: Connection["endpoint"];
  readonly kind: WriteKindName;
  /** Made here; it must not be there. */
  readonly graph: string;
  readonly writers: number;
  /** Of all writers together. */
  readonly profile: WriteProfile;
  readonly seed: number;
  readonly history: HistorySink;
  readonly clock?: Clock;
}

export interface EngineWriters extends AsyncDisposable {
  readonly kind: WriteKindName;
  readonly graph: string;
  readonly profile: WriteProfile;
  readonly acked: number;
  /** How the profile was kept up to now. */
  reach(): Reach;
  /** Why the last write that did not go well did not. */
  readonly lastReason: string | undefined;
  stop(): Promise<WorkloadSummary>;
}

const pauseAfterTroubleMs = 50;

export async function startEngineWriters(options: EngineWritersOptions): Promise<EngineWriters> {
  const { clock = systemClock, kind: name, graph, writers, profile, endpoint } = options;
  checkProfile(profile);
  if (!Number.isInteger(writers) || writers < 1) throw usageError(`${writers} writers: expected one or more`);
  const kind = writeKinds[name];
  await setUp(endpoint, graph, kind);
  const stop = new AbortController();
  const summary = new SummaryBuilder();
  const state: State = { clock, kind, startMs: clock.monotonicMs(), summary, stop: stop.signal, reason: undefined };
  const loops = Array.from({ length: writers }, (_, index) => runWriter(index, options, state));
  const all = Promise.all(loops);
  // An error of the harness itself, such as a full disk; stop() passes it on.
  all.catch(() => {});
  return {
    kind: name,
    graph,
    profile,
    get acked() {
      return summary.acked;
    },
    get lastReason() {
      return state.reason;
    },
    reach: () => {
      const elapsedMs = clock.monotonicMs() - state.startMs;
      return { elapsedMs, due: dueWithin(profile, elapsedMs), acked: summary.acked };
    },
    stop: async () => {
      stop.abort();
      await all;
      return summary.build();
    },
    [Symbol.asyncDispose]: async () => {
      stop.abort();
      await Promise.allSettled(loops);
    },
  };
}

async function setUp(endpoint: Connection["endpoint"], graph: string, kind: WriteKind): Promise<void> {
  await using connection = await connect(endpoint);
  if ((await connection.graphs()).includes(graph))
    throw usageError(`the graph ${graph} for ${kind.name} is there already`);
  for (const { cypher, parameters } of kind.setUp()) await connection.query(graph, cypher, parameters);
}

interface State {
  readonly clock: Clock;
  readonly kind: WriteKind;
  readonly startMs: number;
  readonly summary: SummaryBuilder;
  readonly stop: AbortSignal;
  reason: string | undefined;
}

async function runWriter(index: number, options: EngineWritersOptions, state: State): Promise<void> {
  const { clock, kind, startMs, stop } = state;
  const { graph, writers, profile, seed } = options;
  const writer = `${kind.name}-${index}`;
  await using line = new Line(options.endpoint);
  for (let sequence = 0; ; sequence += 1) {
    await pace(startMs + dueAt(profile, sequence * writers + index) - clock.monotonicMs(), stop);
    if (stop.aborted) return;
    const invokedMs = clock.monotonicMs();
    const { outcome, reason } = await line.write(graph, kind.write({ seed, writer, sequence }));
    const uuid = `${writer}/${sequence}`;
    const completedMs = clock.monotonicMs();
    const record = { writer, sequence, attempt: 0, kind: kind.name, invokedMs, completedMs, outcome, graph, uuid };
    options.history.record(record);
    state.summary.add(record);
    if (outcome === "ok") continue;
    state.reason = reason;
    await pace(pauseAfterTroubleMs, stop);
  }
}

interface Attempt {
  readonly outcome: WriteOutcome;
  readonly reason?: string;
}

/** A connection that is made anew when it was lost. */
class Line implements AsyncDisposable {
  readonly #endpoint: Connection["endpoint"];
  #connection: Connection | undefined;

  constructor(endpoint: Connection["endpoint"]) {
    this.#endpoint = endpoint;
  }

  async write(graph: string, { cypher, parameters, rows }: ReturnType<WriteKind["write"]>): Promise<Attempt> {
    try {
      this.#connection ??= await connect(this.#endpoint, { timeoutMs: 1000, commandTimeoutMs: 30_000 });
    } catch (error) {
      return { outcome: "failed", reason: messageOf(error) };
    }
    try {
      const answer = await this.#connection.query(graph, cypher, parameters);
      if (answer.rows.length === rows) return { outcome: "ok" };
      return { outcome: "failed", reason: `the query found nothing to change: ${cypher.slice(0, 60)}` };
    } catch (error) {
      // The engine rolls a query back that it answers with an error.
      if (error instanceof Error && error.name === "ReplyError") return { outcome: "failed", reason: error.message };
      this.#connection.close();
      this.#connection = undefined;
      return { outcome: "unknown", reason: messageOf(error) };
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#connection?.close();
    return Promise.resolve();
  }
}

// Writers directly on the engine, one query per write, with one history line per write. A writer has one write open at
// a time and its own connection; a write without an answer is unknown and not retried.
import { writeKinds } from "../../generators/writes/write-kinds.ts";
import { traceNames, type WriteKind, type WriteKindName } from "../../generators/writes/write-kind.ts";
import { type Clock, systemClock } from "../base/clock.ts";
import { usageError } from "../base/errors.ts";
import { pace } from "../base/timer.ts";
import { connect, type Connection } from "../falkordb/client/connection.ts";
import type { HistorySink } from "./history/history-file.ts";
import { type Attempt, WriterConnection } from "./writer-connection.ts";
import { WriterGate } from "./writer-gate.ts";
import { SharedPace } from "./pacer.ts";
import { SummaryBuilder, type WorkloadSummary } from "./history/summary.ts";
import { checkProfile, type Reach, type WriteProfile } from "./write-profile.ts";

export interface EngineWritersOptions {
  readonly endpoint: Connection["endpoint"];
  readonly kind: WriteKindName;
  /** Graph to create; it must not exist. */
  readonly graph: string;
  /** Number of graphs that the writes go to in turn, named `<graph>-<number>`; by default they all go to `graph`. */
  readonly graphs?: number;
  readonly writers: number;
  /** Combined rate of all writers. */
  readonly profile: WriteProfile;
  readonly seed: number;
  readonly history: HistorySink;
  readonly clock?: Clock;
}

export interface EngineWriters extends AsyncDisposable {
  readonly kind: WriteKindName;
  readonly graphs: readonly string[];
  readonly profile: WriteProfile;
  readonly acked: number;
  /** How well the profile has been kept so far. */
  reach(): Reach;
  /** Why the last failed write failed. */
  readonly lastReason: string | undefined;
  /** Resolves when no writer has a write open; further writes wait for `release`. */
  hold(): Promise<void>;
  release(): void;
  stop(): Promise<WorkloadSummary>;
}

const pauseAfterTroubleMs = 50;

export async function startEngineWriters(options: EngineWritersOptions): Promise<EngineWriters> {
  const { clock = systemClock, kind: name, writers, profile, endpoint } = options;
  checkProfile(profile);
  if (!Number.isInteger(writers) || writers < 1) throw usageError(`${writers} writers: expected one or more`);
  const kind = writeKinds[name];
  const graphs = graphNames(options);
  await setUp(endpoint, graphs, kind);
  const stop = new AbortController();
  const summary = new SummaryBuilder();
  const shared = new SharedPace(profile, writers, clock);
  const gate = new WriterGate();
  const state: State = { clock, kind, graphs, shared, summary, stop: stop.signal, gate, reason: undefined };
  const loops = Array.from({ length: writers }, (_, index) => runWriter(index, options, state));
  const all = Promise.all(loops);
  // An error of the harness itself, such as a full disk; stop() rethrows it.
  all.catch(() => {});
  return {
    kind: name,
    graphs,
    profile,
    get acked() {
      return summary.acked;
    },
    get lastReason() {
      return state.reason;
    },
    reach: () => shared.reach(summary.acked),
    hold: () => state.gate.hold(),
    release: () => state.gate.release(),
    stop: async () => {
      stop.abort();
      state.gate.release();
      await all;
      return summary.build();
    },
    [Symbol.asyncDispose]: async () => {
      stop.abort();
      state.gate.release();
      await Promise.allSettled(loops);
    },
  };
}

function graphNames({ graph, graphs = 1 }: EngineWritersOptions): readonly string[] {
  return graphs === 1 ? [graph] : Array.from({ length: graphs }, (_, number) => `${graph}-${number}`);
}

async function setUp(endpoint: Connection["endpoint"], graphs: readonly string[], kind: WriteKind): Promise<void> {
  await using connection = await connect(endpoint);
  const there = new Set(await connection.graphs());
  for (const graph of graphs) {
    if (there.has(graph)) throw usageError(`the graph ${graph} for ${kind.name} is there already`);
    for (const { cypher, parameters } of [...kind.setUp(), traceNames])
      await connection.query(graph, cypher, parameters);
  }
}

interface State {
  readonly clock: Clock;
  readonly kind: WriteKind;
  readonly graphs: readonly string[];
  readonly shared: SharedPace;
  readonly summary: SummaryBuilder;
  readonly stop: AbortSignal;
  readonly gate: WriterGate;
  reason: string | undefined;
}

async function runWriter(index: number, options: EngineWritersOptions, state: State): Promise<void> {
  const { clock, kind, graphs, shared, stop } = state;
  const { writers, seed } = options;
  const writer = `${kind.name}-${index}`;
  await using line = new WriterConnection(options.endpoint);
  for (let sequence = 0; ; sequence += 1) {
    await shared.due(index, sequence, stop);
    if (stop.aborted) return;
    const graph = graphs[(sequence * writers + index) % graphs.length] ?? "";
    const statement = kind.write({ seed, writer, sequence });
    const { outcome, reason, invokedMs, completedMs } = await state.gate.through(async () => {
      const began = clock.monotonicMs();
      const attempt = await line.attempt((connection) => send(connection, graph, statement));
      return { ...attempt, invokedMs: began, completedMs: clock.monotonicMs() };
    });
    const uuid = `${writer}/${sequence}`;
    const record = { writer, sequence, attempt: 0, kind: kind.name, invokedMs, completedMs, outcome, graph, uuid };
    options.history.record(record);
    state.summary.add(record);
    if (outcome === "ok") continue;
    state.reason = reason;
    await pace(pauseAfterTroubleMs, stop);
  }
}

async function send(
  connection: Connection,
  graph: string,
  { cypher, parameters, rows }: ReturnType<WriteKind["write"]>,
): Promise<Attempt> {
  const answer = await connection.query(graph, cypher, parameters);
  if (answer.rows.length === rows) return { outcome: "ok" };
  return { outcome: "failed", reason: `the query found nothing to change: ${cypher.slice(0, 60)}` };
}

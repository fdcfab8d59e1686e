// FalkorDB 4.16 can stop for ever: a lock is never given back, and nothing is answered any more, not even a PING
// (docs/track-record.md). Beside work that may meet this, a second connection keeps asking. A server that does not
// answer is busy, and is left alone, as long as it uses processor time or waits for a processor or a disk.
import { type Clock, systemClock } from "../../base/clock.ts";
import { address, type Endpoint } from "../../base/endpoint.ts";
import { DrillError, errorOf } from "../../base/errors.ts";
import { someThreadWorks, type Stillness, stillnessAfter } from "../../base/stillness.ts";
import { pace } from "../../base/timer.ts";
import { formatDuration } from "../../base/units.ts";
import { connect, type Connection } from "./connection.ts";

/** What there is to see of a server besides its answers. */
export interface WatchedServer {
  readonly endpoint: Endpoint;
  /** Processor time that it has used so far; undefined where nobody can tell. */
  cpuMs(): number | undefined;
  /** One line a thread: id, name, state, where in the kernel it waits. Empty where they are out of reach. */
  threads(): Promise<readonly string[]>;
  /** The end of its log. */
  logs(): Promise<string>;
}

/** A server of which nothing but its answers can be seen. */
export function remoteServer(endpoint: Endpoint): WatchedServer {
  return { endpoint, cpuMs: () => undefined, threads: () => Promise.resolve([]), logs: () => Promise.resolve("") };
}

/** What is there to see of a server that may be an engine of ours. */
export function watchedServer(server: Pick<WatchedServer, "endpoint"> & Partial<WatchedServer>): WatchedServer {
  const isSeen = server.cpuMs !== undefined && server.threads !== undefined && server.logs !== undefined;
  return isSeen ? (server as WatchedServer) : remoteServer(server.endpoint);
}

export interface HangWatchOptions {
  /** So long it gives no answer and uses no processor time. */
  readonly stillMs?: number;
  /** So long it gives no answer, where its processor time cannot be seen. */
  readonly silenceMs?: number;
  readonly clock?: Clock;
}

export class EngineHungError extends DrillError {
  override readonly name = "EngineHungError";
  /** What its threads were doing, and the end of its log. */
  readonly evidence: { readonly silentMs: number; readonly threads: readonly string[]; readonly log: string };

  constructor(message: string, evidence: EngineHungError["evidence"]) {
    super(message, {
      exit: "environment",
      code: "engine-hung",
      hint: "A deadlock in FalkorDB (docs/track-record.md): only kill -9 and a new start help.",
    });
    this.evidence = evidence;
  }
}

const askEveryMs = 500;
const stillMsDefault = 5000;
/** Long beside any query that a load makes. */
const silenceMsDefault = 120_000;

/** Ends with the work, or throws `EngineHungError` as soon as the server hangs; whoever waits for an answer is then left alone. */
export async function unlessHung<T>(
  server: WatchedServer,
  what: string,
  work: () => Promise<T>,
  options: HangWatchOptions = {},
): Promise<T> {
  // Before the work: a server that hangs accepts new connections and does not greet them.
  await using connection = await connect(server.endpoint, { name: "falkordrill-watch" });
  const stop = new AbortController();
  const working = work();
  working.catch(() => {});
  const hung = Promise.withResolvers<never>();
  hung.promise.catch(() => {});
  const watching = watch(connection, { server, what }, { ...options, signal: stop.signal }).then(
    (error) => error && hung.reject(error),
    (error: unknown) => hung.reject(errorOf(error)),
  );
  try {
    return await Promise.race([working, hung.promise]);
  } finally {
    stop.abort();
    await watching;
  }
}

interface Watched {
  readonly server: WatchedServer;
  readonly what: string;
}

/** Undefined when it was told to stop, or when the server is gone, which the work hears by itself. */
async function watch(
  connection: Connection,
  { server, what }: Watched,
  options: HangWatchOptions & { readonly signal: AbortSignal },
): Promise<EngineHungError | undefined> {
  const { clock = systemClock, stillMs = stillMsDefault, silenceMs = silenceMsDefault, signal } = options;
  const every = Math.min(askEveryMs, stillMs / 4);
  const asked = { isOpen: false, isGone: false, silentMs: 0 };
  let still: Stillness = { cpuMs: server.cpuMs(), ms: 0 };
  let lookedMs = clock.monotonicMs();
  while (!signal.aborted && !asked.isGone) {
    if (!asked.isOpen) void ask(connection, asked);
    await pace(every, signal);
    const nowMs = clock.monotonicMs();
    // Where this process stood still itself, answers may be waiting to be read: that time does not count.
    const passedMs = Math.min(nowMs - lookedMs, 2 * every);
    lookedMs = nowMs;
    asked.silentMs += passedMs;
    const { silentMs, isOpen } = asked;
    still = stillnessAfter(still, server.cpuMs(), passedMs);
    const isStill = still.cpuMs === undefined ? silentMs >= silenceMs : silentMs >= stillMs && still.ms >= stillMs;
    if (!isStill || !isOpen) continue;
    const threads = await server.threads();
    if (someThreadWorks(threads)) continue;
    const message = `FalkorDB at ${address(server.endpoint)} hangs in ${what}: no answer to PING for ${formatDuration(silentMs)}${still.cpuMs === undefined ? "" : ", and no processor time used"}`;
    return new EngineHungError(message, { silentMs, threads, log: await server.logs() });
  }
  return undefined;
}

interface Asked {
  isOpen: boolean;
  /** The connection has ended. */
  isGone: boolean;
  silentMs: number;
}

async function ask(connection: Connection, asked: Asked): Promise<void> {
  asked.isOpen = true;
  try {
    await connection.command("PING");
    asked.silentMs = 0;
    asked.isOpen = false;
  } catch {
    asked.isGone = true;
  }
}

// FalkorDB 4.16 can hang forever: a lock is never released, and nothing is answered any more, not even a PING
// (docs/track-record.md). During work that may meet this, a second connection keeps polling. A server that does not
// answer counts as busy as long as it uses processor time or waits for a processor or a disk.
import { type Clock, systemClock } from "../../base/clock.ts";
import { address, type Endpoint } from "../../base/endpoint.ts";
import { DrillError, errorOf } from "../../base/errors.ts";
import { someThreadWorks, type Stillness, stillnessAfter } from "../../base/stillness.ts";
import { pace } from "../../base/timer.ts";
import { formatDuration } from "../../base/units.ts";
import { connect, type Connection } from "./connection.ts";

/** What can be observed of a server process besides its answers. */
export interface WatchedServer {
  readonly endpoint: Endpoint;
  /** Processor time used so far; undefined where it is unknown. */
  cpuMs(): number | undefined;
  /** One line per thread: id, name, state, kernel wait channel. Empty where threads cannot be read. */
  threads(): Promise<readonly string[]>;
  /** The end of the server's log. */
  logs(): Promise<string>;
}

/** A server of which nothing but its answers can be seen. */
export function remoteServer(endpoint: Endpoint): WatchedServer {
  return { endpoint, cpuMs: () => undefined, threads: () => Promise.resolve([]), logs: () => Promise.resolve("") };
}

/** Returns what can be observed of a server, which may be an engine started by this program. */
export function watchedServer(server: Pick<WatchedServer, "endpoint"> & Partial<WatchedServer>): WatchedServer {
  const isSeen = server.cpuMs !== undefined && server.threads !== undefined && server.logs !== undefined;
  return isSeen ? (server as WatchedServer) : remoteServer(server.endpoint);
}

export interface HangWatchOptions {
  /** Silence after which a server that uses no processor time counts as hung. */
  readonly stillMs?: number;
  /** Silence after which a server counts as hung where its processor time is unknown. */
  readonly silenceMs?: number;
  readonly clock?: Clock;
}

export class EngineHungError extends DrillError {
  override readonly name = "EngineHungError";
  /** State of the server's threads, and the end of its log. */
  override readonly evidence: { readonly silentMs: number; readonly threads: readonly string[]; readonly log: string };

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
/** Much longer than any query of a load. */
const silenceMsDefault = 120_000;

/** Settles with the work, or throws `EngineHungError` as soon as the server hangs, without waiting for the work. */
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

/** Undefined after a stop, or when the server is gone, which the work itself notices. */
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
    // While this process itself was stalled, answers may have been left unread: that time does not count.
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

// The cut: writes pause, the server forks, writes resume. Everything that takes time is done before the pause, and the
// settings are restored after it, so the pause holds one request and one reply.
import { passPoint } from "../../base/process/crash-point.ts";
import { type Clock, systemClock } from "../../base/clock.ts";
import { address } from "../../base/endpoint.ts";
import { endedBy, reasonOf } from "../../base/deadline.ts";
import { DrillError, environmentError, errorMessage } from "../../base/errors.ts";
import { formatDuration } from "../../base/units.ts";
import { overOneConnection, waitFor } from "../../base/wait.ts";
import type { Connection } from "../../falkordb/client/connection.ts";
import { waitForIdleFork } from "../../falkordb/client/fork-wait.ts";
import { type StreamPosition, SnapshotClient } from "../../falkordb/replication/replication-client.ts";
import type { WriteCoordinator } from "../../service/coordinator.ts";

const pauseLeaseMs = 15_000;
const drainTimeoutMs = 30_000;
/**
 * The reply to PSYNC takes a fraction of a millisecond, unless another fork began while writes drained: the server
 * cleans up indexes in forks, every half minute and one after the other. Writers are not held for that; the cut is
 * retried when no fork runs. Only the last attempt waits for as long as writers can bear.
 */
const answerTimeoutMs = 150;
const lastAnswerTimeoutMs = 2000;
const idleTimeoutMs = 120_000;
/** How long the source may not answer before its connection counts as broken. */
export const sourceSilenceMs = 60_000;
const loadingTimeoutMs = 600_000;
const attemptsMax = 10;

export interface TakenCut extends StreamPosition {
  /** When the server answered, in milliseconds since the epoch. */
  readonly atMs: number;
  readonly client: SnapshotClient;
  readonly pauseMs: number | undefined;
  readonly drainMs: number | undefined;
}

/** The caller disposes of the client. */
export async function takeCut(
  connection: Connection,
  coordinator: WriteCoordinator | undefined,
  signal: AbortSignal,
  { clock = systemClock, silenceMs = sourceSilenceMs }: { readonly clock?: Clock; readonly silenceMs?: number } = {},
): Promise<TakenCut> {
  for (let attempt = 1; ; attempt++) {
    await waitForIdleFork(connection, { timeoutMs: idleTimeoutMs, signal, exit: "environment" });
    const client = await SnapshotClient.connect(connection.endpoint, { silenceMs, signal });
    try {
      const timeoutMs = attempt === attemptsMax ? lastAnswerTimeoutMs : answerTimeoutMs;
      return { ...(await pauseAndCut(client, coordinator, timeoutMs, signal, clock)), client };
    } catch (error) {
      await client[Symbol.asyncDispose]();
      if (!(error instanceof NoAnswerError) || attempt === attemptsMax) throw error;
    }
  }
}

async function pauseAndCut(
  client: SnapshotClient,
  coordinator: WriteCoordinator | undefined,
  timeoutMs: number,
  signal: AbortSignal,
  clock: Clock,
): Promise<Omit<TakenCut, "client">> {
  const pausedMs = clock.monotonicMs();
  const lease = await coordinator?.pause({ leaseMs: pauseLeaseMs, drainTimeoutMs, signal });
  passPoint("backup/writes-paused");
  const answer = async (): Promise<StreamPosition & { readonly atMs: number }> => {
    // Resuming throws when the lease was lost, and then the cut is worthless. An earlier failure stays the primary
    // error.
    await using pause = new AsyncDisposableStack();
    if (lease !== undefined) pause.defer(() => coordinator?.resume(lease.id));
    const position = await answerOf(client, timeoutMs, signal);
    passPoint("backup/cut-taken");
    return { ...position, atMs: clock.nowMs() };
  };
  return {
    ...(await answer()),
    pauseMs: lease === undefined ? undefined : clock.monotonicMs() - pausedMs,
    drainMs: lease?.drainMs,
  };
}

class NoAnswerError extends DrillError {
  override readonly name = "NoAnswerError";
}

function noAnswer(timeoutMs: number): NoAnswerError {
  return new NoAnswerError(`the source did not fork within ${timeoutMs} ms`, {
    exit: "environment",
    hint: "Another BGSAVE, AOF rewrite or index clean-up is in the way; try again when it has ended.",
  });
}

async function answerOf(client: SnapshotClient, timeoutMs: number, signal: AbortSignal): Promise<StreamPosition> {
  const late = AbortSignal.timeout(timeoutMs);
  try {
    return await endedBy(client.cut(), AbortSignal.any([signal, late]), 0);
  } catch (error) {
    // The signal also closes the connection, and the resulting error is not the reason.
    if (signal.aborted) throw reasonOf(signal);
    throw error === late.reason ? noAnswer(timeoutMs) : error;
  }
}

const infoHint =
  "Give user and password in the URL if the server asks for them: redis://user:password@host:port. The user needs the rights of docs/guides/least-rights.md.";

/** Refuses what cannot be backed up, before anything is changed there. Waits for a server that is still loading. */
export async function checkSource(
  connection: Connection,
  { note, signal }: { readonly note: (line: string) => void; readonly signal: AbortSignal },
): Promise<void> {
  const where = address(connection.endpoint);
  await untilLoaded(connection, note, signal);
  const info = await connection.info("replication").catch((error: unknown) => {
    throw environmentError(`${where} does not answer INFO: ${errorMessage(error)}`, infoHint, error);
  });
  if (info["role"] !== "master")
    throw environmentError(
      `${where} is a replica of ${info["master_host"] ?? "?"}:${info["master_port"] ?? "?"}, a backup needs the master`,
      "On FalkorDB 4.16 a replica can differ from its master without noticing; give the master's URL.",
    );
  const graphs = await connection.graphs().catch((error: unknown) => error);
  if (!(graphs instanceof Error)) return;
  if (graphs.message.startsWith("NOPERM"))
    throw environmentError(`${where} does not let this user list its graphs: ${graphs.message}`, "Allow GRAPH.LIST.");
  throw environmentError(
    `${where} is not a FalkorDB: ${graphs.message}`,
    "Check the URL; the graph module is missing.",
  );
}

/** While loading, a server refuses nearly everything, and does not even report its modules. */
async function untilLoaded(connection: Connection, note: (line: string) => void, signal: AbortSignal): Promise<void> {
  const isLoaded = async (): Promise<true | undefined> =>
    (await connection.info("persistence"))["loading"] === "1" ? undefined : true;
  // Whether the server can be reached at all is checked by the commands that follow.
  if ((await isLoaded().catch(() => true)) === true) return;
  const where = address(connection.endpoint);
  note(`${where} is still loading its data; waiting for at most ${formatDuration(loadingTimeoutMs)}`);
  const what = `${where} to have loaded its data (LOADING)`;
  const often = { intervalMs: 50, intervalMaxMs: 1000 };
  await waitFor(overOneConnection(isLoaded), {
    what,
    timeoutMs: loadingTimeoutMs,
    ...often,
    signal,
    exit: "environment",
  });
}

// What the steps of a restore in place share.
import { hash } from "node:crypto";
import { address } from "../../base/endpoint.ts";
import { errorMessage } from "../../base/errors.ts";
import type { PhaseTimer } from "../../base/phases.ts";
import type { Progress } from "../../base/progress.ts";
import { waitFor } from "../../base/wait.ts";
import type { Engine, EngineProvider } from "../../engine/engine.ts";
import { connect, type Connection } from "../../falkordb/client/connection.ts";
import { digestServer, type ServerDigest } from "../../observe/digest/server-digest.ts";
import type { BackupContext } from "../backup/backup.ts";
import { tryAppend } from "../catalogue/append.ts";
import type { RecoveryTarget } from "../chain/find-moment.ts";
import { releaseLeft } from "../restore/left-restore.ts";
import type { PausableApplication } from "./application.ts";
import type { RestoreJournal } from "./journal.ts";
import { closeGate, markOf, openGate } from "../restore/write-gate.ts";

/** In the order in which they are passed. A failure in any of them is rolled back, except in the last. */
export const inPlaceSteps = [
  "beside",
  "pause",
  "refuse writes",
  "safety",
  "swap",
  "prove",
  "health",
  "open",
  "resume",
] as const;
export type InPlaceStep = (typeof inPlaceSteps)[number];

export interface InPlaceRequest {
  readonly point: string;
  readonly at?: RecoveryTarget;
  readonly target: Engine;
  /** Where the backup is restored and proven first. */
  readonly engines: EngineProvider;
  /** The application in front of the target; absent where its writes are only refused by the server. */
  readonly application?: PausableApplication | undefined;
  /** Asks the application itself how it is, once the target takes writes; returns what is wrong. */
  readonly applicationHealth?: ((signal: AbortSignal) => Promise<string | undefined>) | undefined;
  /** Confirms that what the target holds is replaced. */
  readonly confirmed: boolean;
  /** Without an application: confirms that writes to the target are refused meanwhile. */
  readonly refuseWrites: boolean;
  readonly allowFaulty?: boolean;
  readonly keepIndexes?: boolean;
  /** Flags of the command line by which the target and the application are reached again; no secrets. */
  readonly flags?: readonly string[];
  readonly progress: Progress;
  readonly signal: AbortSignal;
  /** Called at the end of every step. */
  readonly passed?: (step: InPlaceStep) => Promise<void> | void;
}

export interface InPlaceRun {
  readonly context: BackupContext;
  readonly request: InPlaceRequest;
  readonly journal: RestoreJournal;
  readonly timer: PhaseTimer;
  readonly signal: AbortSignal;
}

const backTimeoutMs = 60_000;
const name = "falkordrill-in-place";

/** A connection of its own for each use: the target may have been restarted in between. */
export async function withTarget<T>(target: Engine, work: (connection: Connection) => Promise<T>): Promise<T> {
  await using connection = await connect(target.endpoint, { name });
  return await work(connection);
}

/** One value for everything that a server holds in graphs and functions. */
export async function fingerprintOf(target: Engine, signal: AbortSignal): Promise<string> {
  return fingerprintOfDigest(await digestServer(target.endpoint, signal));
}

export function fingerprintOfDigest(digest: ServerDigest): string {
  return hash("sha256", JSON.stringify(digest));
}

/** Records a restore for the audit. The data is in use by now, so a failure is a note. */
export async function recordRestored({ context, request }: InPlaceRun, point: string, why: string): Promise<void> {
  const into = `into ${address(request.target.endpoint)}`;
  const note = await tryAppend(context, () => [{ does: "restored", point, why: `${into}; ${why}` }]).catch(
    (error: unknown) => `this restore is not in the catalogue: ${errorMessage(error)}`,
  );
  if (note !== undefined) request.progress.note(note);
}

/** Runs work that has to write to the target. */
export async function whileOpen<T>({ request, journal, signal }: InPlaceRun, work: () => Promise<T>): Promise<T> {
  await withTarget(request.target, (connection) => openGate(connection, journal.entry.gate));
  try {
    return await work();
  } finally {
    await withTarget(request.target, (connection) => closeGate(connection, journal.entry.mark, signal));
  }
}

/**
 * Brings a target that an interrupted or failed restore has left into the state of a loaded primary that refuses writes.
 * It may have been restarted since.
 */
export async function holdTarget(
  { keyring }: Pick<BackupContext, "keyring">,
  { target, progress, signal }: Pick<InPlaceRequest, "target" | "progress" | "signal">,
  mark: number,
): Promise<void> {
  const hold = async (): Promise<true | undefined> =>
    await withTarget(target, async (connection) => {
      if ((await connection.info("persistence"))["loading"] !== "0") return undefined;
      if ((await markOf(connection)) !== mark) await closeGate(connection, mark, signal);
      // Released only behind the gate.
      if ((await connection.info("replication"))["role"] !== "master")
        await connection.command("REPLICAOF", "NO", "ONE");
      await releaseLeft(connection, keyring, (line) => progress.note(line));
      return true;
    });
  const what = `${address(target.endpoint)} to answer as a primary`;
  await waitFor(hold, { what, timeoutMs: backTimeoutMs, intervalMaxMs: 500, exit: "notRecovered", signal });
}

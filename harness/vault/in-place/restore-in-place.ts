// A restore into a running server with an application in front of it, which replaces what the server holds: what must be
// confirmed, and what is taken over of one that was interrupted. The steps are in in-place-work.ts.
import { systemClock } from "../../base/clock.ts";
import { address, serverUrl } from "../../base/endpoint.ts";
import { environmentError, usageError } from "../../base/errors.ts";
import { PhaseTimer } from "../../base/phases.ts";
import { passPoint } from "../../base/process/crash-point.ts";
import { formatCount } from "../../base/units.ts";
import type { BackupContext } from "../backup/backup.ts";
import { mustBeAllowed } from "../needed-rights.ts";
import { holdTarget, type InPlaceRequest, withTarget } from "./in-place-run.ts";
import { InPlaceWork, type InPlaceResult } from "./in-place-work.ts";
import { type ClaimedTarget, isOpen, type JournalEntry, RestoreJournal, type TakenOver } from "./journal.ts";
import { rollBackCommand } from "./open-restores.ts";
import { confirmBack, reopening, rollBack, type RolledBack } from "./roll-back.ts";
import { gateSettings, markOf, newMark, restoreMark } from "../restore/write-gate.ts";

/** Rights that the restore, the safety snapshot and the proofs need: a missing one is found before the application is paused. */
const neededRights = [
  "PING",
  "PSYNC",
  "REPLCONF",
  "MODULE LIST",
  "CLIENT INFO",
  "CONFIG SET",
  "DEL",
  "EXISTS",
  "FUNCTION LIST",
  "GRAPH.CONFIG",
  "GRAPH.DELETE",
  "GRAPH.INFO",
  "GRAPH.LIST",
  "GRAPH.QUERY",
  "GRAPH.RO_QUERY",
  "GRAPH.UDF",
  "REPLICAOF",
  "SCAN",
  "SELECT",
] as const;

export async function restoreInPlace(context: BackupContext, request: InPlaceRequest): Promise<InPlaceResult> {
  const { signal } = request;
  await refuseUnconfirmed(request);
  const claimed = await claimedTarget(request);
  await using journal = await RestoreJournal.claim(context, claimed, (last) =>
    takeOver(context, request, claimed, last),
  );
  const timer = new PhaseTimer(context.clock ?? systemClock);
  const work = new InPlaceWork({ context, request, journal, timer, signal });
  return await work.run();
}

async function claimedTarget({ target, point, flags = [], signal }: InPlaceRequest): Promise<ClaimedTarget> {
  const { run_id: runId = "" } = await withTarget(target, (connection) => connection.info("server"));
  return { target: address(target.endpoint), to: serverUrl(target.endpoint), flags, runId, point, signal };
}

/** Refuses what has to be confirmed, or cannot be done, before anything is changed. */
async function refuseUnconfirmed({ target, application, refuseWrites, confirmed }: InPlaceRequest): Promise<void> {
  const where = address(target.endpoint);
  if (application === undefined && !refuseWrites)
    throw usageError(
      `no service was named whose writes are paused while ${where} is restored`,
      "Give --service <http-url> with --service-token-file, or --refuse-writes: then the server answers writes with an error meanwhile.",
    );
  if (confirmed) return;
  const { graphs, keys } = await withTarget(target, async (connection) => ({
    graphs: await connection.graphs(),
    keys: Object.keys(await connection.info("keyspace")).filter((name) => /^db\d+$/.test(name)),
  }));
  if (graphs.length === 0 && keys.length === 0) return;
  const named = graphs.slice(0, 5).map((graph) => JSON.stringify(graph));
  throw usageError(
    `${where} is not empty: it holds ${formatCount(graphs.length)} graphs${named.length === 0 ? "" : ` (${named.join(", ")}${graphs.length > 5 ? ", ..." : ""})`}, which would be replaced`,
    "If that is what you want: --yes. What is there is stored in the vault first.",
  );
}

/**
 * An interrupted restore is taken over where its mark shows that nothing was written to the target since: its safety
 * snapshot holds what was there, and what is there now may be half of a backup.
 */
async function takeOver(
  context: BackupContext,
  { target, progress, signal }: InPlaceRequest,
  claimed: ClaimedTarget,
  last: JournalEntry | undefined,
): Promise<TakenOver> {
  const earlier = last !== undefined && isOpen(last) ? last : undefined;
  return await withTarget(target, async (connection) => {
    const where = address(target.endpoint);
    const mark = await markOf(connection);
    if (earlier !== undefined && earlier.mark === mark) {
      progress.note(`taking over the restore of ${earlier.point}, which ended in the step "${earlier.step}"`);
      await holdTarget(context, { target, progress, signal }, mark);
      return continued(earlier);
    }
    if (mark === restoreMark)
      throw usageError(
        `a restore that failed or was killed has left ${where} so that it refuses writes (min-replicas-to-write ${mark})`,
        "It was empty before: restore into it without --in-place, which empties it.",
      );
    if (mark !== undefined)
      throw environmentError(
        `another restore in place has made ${where} refuse writes (min-replicas-to-write ${mark}), and its journal is not in this vault`,
        "Run the restore with the vault of that one, or, if its data is known to be right, CONFIG SET min-replicas-to-write 0.",
      );
    const unfinished = earlier !== undefined && !isAllBack(earlier, claimed, mark) ? unfinishedIn(earlier) : undefined;
    if (unfinished !== undefined)
      progress.note(
        `an earlier restore of ${unfinished.point} was interrupted, and ${where} was restarted or has taken writes since: it is ` +
          `treated as it is now. What it held before that is backup ${unfinished.safety.id}; to have that back in place of this ` +
          `restore: ${rollBackCommand(claimed)} --yes`,
      );
    if ((await connection.info("replication"))["role"] !== "master")
      throw usageError(
        `${where} is a replica, and a restore needs a primary`,
        "Give the URL of its primary, or end the replication first: REPLICAOF NO ONE.",
      );
    await mustBeAllowed(connection, neededRights);
    // The pause of one that was killed before the server refused writes, or when it took them again.
    const lease = last?.lease === undefined ? {} : { lease: last.lease };
    const left = unfinished === undefined ? {} : { earlier: unfinished };
    return { mark: newMark(), gate: await gateSettings(connection), ...lease, ...left };
  });
}

/** What has to be brought back after a restore that did not end. */
function unfinishedIn({ point, step, safety, earlier }: JournalEntry): JournalEntry["earlier"] {
  // That of a restore after an interrupted one may hold what the first has left.
  return earlier ?? (safety === undefined ? undefined : { point, step, safety });
}

/** Whether a rollback had brought everything back, and was killed only then. */
function isAllBack(last: JournalEntry, { runId }: ClaimedTarget, mark: number | undefined): boolean {
  return last.step === reopening && last.runId === runId && mark === undefined;
}

function continued({ mark, gate, safety, earlier, lease }: JournalEntry): TakenOver {
  return {
    mark,
    gate,
    ...(earlier === undefined ? {} : { earlier }),
    ...(safety === undefined ? {} : { safety }),
    ...(lease === undefined ? {} : { lease }),
  };
}

/**
 * Rolls back a restore in place that was interrupted, or whose own rollback failed. Where a rollback was interrupted that
 * had let the application in again, nothing is brought back any more: what was written since would be lost.
 */
export async function rollBackInPlace(context: BackupContext, request: InPlaceRequest): Promise<RolledBack> {
  const { target, signal } = request;
  const where = address(target.endpoint);
  const claimed = await claimedTarget(request);
  let isBack = false;
  await using journal = await RestoreJournal.claim(context, claimed, async (last) => {
    if (last === undefined || last.state === "restored")
      throw usageError(`no restore in place of ${where} was interrupted, so there is nothing to roll back`);
    const mark = await withTarget(target, markOf);
    isBack = !isOpen(last) || isAllBack(last, claimed, mark);
    if (!isBack && !request.confirmed && mark !== last.mark)
      throw usageError(
        `${where} may have taken writes since that restore was interrupted, and a rollback would drop them`,
        "If that is what you want: --yes.",
      );
    return { ...continued(last), step: last.step };
  });
  passPoint("roll-back/claimed");
  const run = { context, request, journal, timer: new PhaseTimer(), signal };
  const outcome = await (isBack ? confirmBack(run) : rollBack(run));
  passPoint("roll-back/recorded");
  const { lease } = journal.entry;
  // It may have ended by itself by now.
  if (outcome.isBack && lease !== undefined) await request.application?.resume(lease).catch(() => {});
  passPoint("roll-back/resumed");
  return outcome;
}

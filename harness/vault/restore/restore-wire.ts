// Restore into a running, empty server without access to its disk: it becomes a replica of this process for as long as
// it takes to load the snapshot. A replica refuses writes, and it stays one until its indexes are complete; then it is
// examined as a primary behind a closed write gate, so nothing is written too early. After a failure the server is empty
// and a primary again, or refuses writes, and the error says how to get there.
import { passPoint } from "../../base/process/crash-point.ts";
import { address } from "../../base/endpoint.ts";
import { reasonOf } from "../../base/deadline.ts";
import { DrillError, errorOf, errorsOf } from "../../base/errors.ts";
import { waitFor } from "../../base/wait.ts";
import type { Engine } from "../../engine/engine.ts";
import { untilAppendOnlyHolds } from "../../engine/append-only.ts";
import { unloadableGraphs } from "../../engine/load-failure.ts";
import { attachReplica } from "../../falkordb/replication/attach-replica.ts";
import { connect, type Connection } from "../../falkordb/client/connection.ts";
import { liftLimits } from "../../falkordb/client/result-limits.ts";
import { RdbWalk } from "../../falkordb/rdb/rdb-walk.ts";
import { buildIndexes, repair } from "./index-build.ts";
import type { RestoreJob } from "./load-job.ts";
import { examineTarget, mustBeUsable, refuseWithoutRoom, type TargetFacts, tooFewDatabases } from "./restore-target.ts";
import { asked } from "../backup/server-refusal.ts";
import { closedGate, gateCommand } from "./write-gate.ts";
import { TargetWatch } from "./target-watch.ts";
import { undoRestore } from "./undo-restore.ts";

const loadTimeoutMs = 3_600_000;
const askTimeoutMs = 15_000;
const name = "falkordrill-restore";

export async function restoreByWire(job: RestoreJob, target: Engine): Promise<Engine> {
  const facts = await examine(target, job);
  passPoint("target/examined");
  await using watch = new TargetWatch(target.endpoint, facts.runId, job.silenceMs, job.signal);
  try {
    await loadInto(target, { ...job, signal: watch.signal }, facts, watch);
    return target;
  } catch (error) {
    const reason = errorOf(errorsOf(error)[0]);
    // What the server held is known from its answer.
    const isAnswered = reason instanceof DrillError && (reason.exit === "dataWrong" || reason.exit === "usage");
    const lost = job.signal.aborted ? reasonOf(job.signal) : isAnswered ? watch.lost : await watch.whyLost();
    throw await afterFailure(target, job, facts, lost ?? reason);
  }
}

async function examine(target: Engine, job: RestoreJob): Promise<TargetFacts> {
  await using connection = await connect(target.endpoint, {
    name,
    timeoutMs: Math.min(10_000, job.silenceMs),
    commandTimeoutMs: job.silenceMs,
    signal: job.signal,
  });
  return await asked(connection, "a command of the restore", examineTarget(connection, job));
}

async function loadInto(target: Engine, job: RestoreJob, facts: TargetFacts, watch: TargetWatch): Promise<void> {
  const { timer, progress, signal, rawBytes } = job;
  await using connection = await connect(target.endpoint, { name, signal });
  progress.step("load");
  const startMs = timer.elapsedMs();
  const replica = await attachReplica(connection, {
    snapshot: { source: fitting(job, address(target.endpoint), facts.databases), bytes: rawBytes },
    mark: facts.mark,
    onLost: (error) => watch.linkLost(error),
    signal,
  });
  // A server that is not detached at the end is cleaned up by a caller that knows about it.
  await using server = replica.server;
  watch.expectReplica(server.port, () => server.silentMs);
  timer.add("provision", startMs);
  passPoint("target/attached");
  const sendMs = timer.elapsedMs();
  await server.sent;
  timer.add("decrypt + decompress", sendMs, rawBytes);
  passPoint("target/sent");
  await linkUp(target, signal);
  timer.add("load", sendMs, rawBytes);
  passPoint("target/loaded");
  // Its mark holds the limits, for whoever finds it after a crash.
  await using limits = await liftLimits(connection);
  passPoint("target/limits-lifted");
  await job.answered(target, { server, signal });
  await repair(job, connection, await buildIndexes(job, target, connection), server);
  passPoint("target/repaired");
  await refuseWithoutRoom(connection);
  await untilAppendOnlyHolds(connection, {
    name: address(target.endpoint),
    timeoutMs: loadTimeoutMs,
    signal,
    isTarget: true,
  });
  const graphs = await connection.graphs();
  passPoint("target/indexed");
  // Nothing can be written to a replica, so what is proven now is what is handed over.
  await job.replace?.prove(target);
  if (job.replace === undefined) await connection.command(...closedGate);
  passPoint("target/gate-closed");
  watch.expectReplica(undefined);
  await replica.detach(async () => {
    passPoint("target/detached");
    await limits[Symbol.asyncDispose]();
    await mustBeUsable(connection, facts, graphs);
    passPoint("target/usable");
    return job.replace === undefined ? gateCommand(facts.gate).slice(2) : [];
  });
  passPoint("target/released");
}

/** A server ends at once when a snapshot uses a database that it does not have; so such a snapshot is not sent. */
async function* fitting({ snapshot }: RestoreJob, where: string, databases: number): AsyncGenerator<Buffer> {
  const walk = new RdbWalk();
  for await (const chunk of snapshot()) {
    walk.push(chunk);
    if (walk.databases > databases) throw tooFewDatabases(where, databases, walk.databases - 1);
    yield chunk;
  }
}

/** Waits for the load; the target may not answer for a while during it. */
async function linkUp(target: Engine, signal: AbortSignal): Promise<void> {
  let last: Connection | undefined;
  const up = async (): Promise<true | undefined> => {
    last ??= await connect(target.endpoint, { commandTimeoutMs: askTimeoutMs, signal });
    const info = await last.info("replication").catch((error: unknown) => {
      last?.close();
      last = undefined;
      throw error;
    });
    return info["master_link_status"] === "up" ? true : undefined;
  };
  try {
    const what = `${address(target.endpoint)} to load the snapshot`;
    await waitFor(up, { what, timeoutMs: loadTimeoutMs, exit: "notRecovered", signal });
  } finally {
    last?.close();
  }
}

/** The error to throw, with a description of what is left of the restore. */
async function afterFailure(target: Engine, job: RestoreJob, facts: TargetFacts, reason: Error): Promise<Error> {
  const { isClean, words } = await undoRestore(target.endpoint, facts);
  if (isClean || !(reason instanceof DrillError)) job.progress.note(words);
  if (job.signal.aborted && !isClean)
    return new SuppressedError(new DrillError(words, { exit: "notRecovered", code: "target-left" }), reason);
  if (!(reason instanceof DrillError)) return reason;
  const { exit, findingCode, hint } = reason;
  const left = isClean || facts.isReplaced ? undefined : words;
  const hints = [hint, hintFor(reason, facts), left].filter((text) => text !== undefined);
  return new DrillError(reason.message, {
    exit,
    ...(findingCode === undefined ? {} : { code: findingCode }),
    ...(hints.length === 0 ? {} : { hint: hints.join(" ") }),
    cause: reason,
  });
}

function hintFor({ findingCode }: DrillError, { folder, log }: TargetFacts): string | undefined {
  if (findingCode !== "target-refused" && findingCode !== "target-gone") return undefined;
  const where = log === "" ? "its standard output" : log;
  return (
    `Its log (${where}) says why. It keeps the snapshot in its folder ${folder} until that is loaded: is there room, and ` +
    `enough memory? ${unloadableGraphs}`
  );
}

// Restore into a server that we start from the snapshot. The embedded engine reads it from a named pipe, so that
// decrypting and loading overlap and nothing is written to the disk in clear text; a container cannot, so there the
// snapshot is a file in a private folder until the server has loaded it.
//
// The server starts with DELAY_INDEXING, which makes it answer by scans after a tenth of the time. Until its indexes
// are complete, full-text search finds nothing and unique constraints are not enforced (as of 4.16), so it is not
// handed out until then, and refuses writes: `min-replicas-to-write 1` on a server without replicas.
import { execFile } from "node:child_process";
import { constants, createWriteStream, openSync } from "node:fs";
import net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { promisify } from "node:util";
import { passPoint } from "../../base/process/crash-point.ts";
import { helperEnvironment } from "../../base/environment.ts";
import { DrillError, environmentError } from "../../base/errors.ts";
import { waitFor } from "../../base/wait.ts";
import type { Engine } from "../../engine/engine.ts";
import { EngineEndedError } from "../../engine/load-failure.ts";
import { explainSystemError } from "../../base/system-error.ts";
import { privateFolder } from "../../base/process/reaper.ts";
import { EngineStalledError } from "../../engine/stall-watch.ts";
import { connect } from "../../falkordb/client/connection.ts";
import { buildIndexes, repair } from "./index-build.ts";
import type { LoadJob, RestoreJob } from "./load-job.ts";
import { mustBeUsable, refuseWithoutRoom, whyEvicted } from "./restore-target.ts";
import { nothingLeft } from "./left-restore.ts";
import { refuseFullFolder, refuseTooSmallMachine } from "./predict-room.ts";
import { dumpUnloadable } from "../chain/proof-outcome.ts";

const decryptPhase = "decrypt + decompress";
const loadTimeoutMs = 3_600_000;
const openTimeoutMs = 120_000;
const aliveTimeoutMs = 60_000;
type DelayIndexing = "yes" | "no";
const writeGate = { "min-replicas-to-write": "1" } as const;
/** The source may have more than the default of 16 databases; an unused one costs a kilobyte. */
const databases = "1024";

export async function restoreByFile(job: RestoreJob): Promise<Engine> {
  await refuseTooSmallMachine(job.memory);
  if (job.engines.kind !== "embedded") await refuseFullFolder(tmpdir(), job.rawBytes, "the snapshot");
  const target = await loaded(job);
  try {
    await job.answered(target);
    await using connection = await connect(target.endpoint);
    const suspects = await buildIndexes(job, target, connection);
    await refuseWithoutRoom(connection);
    const graphs = await connection.graphs();
    await connection.command("CONFIG", "SET", "min-replicas-to-write", "0");
    passPoint("load/writable");
    await repair(job, connection, suspects);
    await mustBeUsable(connection, { ...nothingLeft, evicted: 0 }, graphs);
    return target;
  } catch (error) {
    const ended = job.signal.aborted ? undefined : await endOf(target);
    const evicted = ended === undefined ? await whyEvicted(target).catch(() => undefined) : undefined;
    await target[Symbol.asyncDispose]();
    throw ended === undefined ? (evicted ?? error) : await blameFor(job, ended);
  }
}

/**
 * A load that stalls, or crashes the engine, is reported and repeated in the slow way, in which no stall was ever seen:
 * a backup is called unloadable only after two failures.
 */
export async function loaded(job: LoadJob): Promise<Engine> {
  const startMs = job.timer.elapsedMs();
  try {
    return await load(job, "yes");
  } catch (error) {
    const isDead = error instanceof EngineEndedError;
    if (job.signal.aborted || !(isDead || error instanceof EngineStalledError)) throw error;
    job.timer.add(isDead ? "failed load" : "stalled load, given up", startMs);
    job.progress.note(`${error.message}; loading once more without DELAY_INDEXING`);
    return await loadedOnce(job, "no");
  }
}

/** Loads a snapshot that can be read only once. */
export async function loadedOnce(job: LoadJob, delayIndexing: DelayIndexing): Promise<Engine> {
  try {
    return await load(job, delayIndexing);
  } catch (error) {
    throw error instanceof EngineEndedError && !job.signal.aborted ? await blameFor(job, error) : error;
  }
}

/** Why an engine that had loaded its snapshot is gone; undefined where it is running. */
export async function endOf(target: Engine): Promise<EngineEndedError | undefined> {
  const error: unknown = await target.ready("loaded", aliveTimeoutMs).catch((reason: unknown) => reason);
  return error instanceof EngineEndedError ? error : undefined;
}

/** The snapshot is blamed for the end of an engine only if an engine without one runs here. */
export async function blameFor(job: Pick<LoadJob, "engines" | "signal">, ended: EngineEndedError): Promise<Error> {
  if (ended.blamed === "machine") return ended;
  try {
    await using _empty = await job.engines.start({ name: "empty", signal: job.signal });
  } catch {
    return ended;
  }
  const {
    hint = "`falkordrill vault restore --logical --to <redis-url>` brings its graphs back without the engine's own loader.",
  } = ended;
  const what = `no engine can be started from this snapshot: ${ended.message}`;
  return new DrillError(what, { exit: "notRecovered", code: dumpUnloadable, hint, cause: ended });
}

async function load(job: LoadJob, delayIndexing: DelayIndexing): Promise<Engine> {
  await using folder = await privateFolder("restore");
  const rdb = join(folder.path, "snapshot.rdb");
  const viaPipe = job.engines.kind === "embedded";
  return viaPipe ? await throughPipe(job, rdb, delayIndexing) : await throughFile(job, rdb, delayIndexing);
}

async function throughPipe(job: LoadJob, pipe: string, delayIndexing: DelayIndexing): Promise<Engine> {
  await promisify(execFile)("mkfifo", ["-m", "600", pipe], { env: helperEnvironment() });
  passPoint("load/pipe-made");
  const stop = new AbortController();
  const signal = AbortSignal.any([job.signal, stop.signal]);
  // The side that fails first stops the other one, and its error is the one reported.
  const stopAll = (error: unknown): never => {
    stop.abort(error);
    throw error;
  };
  const startMs = job.timer.elapsedMs();
  let openedMs = startMs;
  const feed = async (): Promise<net.Socket> => {
    const sink = await openPipe(pipe, signal);
    openedMs = job.timer.elapsedMs();
    job.timer.add("provision", startMs);
    job.progress.step("load");
    // Redis opens the file a second time after loading it, to drop it from the page cache; that open would block for
    // ever without a writer, so this end stays open until the server is ready.
    const piped = (): Promise<void> => pipeline(job.snapshot(), sink, { signal, end: false });
    await job.timer.during(decryptPhase, piped, () => job.rawBytes);
    return sink;
  };
  const [engine, fed] = await Promise.allSettled([
    start(job, pipe, delayIndexing, signal).catch(stopAll),
    feed().catch((error: unknown) => {
      // The reader is gone: the server itself has to report the reason, which comes a moment later.
      if ((error as NodeJS.ErrnoException).code === "EPIPE") throw error;
      return stopAll(error);
    }),
  ]);
  if (fed.status === "fulfilled") fed.value.destroy();
  if (engine.status === "fulfilled" && fed.status === "fulfilled") {
    job.timer.add("load", openedMs, job.rawBytes);
    passPoint("load/loaded");
    return engine.value;
  }
  if (engine.status === "fulfilled") await engine.value[Symbol.asyncDispose]();
  throw stop.signal.aborted ? stop.signal.reason : (fed as PromiseRejectedResult).reason;
}

async function throughFile(job: LoadJob, file: string, delayIndexing: DelayIndexing): Promise<Engine> {
  job.progress.step(decryptPhase);
  await job.timer.during(
    decryptPhase,
    () =>
      pipeline(job.snapshot(), createWriteStream(file, { flags: "wx", mode: 0o600 }), { signal: job.signal }).catch(
        (error: unknown) => {
          throw fileError(error, file);
        },
      ),
    () => job.rawBytes,
  );
  job.progress.step("load");
  return job.timer.during(
    "load",
    () => start(job, file, delayIndexing, job.signal),
    () => job.rawBytes,
  );
}

function start(job: LoadJob, rdb: string, delayIndexing: DelayIndexing, signal: AbortSignal): Promise<Engine> {
  return job.engines.start({
    rdb,
    name: job.name,
    readiness: "loaded",
    timeoutMs: loadTimeoutMs,
    moduleArgs: { DELAY_INDEXING: delayIndexing },
    redisConfig: { ...writeGate, databases },
    signal,
  });
}

/** A pipe opens for writing once a process has it open for reading: the server, when it begins to load. */
async function openPipe(path: string, signal: AbortSignal): Promise<net.Socket> {
  const opened = (): number | undefined => {
    try {
      return openSync(path, constants.O_WRONLY | constants.O_NONBLOCK);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENXIO") return undefined;
      throw error;
    }
  };
  const fd = await waitFor(opened, {
    exit: "notRecovered",
    what: "the target to open its snapshot",
    timeoutMs: openTimeoutMs,
    intervalMs: 2,
    signal,
  });
  return new net.Socket({ fd, readable: false, writable: true });
}

/** Explains a file system error while writing a snapshot in clear text, which says nothing about the backup. */
export function fileError(error: unknown, file: string): unknown {
  const { code } = error as NodeJS.ErrnoException;
  if (code !== "ENOSPC" && code !== "EDQUOT") return explainSystemError(error, file) ?? error;
  return environmentError(`there is no room for the snapshot in ${file}`, "Free space there.", error);
}

// A restore in place of the lost engine, at the same address, while writers keep retrying at the graph service. From
// the disaster until the system hands over the engine every write is refused whole; then writers continue, and no
// acknowledged write is missing or stored twice.
import { waitFor } from "../../../base/wait.ts";
import type { Engine, EngineProvider } from "../../../engine/engine.ts";
import type { WriteOutcome, WriteRecord } from "../../../workload/history/history.ts";
import { type RunningWriters, startWriters } from "../../../workload/writers.ts";
import { openDrillHistory } from "../../../record/drill-history.ts";
import type { Drill } from "../../drill.ts";
import { backUp } from "../../steps/back-up.ts";
import { killAndWipe } from "../../steps/break-it.ts";
import { measure } from "../../steps/measure.ts";
import { prove } from "../../steps/prove.ts";
import { report } from "../../steps/report.ts";
import { restore, type Restored } from "../../steps/restore.ts";
import { judgeGate } from "./judge.ts";
import { openCoordinationSetup, type CoordinationSetup } from "./coordination-setup.ts";

const writersDuringRestore = 4;
const groups = ["drill-during-restore-0", "drill-during-restore-1"];
const refusalsAwaited = 8;
const writesAwaited = 20;
const waitMs = 30_000;
/** Deadline from the disaster to the first acknowledged write, in milliseconds. */
const restoreTimeoutMs = 600_000;

export async function restoreUnderWriters(drill: Drill): Promise<void> {
  await using resources = new AsyncDisposableStack();
  const scene = await openCoordinationSetup(drill, resources);
  const { stage, plan, content, writers } = scene;
  if (stage.source.kind === "external") {
    drill.record.notCovered("a restore in the place of the source: an external engine cannot be replaced");
    return;
  }
  const backup = await backUp(drill, stage, writers);
  await writers.moreAcknowledged("after the backup");
  // The writers from before the disaster finish in order: the outcome of each write is known. New ones retry from here
  // on.
  await writers.stop();
  const disaster = await killAndWipe(drill, stage, writers);
  await using duringRestore = startDuringRestore(drill, scene);
  await waitFor(() => duringRestore.counts.refused >= refusalsAwaited || undefined, {
    exit: "inconclusive",
    what: `${refusalsAwaited} writes to be refused while there is no database`,
    timeoutMs: waitMs,
    signal: drill.signal,
  });
  const { endpoint } = stage.source;
  const engines = inPlaceOf(stage.source);
  const restored = await restore({ ...drill, engines }, plan, { stage, content, backup, disaster }, resources);
  if (restored.target.endpoint.port !== endpoint.port)
    drill.record.assumption("engine-moved", "the restored engine is at another address, where no writer can find it");
  const running = await duringRestore.started;
  const enough = running.acked + writesAwaited;
  await waitFor(() => running.acked >= enough || undefined, {
    exit: "notRecovered",
    what: `${writesAwaited} writes to be acknowledged after the restore`,
    timeoutMs: waitMs,
    signal: drill.signal,
  });
  await running.stop();
  recordWritersDuringRestore(drill, duringRestore, restored, disaster.atMs);
  const later = [{ through: "service" as const, groups }];
  const proof = await prove(drill, plan, { stage, content, backup, disaster, restored, writers, later });
  await measure(drill, { content, backup, disaster, restored, proof });
  report(drill, plan, content, backup);
  drill.record.requireWitnesses("writesRefusedDuringRestore", "writesAcknowledgedDuringRestore");
}

interface WritersDuringRestore extends AsyncDisposable {
  readonly counts: Readonly<Record<WriteOutcome, number>>;
  /** When the first write was acknowledged, on the history clock; undefined before. */
  readonly firstAckMs: number | undefined;
  /** Resolves with the first acknowledged write. */
  readonly started: Promise<RunningWriters>;
}

function startDuringRestore(drill: Drill, { stage }: CoordinationSetup): WritersDuringRestore {
  const { seed, dims, options } = drill;
  const history = openDrillHistory(drill.directory, drill.id);
  const stop = new AbortController();
  const counts: Record<WriteOutcome, number> = { ok: 0, refused: 0, failed: 0, unknown: 0 };
  let firstAckMs: number | undefined;
  const record = (write: WriteRecord): void => {
    history.record(write);
    counts[write.outcome] += 1;
    if (write.outcome === "ok") firstAckMs ??= write.completedMs;
  };
  const started = startWriters({
    service: stage.service,
    writers: writersDuringRestore,
    names: "restore-writer",
    profile: { kind: "constant", perSecond: 100 },
    seed,
    dims,
    schema: options.schema,
    groups,
    history: { record },
    startTimeoutMs: restoreTimeoutMs,
    signal: AbortSignal.any([drill.signal, stop.signal]),
  });
  started.catch(() => {});
  return {
    counts,
    started,
    get firstAckMs() {
      return firstAckMs;
    },
    [Symbol.asyncDispose]: async () => {
      stop.abort();
      await started.then((running) => running[Symbol.asyncDispose]()).catch(() => {});
      history[Symbol.dispose]();
    },
  };
}

/** An engine provider whose only engine is this one, restarted at its address. */
function inPlaceOf(engine: Engine): EngineProvider {
  return {
    kind: engine.kind,
    unavailable: () => Promise.resolve(undefined),
    start: async (options) => {
      await engine.restart(options);
      return engine;
    },
  };
}

function recordWritersDuringRestore(
  { record }: Drill,
  { counts, firstAckMs }: WritersDuringRestore,
  restored: Restored,
  atMs: number,
): void {
  record.witness("writesRefusedDuringRestore", counts.refused);
  record.witness("writesAcknowledgedDuringRestore", counts.ok);
  record.metric("writesUnknownDuringRestore", counts.unknown);
  record.metric("firstWriteAfterDisasterMs", firstAckMs === undefined ? undefined : firstAckMs - atMs);
  const answeredMs = restored.rtoMs === undefined ? Number.POSITIVE_INFINITY : atMs + restored.rtoMs;
  for (const finding of judgeGate(firstAckMs, answeredMs)) record.finding(finding);
}

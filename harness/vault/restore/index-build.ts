// From the first correct answer to the hand-over: the indexes are built, and those that the engine loads wrongly are
// found meanwhile and rebuilt. The same for both ways of restoring.
import type { Engine } from "../../engine/engine.ts";
import type { Connection } from "../../falkordb/client/connection.ts";
import type { ReplicationServer } from "../../falkordb/replication/replication-server.ts";
import type { RestoreJob } from "./load-job.ts";
import { repairIndexes, type Suspect, zerosUnderIndexes } from "./repair-indexes.ts";

const buildTimeoutMs = 3_600_000;

export async function buildIndexes(job: RestoreJob, target: Engine, connection: Connection): Promise<Suspect[]> {
  job.progress.step("index");
  const [suspects] = await Promise.all([
    zerosUnderIndexes(connection),
    job.timer.during("index build", () => target.ready("operational", buildTimeoutMs, job.signal)),
  ]);
  return suspects;
}

/** `server` is set where the target is a replica of this process; any other must accept writes by now. */
export async function repair(
  job: RestoreJob,
  connection: Connection,
  suspects: readonly Suspect[],
  server?: ReplicationServer,
): Promise<void> {
  if (suspects.length === 0) return;
  const repaired = await job.timer.during("index repair", () =>
    repairIndexes(connection, suspects, job.signal, server),
  );
  for (const name of repaired)
    job.progress.note(`the engine loaded the index on ${name} without its zeros; it was rebuilt`);
}

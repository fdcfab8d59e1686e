// The loss of the source, as it was observed: an engine of the drill's own is killed and its files are removed; an
// external server is flushed.
import { systemClock } from "../../base/clock.ts";
import { errorMessage } from "../../base/errors.ts";
import type { Engine } from "../../engine/engine.ts";
import { connect } from "../../falkordb/client/connection.ts";
import type { FaultRecord } from "../../fault/fault-record.ts";
import { processIdOf } from "../../fault/kinds/engine-process.ts";
import type { Drill } from "../drill.ts";

/**
 * The process must no longer answer afterwards. `pid`: process id of the source, obtained beforehand with
 * `processIdOf`; with it the signal is sent synchronously by this call.
 */
export async function killSource(source: Engine, pid?: number): Promise<FaultRecord & { readonly atMs: number }> {
  const id = pid ?? (await processIdOf(source).catch(() => undefined));
  const atMs = systemClock.monotonicMs();
  await source.kill();
  const answer = await processIdOf(source).then(
    (still) => `process ${still} answers`,
    (error: unknown) => errorMessage(error),
  );
  const fired = id !== undefined && !answer.startsWith("process ");
  return { atMs, fault: "kill", fired, detail: { engine: source.kind, pid: id, answer } };
}

/** No other client may write to it any more. */
export async function flushSource(source: Engine): Promise<FaultRecord> {
  await using connection = await connect(source.endpoint);
  const keys = async (): Promise<string[]> => Object.values(await connection.info("keyspace"));
  const before = await keys();
  await source.wipe();
  const after = await keys();
  const fired = before.length > 0 && after.length === 0;
  return { fault: "flush", fired, detail: { engine: source.kind, keyspaceBefore: before, keyspaceAfter: after } };
}

/** Records what was done; a fault that did not happen proves nothing. */
export function recordFault(drill: Drill, { fault, fired, detail }: FaultRecord): void {
  drill.directory.append("faults.jsonl", { scenario: drill.id, fault, fired, detail });
  if (fired) drill.record.witness("faultsFired", 1);
  else drill.record.assumption("fault-did-not-fire", `the fault "${fault}" did not do what it should`, detail);
}

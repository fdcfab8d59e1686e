// GRAPH.BULK hangs a server forever about once in a hundred loads of a fresh one: its main thread waits for a lock that
// no thread holds any more. Reproduced by loading repeatedly; each hang has to be noticed within seconds.
import { systemClock } from "../../../base/clock.ts";
import { EngineHungError } from "../../../falkordb/client/hang-watch.ts";
import { loadDataset } from "../../../falkordb/load/load.ts";
import { contentOf } from "../../setup/content.ts";
import type { Drill } from "../../drill.ts";

export interface HangBounds {
  readonly loadsMax: number;
  readonly forMs: number;
}

export async function playsBulkHang(drill: Drill, { loadsMax, forMs }: HangBounds): Promise<void> {
  const { record, progress, signal } = drill;
  const endMs = systemClock.monotonicMs() + forMs;
  progress.step(`load fresh engines, up to ${loadsMax} times`);
  for (let load = 0; load < loadsMax && systemClock.monotonicMs() < endMs; load += 1) {
    signal.throwIfAborted();
    progress.advance(load, loadsMax, "items");
    await loadOnce(drill, load);
  }
  record.requireWitnesses("loadsMade");
}

async function loadOnce(drill: Drill, load: number): Promise<void> {
  const { record, engines, signal } = drill;
  await using engine = await engines.start({ name: "source", signal });
  // A different graph each time, seeded by the drill and the load.
  const content = contentOf({ ...drill, seed: drill.seed + load }, { variant: "clean" });
  record.witness("loadsMade", 1);
  try {
    await loadDataset(engine.endpoint, content, { signal, server: engine, indexes: "none" });
  } catch (error) {
    if (!(error instanceof EngineHungError)) throw error;
    const { message, evidence } = error;
    record.witness("engineHangs", 1);
    record.metric("hangNoticedMs", evidence.silentMs);
    record.observation(`engine-hung-${load}`, evidence);
    record.finding({ code: "engine-hung", severity: "info", subject: `load ${load}`, message, evidence: { load } });
  }
}

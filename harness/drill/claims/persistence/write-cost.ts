// What a mode costs the writers: full speed against it and against an engine that persists nothing, alternately.
import { median } from "simple-statistics";
import { pace } from "../../../base/timer.ts";
import type { Engine } from "../../../engine/engine.ts";
import { startEngineWriters } from "../../../workload/engine-writers.ts";
import { createVolume } from "../../../fault/volume.ts";
import type { Drill } from "../../drill.ts";
import { type PersistenceMachine, volumeBytes } from "./machine.ts";
import type { Protection } from "./mode.ts";

const writers = 4;
const nobody = { record: () => {} };

export async function measureWriteCost(
  drill: Drill,
  { source, volume }: PersistenceMachine,
  protection: Protection,
): Promise<void> {
  const { profile } = drill.options;
  const [rounds, windowMs] = profile === "nightly" || profile === "release" ? [5, 3000] : [3, 400];
  drill.progress.step("measure what the mode costs the writers");
  await using resources = new AsyncDisposableStack();
  // On the same disk as the source's, or the disks would be compared.
  const disk = volume === undefined ? undefined : resources.use(await createVolume(volumeBytes));
  const redisConfig = disk === undefined ? {} : { dir: disk.path };
  const bare = resources.use(await drill.engines.start({ name: "bare", signal: drill.signal, redisConfig }));
  const rates: { bare: number[]; mode: number[] } = { bare: [], mode: [] };
  for (let round = 0; round < rounds; round += 1) {
    const graph = `write-cost-${round}`;
    const [ofBare, ofMode] = [
      async () => rates.bare.push(await rate(drill, bare, graph, windowMs)),
      async () => rates.mode.push(await rate(drill, source, graph, windowMs, protection.burden?.bind(protection))),
    ];
    // The order within pairs alternates, so that a drift of the machine affects both.
    for (const measure of round % 2 === 0 ? [ofBare, ofMode] : [ofMode, ofBare]) await measure();
  }
  const [alone, protectedRate] = [median(rates.bare), median(rates.mode)];
  drill.record.metric("bareWritesPerSecond", alone);
  drill.record.metric("protectedWritesPerSecond", protectedRate);
  if (alone > 0) drill.record.metric("writeCostShare", 1 - protectedRate / alone);
}

/** Acknowledged writes per second within a window, which lasts as long as the background load if there is one. */
async function rate(
  drill: Drill,
  { endpoint }: Engine,
  graph: string,
  windowMs: number,
  burden?: () => Promise<void>,
): Promise<number> {
  const options = { endpoint, kind: "counter", graph, writers, seed: drill.seed, history: nobody } as const;
  await using running = await startEngineWriters({ ...options, profile: { kind: "flat-out" } });
  await (burden?.() ?? pace(windowMs, drill.signal));
  const { acked, elapsedMs } = await running.stop();
  return elapsedMs === 0 ? 0 : (acked * 1000) / elapsedMs;
}

// What benchmarks of whole commands begin from: a FalkorDB with the graph of the context, and a vault to back it up to.
import { join } from "node:path";
import { dataset } from "../../generators/dataset.ts";
import type { Dataset } from "../../generators/model.ts";
import { systemClock } from "../base/clock.ts";
import type { Engine } from "../engine/engine.ts";
import { privateFolder } from "../base/process/reaper.ts";
import { loadDataset } from "../falkordb/load/load.ts";
import { referenceSystem } from "../system/reference/reference.ts";
import type { BackupSystem, RestorePoint } from "../system/system.ts";
import type { BenchContext } from "./benchmark.ts";

export interface BenchSource extends AsyncDisposable {
  readonly engine: Engine;
  readonly content: Dataset;
  readonly system: BackupSystem;
}

export async function benchSource({ nodes, dims, seed, ...context }: BenchContext): Promise<BenchSource> {
  const { engines, progress, signal } = context;
  await using stack = new AsyncDisposableStack();
  const folder = stack.use(await privateFolder("bench"));
  const system = stack.use(await referenceSystem({ vault: join(folder.path, "vault"), profile: "interop" }));
  const engine = stack.use(await engines.start({ name: "bench-source", signal }));
  const content = dataset({ seed, nodes, dims, shape: "large", variant: "clean", schema: "post1856" });
  progress.step(`load ${nodes} nodes`);
  await loadDataset(engine.endpoint, content, { signal, progress });
  const owned = stack.move();
  return { engine, content, system, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

/** One backup of the source, without an application to pause. */
export async function timedBackup(
  { system, engine: source }: BenchSource,
  { progress, signal }: BenchContext,
): Promise<{ ms: number; point: RestorePoint }> {
  const startedMs = systemClock.monotonicMs();
  const { point } = await system.backup({ source, coordinator: undefined, progress, signal });
  return { ms: systemClock.monotonicMs() - startedMs, point };
}

// An embedded engine with content, for tests. FalkorDB's hang in a bulk load (docs/track-record.md) says nothing about
// what a test is for, so such a load begins once more on a fresh engine, as it does in a drill.
import type { Dataset } from "../../../generators/model.ts";
import { silentProgress } from "../../base/progress.ts";
import { embeddedEngines } from "../../engine/embedded.ts";
import type { Engine } from "../../engine/engine.ts";
import { loadDespite } from "../../engine/stall-watch.ts";
import { EngineHungError } from "../client/hang-watch.ts";
import { loadDataset } from "../load/load.ts";

/**
 * Starts an engine and loads `content` into it. Throws what the load throws, apart from the first hang. `onStep` hears of
 * each step of the load: a test of this function pauses the engine there.
 */
export async function loadedEngine(
  name: string,
  content: Dataset,
  onStep: (engine: Engine, step: string) => void = () => {},
): Promise<Engine> {
  return await loadDespite(EngineHungError, () => startAndLoad(name, content, onStep));
}

async function startAndLoad(
  name: string,
  content: Dataset,
  onStep: (engine: Engine, step: string) => void,
): Promise<Engine> {
  const engine = await embeddedEngines().start({ name });
  try {
    const progress = { ...silentProgress, step: (step: string) => onStep(engine, step) };
    await loadDataset(engine.endpoint, content, { server: engine, progress });
    return engine;
  } catch (error) {
    await engine[Symbol.asyncDispose]();
    throw error;
  }
}

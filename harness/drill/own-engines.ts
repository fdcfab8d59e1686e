import type { EngineProvider } from "../engine/engine.ts";
import { engineProvider } from "../engine/engines.ts";

/** For what cannot be done on the server of somebody else, such as starting from a file. */
export function ownEngines(engines: EngineProvider): EngineProvider {
  return engines.kind === "external" ? engineProvider("auto") : engines;
}

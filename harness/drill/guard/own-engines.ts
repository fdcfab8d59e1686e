import type { Engine, EngineProvider } from "../../engine/engine.ts";
import type { Observation } from "../../check/observation.ts";
import { engineProvider } from "../../engine/engines.ts";

/** Marks an observation of a target that replaces an external server: its settings are those of the drill. */
export function asStandIn(observation: Observation, engines: EngineProvider, target: Engine): Observation {
  const { server } = observation;
  if (server === undefined || engines.kind === target.kind) return observation;
  return { ...observation, server: { ...server, isStandIn: true } };
}

/** Provides engines for what cannot be done on an external server, such as starting from a file. */
export function ownEngines(engines: EngineProvider): EngineProvider {
  return engines.kind === "external" ? engineProvider("auto") : engines;
}

import type { Engine, EngineProvider } from "../../engine/engine.ts";
import type { Observation } from "../../check/observation.ts";
import { engineProvider } from "../../engine/engines.ts";

/** What was read of a target that stands in for the server of somebody else says so: its settings are those of the drill. */
export function asStandIn(observation: Observation, engines: EngineProvider, target: Engine): Observation {
  const { server } = observation;
  if (server === undefined || engines.kind === target.kind) return observation;
  return { ...observation, server: { ...server, isStandIn: true } };
}

/** For what cannot be done on the server of somebody else, such as starting from a file. */
export function ownEngines(engines: EngineProvider): EngineProvider {
  return engines.kind === "external" ? engineProvider("auto") : engines;
}

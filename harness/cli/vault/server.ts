// Engines that `vault` starts for its own use, next to the server that it backs up.
import { usageError } from "../../base/errors.ts";
import type { EngineProvider } from "../../engine/engine.ts";
import { engineProvider } from "../../engine/engines.ts";

const isolatedKinds = ["auto", "embedded", "container"] as const;

export function isolatedEngines(name: string): EngineProvider {
  const kind = isolatedKinds.find((known) => known === name);
  if (kind === undefined) throw usageError(`--engine "${name}" is not one of ${isolatedKinds.join(", ")}`);
  return engineProvider(kind);
}

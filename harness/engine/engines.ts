// Chooses the kind of engine for a drill.
import type { Endpoint } from "../base/endpoint.ts";
import { usageError } from "../base/errors.ts";
import type { Progress } from "../base/progress.ts";
import { containerEngines } from "./container/container.ts";
import { embeddedEngines } from "./embedded.ts";
import type { EngineKind, EngineProvider } from "./engine.ts";
import { externalEngines } from "./external.ts";

export interface EngineChoice {
  /** The server of an external engine. */
  readonly external?: Endpoint | undefined;
  /** The external engine may be emptied when this is its host:port. */
  readonly wipeConsent?: string | undefined;
  /** Notified of preparations, such as fetching libraries. */
  readonly progress?: Progress | undefined;
  /** Folder in which engines started here keep their files for inspection; else they are removed with the engine. */
  readonly keepIn?: string | undefined;
}

/**
 * `auto` is the embedded engine: the same FalkorDB, without further requirements on the machine. Throws a `DrillError`
 * (`usage`, exit code 2) if the choice names an external server and the kind does not, or the other way round.
 */
export function engineProvider(kind: "auto" | EngineKind, choice: EngineChoice = {}): EngineProvider {
  const { external, wipeConsent, progress, keepIn } = choice;
  if (kind === "external") {
    if (external === undefined) throw usageError("an external engine needs its URL", "Pass --url redis://host:port");
    return externalEngines({ endpoint: external, wipeConsent });
  }
  if (external !== undefined) throw usageError(`--url goes with --engine external, not with ${kind}`);
  if (kind === "container") return containerEngines(keepIn);
  return embeddedEngines({ keepIn, ...(progress === undefined ? {} : { progress }) });
}

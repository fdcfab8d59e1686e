// Chooses the way in which a drill has its engines.
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
  /** Hears about preparations, such as fetching libraries. */
  readonly progress?: Progress | undefined;
  /** Where the folders of engines of our own stay, for a look afterwards; else they go with their engines. */
  readonly keepIn?: string | undefined;
}

/** `auto` is the embedded engine: the same FalkorDB, and it needs nothing that the machine may not have. */
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

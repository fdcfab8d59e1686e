// Chooses the way in which a drill has its engines.
import { usageError } from "../base/errors.ts";
import type { Progress } from "../base/progress.ts";
import { embeddedEngines } from "./embedded.ts";
import type { EngineKind, EngineProvider } from "./engine.ts";

export interface EngineChoice {
  /** Of an external engine: redis://[user:password@]host:port. */
  readonly url?: string | undefined;
  /** The external engine may be emptied when this is its host:port. */
  readonly wipeConsent?: string | undefined;
  readonly progress?: Progress | undefined;
}

export function engineProvider(kind: "auto" | EngineKind, choice: EngineChoice = {}): EngineProvider {
  const { url, progress } = choice;
  if (kind !== "external" && url !== undefined) throw usageError(`a URL goes with --engine external, not with ${kind}`);
  switch (kind) {
    case "auto":
    case "embedded":
      return embeddedEngines(progress === undefined ? {} : { progress });
    case "container":
    case "external":
      throw usageError(`engine ${kind} is not there yet`);
  }
}

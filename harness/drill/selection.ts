// What the command line hands to the vitest worker: which scenarios, with which options.
import { type DrillOptions, resolveOptions } from "./options.ts";

export interface Selection {
  /** Ids to run; undefined runs whatever the file defines. */
  readonly ids: readonly string[] | undefined;
  readonly options: DrillOptions;
}

/** Plain `vitest run --project scenarios`, without the command line: the smallest profile. */
export function defaultSelection(): Selection {
  return { ids: undefined, options: resolveOptions([], { profile: "pr", out: ".falkordrill/runs/vitest" }) };
}
